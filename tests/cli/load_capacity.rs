//! `evenkeel load --find-capacity`: that it ends, what it shows, and what it refuses.

use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::program::{end_of, evenkeel, signal, start};
use crate::served::serve;

#[test]
fn with_an_impossible_limit_the_search_goes_down_to_the_lowest_rate() {
    let served = serve("single");
    let line = format!(
        "load -q {} --find-capacity max<0us -d 500ms --rate 64 --format json",
        served.url
    );
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(finished.code, Some(99), "{finished:?}");
    assert!(
        finished
            .err
            .contains("no rate that was tried keeps max<0us"),
        "{finished:?}"
    );
    let found: Value = serde_json::from_str(&finished.out).expect("JSON");
    assert_eq!(found["type"], "capacity");
    assert!(found["kept_rps"].is_null() && found["broken_rps"].is_f64());
    let trials = found["trials"].as_array().expect("a list");
    let rates: Vec<f64> = trials
        .iter()
        .filter_map(|trial| trial["rate_rps"].as_f64())
        .collect();
    assert!(rates.is_sorted_by(|a, b| a >= b), "{rates:?}");
    assert!(
        trials
            .iter()
            .all(|trial| trial["kept"] == false && trial["because"].is_string())
    );
}

#[test]
fn the_capacity_found_fits_a_worker_of_known_speed() {
    let served = serve("single");
    // One worker that blocks for 20 ms answers at most 50 requests per second.
    let line = format!(
        "load -q {}block/20000 --find-capacity p50<10s -d 300ms --timeout 300ms --rate 200 --format csv",
        served.url
    );
    let finished = evenkeel(&line, Path::new("/"));
    let rates = finished.out.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse::<f64>().expect("a rate"), cells[2] == "true")
    });
    let kept: Vec<f64> = rates
        .filter_map(|(rate, kept)| kept.then_some(rate))
        .collect();
    // On a busy machine the capacity is lower, but never four times what the worker can do.
    assert!(kept.iter().all(|rate| *rate < 200.0), "{finished:?}");
    // On a busy machine the generator may be the limit, which gives 3 in any case.
    let expected = if kept.is_empty() { 99 } else { 0 };
    assert!(
        matches!(finished.code, Some(code) if code == expected || code == 3),
        "{finished:?}"
    );
}

#[test]
fn the_search_begins_near_what_a_closed_loop_gets() {
    let served = serve("single");
    // One worker that blocks for 20 ms answers at most 50 requests per second.
    let line = format!(
        "load -q {}block/20000 --find-capacity p50<10s -d 300ms --timeout 300ms --format json",
        served.url
    );
    let finished = evenkeel(&line, Path::new("/"));
    let found: Value = serde_json::from_str(&finished.out).expect("JSON");
    assert!(
        found["trials"][0]["rate_rps"].as_f64() < Some(50.0),
        "{found}"
    );
    let note = found["notes"][0].as_str().expect("a note");
    assert!(note.starts_with("a closed loop of 500ms got"), "{note}");
}

#[test]
fn ctrl_c_ends_the_search_and_shows_the_rates_tried() {
    let served = serve("single");
    let line = format!("load {} --find-capacity p50<1h -d 200ms", served.url);
    let search = start(&line, Path::new("/"));
    std::thread::sleep(std::time::Duration::from_secs(1));
    signal(&search, Signal::SIGINT);
    let finished = end_of(search);
    assert_eq!(finished.code, Some(130), "{finished:?}");
    assert!(
        finished.out.contains("capacity with p50<1h") || finished.out.contains("no rate"),
        "{finished:?}"
    );
}

#[test]
fn invalid_searches_are_refused() {
    for (options, words) in [
        ("--find-capacity p99", "it has no comparison"),
        (
            "--find-capacity p99<5ms --fail-if max>1s",
            "cannot be used with",
        ),
        (
            "--find-capacity p99<5ms --arrivals ramp:9 --rate 1",
            "do not have a single rate",
        ),
    ] {
        let finished = evenkeel(
            &format!("load http://127.0.0.1:1/ {options}"),
            Path::new("/"),
        );
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}
