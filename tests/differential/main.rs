//! HTTP as nginx and HAProxy understand it: the same requests and answers pass through our proxy, on both of
//! its paths, and through theirs; requests also go to a worker. What is compared is what arrived at the
//! backend and at the client. Each difference is in a table of `docs/http.md`, with its reason.

mod backend;
mod cases;
mod client;
mod message;
mod observed;
#[path = "../support/mod.rs"]
mod support;
mod systems;
mod table;

use std::thread;

use evenkeel_strategies::policy::{round_robin::ROUND_ROBIN, sticky_header::STICKY_HEADER};

use cases::{Case, Cases};
use client::Exchange;
use observed::Observed;
use support::SKIPPED;
use systems::{HAPROXY, NGINX, Other, Server, System, proxy, worker};
use table::{Difference, Table};

/// Environment variable with the names of peers that are installed, so they may not be skipped.
const MUST_RUN: &str = "EVENKEEL_MUST_RUN_PEERS";

const REQUESTS: &str = include_str!("data/requests.toml");
const ANSWERS: &str = include_str!("data/answers.toml");

/// Lets a server take part in a case.
type Try = fn(&Server, &Cases, &Case) -> Exchange;

#[test]
fn requests_are_understood_as_by_nginx_and_haproxy() {
    let table = Table::below("## Requests");
    let Some(others) = others(&table) else { return };
    let cases = Cases::read(REQUESTS);
    assert!(cases.all().len() >= 600, "too few requests");
    let ours = vec![proxy(&ROUND_ROBIN), worker()];
    let systems: Vec<System> = ours.into_iter().chain(others).collect();
    check(&table, &systems, &cases, client::send, observed::request);
}

#[test]
fn answers_are_understood_as_by_nginx_and_haproxy() {
    let table = Table::below("## Answers");
    let Some(others) = others(&table) else { return };
    let cases = Cases::read(ANSWERS);
    assert!(cases.all().len() >= 100, "too few answers");
    let ours = vec![proxy(&ROUND_ROBIN)];
    let systems: Vec<System> = ours.into_iter().chain(others).collect();
    check(&table, &systems, &cases, client::ask, observed::answer);
}

#[test]
fn both_paths_of_the_proxy_do_the_same() {
    let paths = [proxy(&ROUND_ROBIN), proxy(&STICKY_HEADER)];
    for (data, of_case) in [(REQUESTS, client::send as Try), (ANSWERS, client::ask)] {
        let cases = Cases::read(data);
        let [fast, slow] = &exchanges(&paths, &cases, of_case)[..] else {
            panic!("two paths")
        };
        let cases = cases.all();
        for ((case, fast), slow) in cases.iter().zip(fast).zip(slow) {
            assert_eq!(fast.sorted(), slow.sorted(), "{}", case.name());
        }
    }
}

/// Starts the other systems of a table, or says why not.
fn others(table: &Table) -> Option<Vec<System>> {
    let named = &table.systems[table.systems.len() - 2..];
    for (other, named) in [NGINX, HAPROXY].iter().zip(named) {
        if let Err(reason) = fits(other, named) {
            eprintln!("{SKIPPED}comparison with {named}: {reason}");
            return None;
        }
    }
    Some([NGINX, HAPROXY].iter().map(Other::start).collect())
}

/// Whether the version that a table names is installed.
fn fits(other: &Other, named: &str) -> Result<(), String> {
    let Some(installed) = other.version() else {
        let must_run = std::env::var_os(MUST_RUN).unwrap_or_default();
        let mut must_run = must_run.to_str().unwrap_or_default().split_whitespace();
        let must_run = must_run.any(|peer| peer == other.peer);
        assert!(!must_run, "{} is not installed", other.name);
        return Err(format!("install {}", other.name));
    };
    let version = named.split(' ').next_back().unwrap_or_default();
    match installed.contains(&format!("{version}.")) {
        true => Ok(()),
        false => Err(format!("installed is: {installed}")),
    }
}

/// Compares all systems in all cases, and the differences with the table.
fn check(
    table: &Table,
    systems: &[System],
    cases: &Cases,
    of_case: Try,
    observe: fn(&Exchange) -> Observed,
) {
    let all = exchanges(systems, cases, of_case);
    let mut found = Vec::new();
    for (index, case) in cases.all().into_iter().enumerate() {
        let observed: Vec<Observed> = all.iter().map(|one| observe(&one[index])).collect();
        let differences = Difference::among(&observed);
        found.extend(differences.into_iter().map(|it| (case.clone(), it)));
    }
    let wrong = table.judge(&found);
    assert!(wrong.is_empty(), "docs/http.md:\n{}", wrong.join("\n"));
}

/// Tries all cases with all systems at a time, and returns what they led to, in the order of the cases.
fn exchanges(systems: &[System], cases: &Cases, of_case: Try) -> Vec<Vec<Exchange>> {
    let all = cases.all();
    let all = &all;
    thread::scope(|scope| {
        let trying = systems.iter().map(|system| &system.server).map(|server| {
            scope.spawn(move || {
                all.iter()
                    .map(|case| of_case(server, cases, case))
                    .collect()
            })
        });
        let trying: Vec<_> = trying.collect();
        let tried = trying.into_iter().map(|it| it.join().expect("no panic"));
        tried.collect()
    })
}
