//! What the command line and a study file set.

use std::path::Path;
use std::time::Duration;

use super::{plan, settings};
use crate::plan::Plan;
use crate::values::Whole;

#[test]
fn the_command_line_overrides_the_study_file() {
    let line = settings("blocks = 7\nscenarios = ['skewed']");
    let file = settings("blocks = 1\nseed = 9\nscenarios = ['bare']\n[load]\nduration = '2s'");
    let both = line.or(file);
    let (blocks, seed) = (both.blocks.map(Whole::u32), both.seed.map(Whole::u64));
    assert_eq!((blocks, seed), (Some(7), Some(9)));
    assert_eq!(both.scenarios, [Path::new("skewed")]);
    assert_eq!(both.load.duration, Some(Duration::from_secs(2)));
}

#[test]
fn a_study_file_may_contain_scenarios() {
    let inline = "[[scenario]]\nname = 'mine'\nloop = 'closed'\nconnections = 1\nwork = '/'";
    let names = |plan: Plan| {
        plan.scenarios
            .into_iter()
            .map(|scenario| scenario.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(plan(inline)), ["mine"]);
    assert_eq!(
        names(plan(&format!("scenarios = ['skewed']\n{inline}"))),
        ["skewed", "mine"]
    );
}

#[test]
fn options_of_load_apply_to_every_scenario_that_has_them() {
    let plan = plan("[load]\nconnections = 9\nrate = 50.0");
    assert!(
        plan.scenarios
            .iter()
            .all(|scenario| scenario.connections == 9)
    );
    let rates: Vec<_> = plan
        .scenarios
        .iter()
        .map(|scenario| scenario.offered_rps(4))
        .collect();
    assert_eq!(rates, [None, None, Some(50.0)]);
}

#[test]
fn the_record_names_what_options_changed_in_scenarios() {
    let record = plan("[load]\nconnections = 9\nrate = 50.0").record();
    let [short_lived, _, skewed] = &record.scenarios[..] else {
        panic!("three scenarios: {record:?}");
    };
    assert_eq!(
        short_lived.load,
        "9 connections (instead of 64), 1 request each"
    );
    assert_eq!(
        skewed.load,
        "Poisson arrivals at 50 requests/s (instead of 70% of capacity), at most \
         9 connections (instead of 1024), 1 request each"
    );
    let orders: Vec<_> = skewed
        .overrides
        .iter()
        .map(|order| order.what.as_str())
        .collect();
    assert_eq!(orders, ["connections", "rate"]);
    let same = plan("[load]\nconnections = 64").record();
    assert_eq!(same.scenarios[0].overrides, []);
    assert_eq!(same.scenarios[0].load, "64 connections, 1 request each");
}

#[test]
fn a_dry_run_shows_strategies_scenarios_and_time() {
    let shown = plan("").to_string();
    for expected in [
        "handoff:sticky",
        "skewed",
        "open loop, Poisson arrivals at 70% of capacity (1,436 requests/s with 4 workers)",
        "3 scenarios × 7 blocks = ",
        "800ms after 200ms of warm-up",
        "about",
    ] {
        assert!(
            shown.contains(expected),
            "{expected} is missing in\n{shown}"
        );
    }
}
