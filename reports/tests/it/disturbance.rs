//! Which trials of a block something outside the study disturbed.

use crate::common::{figures, measured, skipped};
use evenkeel_reports::stats::disturbed;
use evenkeel_reports::{HostShares, IntervalRecord, Measured, Trial};

/// A trial during which the hypervisor and other processes took these shares of the CPUs.
fn trial(strategy: &str, taken: &[f64]) -> Trial {
    let intervals = taken.iter().map(|&others| IntervalRecord {
        at_s: 0.0,
        duration_s: 0.1,
        requests: 1,
        errors: 0,
        p50_us: None,
        p99_us: None,
        max_us: None,
        per_worker: Vec::new(),
        stalled_us: None,
        histogram: None,
        host: Some(HostShares { steal: 0.0, others }),
    });
    let figures = Measured {
        intervals: intervals.collect(),
        ..figures(&[100], 80.0, 1.5, None)
    };
    measured(strategy, "bare", 0, figures)
}

/// Trials of one strategy in consecutive blocks, during which others took these shares.
fn blocks(strategy: &str, taken: &[f64]) -> Vec<Trial> {
    let trials = (0..).zip(taken).map(|(block, &taken)| Trial {
        block,
        ..trial(strategy, &[taken])
    });
    trials.collect()
}

fn names(trials: &[Trial], block: u32) -> Vec<&str> {
    let disturbed = disturbed(trials, block);
    disturbed.iter().map(|(t, _)| t.strategy.as_str()).collect()
}

#[test]
fn a_trial_is_disturbed_if_others_took_more_of_the_cpus_than_in_its_other_blocks() {
    let trials = [
        blocks("a", &[0.0, 0.01, 0.11]),
        blocks("b", &[0.02, 0.0, 0.03]),
    ]
    .concat();
    assert_eq!(names(&trials, 2), ["a"]);
    assert_eq!(names(&trials, 1), Vec::<&str>::new());
    assert_eq!(
        disturbed(&trials, 2)[0].1,
        "the hypervisor and other processes took 11% of the CPUs, and usually 1.0%"
    );
}

#[test]
fn two_blocks_do_not_show_what_is_usual() {
    assert_eq!(names(&blocks("a", &[0.0, 0.9]), 1), Vec::<&str>::new());
}

#[test]
fn a_neighbour_that_is_always_there_disturbs_no_trial_unless_another_comes() {
    let trials = [
        blocks("busy", &[0.30, 0.33, 0.28, 0.55]),
        blocks("idle", &[0.80, 0.82, 0.79, 0.84]),
        blocks("another", &[0.30, 0.33, 0.28, 0.70]),
    ]
    .concat();
    assert_eq!(names(&trials, 3), ["another"]);
}

#[test]
fn the_shares_of_a_trial_are_those_of_its_intervals_on_average() {
    let mut trials = blocks("a", &[0.0, 0.0, 0.0]);
    trials.push(Trial {
        block: 3,
        ..trial("a", &[0.01, 0.21])
    });
    assert_eq!(names(&trials, 3), ["a"]);
}

#[test]
fn a_late_generator_disturbs_a_trial_of_any_length() {
    let mut late = trial("late", &[]);
    late.measured_mut().unwrap().late = true;
    let trials = [trial("a", &[]), late, trial("b", &[])];
    assert_eq!(names(&trials, 0), ["late"]);
}

#[test]
fn what_the_strategy_did_disturbs_nothing() {
    let mut wrong = trial("wrong", &[0.01]);
    let figures = wrong.measured_mut().unwrap();
    (figures.valid, figures.throughput_rps) = (false, 1.0);
    figures.errors.insert("reset".to_owned(), 50);
    let trials = [trial("a", &[0.0]), wrong, skipped("c", "bare", 0, "no BPF")];
    assert_eq!(names(&trials, 0), Vec::<&str>::new());
}
