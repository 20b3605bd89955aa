//! A made-up study in which fleets change.

use std::collections::BTreeMap;

use evenkeel_reports::{Account, ChangeRecord, LoopKind, Loss, Study, TimelineEvent, Trial};

use super::time_series::INTERVALS;
use super::{figures, header, measured, skipped, time_series};

pub(crate) const BLOCKS: u32 = 12;

/// Reloads of a trial.
const RELOADS: u32 = 2;

/// Three strategies under a scenario with two reloads in each trial: one loses nothing, one loses requests
/// in every block, and one cannot change.
pub(crate) fn study() -> Study {
    let strategies = ["shared-listener", "reuseport", "single"];
    let mut header = header(&strategies, &[("reload-keep-alive", LoopKind::Closed)]);
    header.plan.blocks = BLOCKS;
    let blocks = (0..BLOCKS).flat_map(|block| {
        let reason = "there is no second worker to take over";
        [
            trial("shared-listener", block, &[]),
            trial(
                "reuseport",
                block,
                &[
                    ("reset-before-sending", 3),
                    ("unanswered", u64::from(block % 2)),
                ],
            ),
            skipped("single", "reload-keep-alive", block, reason),
        ]
    });
    Study {
        header,
        trials: blocks.collect(),
        warnings: Vec::new(),
    }
}

fn trial(strategy: &str, block: u32, lost: &[(&str, u64)]) -> Trial {
    let per_worker = [1_000 + u64::from(block), 1_000];
    let mut figures = figures(&per_worker, 300.0, 1.5, None);
    let lost = lost.iter().filter(|(_, count)| *count > 0);
    figures.errors = lost
        .map(|(class, count)| ((*class).to_owned(), *count))
        .collect::<BTreeMap<_, _>>();
    figures.moved = Some(64);
    figures.repeated = Some(5);
    figures.account = Some(account(figures.requests, &figures.errors));
    time_series::add_to(strategy, &mut figures);
    dip(&mut figures.intervals);
    let mut trial = measured(strategy, "reload-keep-alive", block, figures);
    trial.changes = (0..RELOADS).map(reload).collect();
    trial.timeline = timeline();
    trial
}

/// All losses are in the first reload, on connections of worker 0 while it drains.
fn account(requests: u64, errors: &BTreeMap<String, u64>) -> Account {
    let losses = errors.iter().flat_map(|(class, count)| {
        (0..*count).map(|_| Loss {
            at_s: 0.5,
            sent_s: 0.5,
            class: class.clone(),
            worker: Some(0),
            kept: true,
        })
    });
    let losses: Vec<Loss> = losses.collect();
    let mut classes = errors.clone();
    classes.insert("answered".into(), requests);
    Account {
        requests: requests + losses.len() as u64,
        classes,
        losses,
        ..Account::default()
    }
}

/// Halves throughput and doubles p99 of the second interval of the first reload.
fn dip(intervals: &mut [evenkeel_reports::IntervalRecord]) {
    assert_eq!(intervals.len() as u64, INTERVALS);
    let low = &mut intervals[3];
    low.requests /= 2;
    low.p99_us = low.p99_us.map(|us| us * 2.0);
}

fn reload(number: u32) -> ChangeRecord {
    let began_s = 0.45 + f64::from(number);
    ChangeRecord {
        what: "reload".into(),
        due_s: began_s,
        began_s,
        ended_s: began_s + 0.3,
        error: None,
    }
}

/// Both workers come before the measured time, and are replaced one after the other in each reload.
fn timeline() -> Vec<TimelineEvent> {
    let mut timeline = Vec::new();
    let mut add = |at_s, event: &str, worker, generation| {
        timeline.push(TimelineEvent {
            at_s,
            event: event.into(),
            worker: Some(worker),
            generation: Some(generation),
            pid: Some(1000 + (generation * 2 + worker) as i32),
            intended: (event == "exit").then_some(true),
            detail: (event == "exit").then(|| "exit code 0".into()),
        });
    };
    for worker in 0..2 {
        add(-0.6, "fork", worker, 0);
        add(-0.55, "admitted", worker, 0);
    }
    for reload in 0..RELOADS {
        for worker in 0..2 {
            let begins_s = 0.45 + f64::from(reload) + 0.15 * f64::from(worker);
            add(begins_s, "fork", worker, reload + 1);
            add(begins_s + 0.01, "online", worker, reload + 1);
            add(begins_s + 0.015, "listening", worker, reload + 1);
            add(begins_s + 0.02, "admitted", worker, reload + 1);
            add(begins_s + 0.025, "answered", worker, reload + 1);
            add(begins_s + 0.03, "draining", worker, reload);
            add(begins_s + 0.14, "exit", worker, reload);
        }
    }
    timeline
}
