//! Which trials of a block something outside the study disturbed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{figures, measured, skipped};
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

fn names(block: &[Trial]) -> Vec<&str> {
    let block: Vec<&Trial> = block.iter().collect();
    let disturbed = disturbed(&block);
    disturbed.iter().map(|(t, _)| t.strategy.as_str()).collect()
}

#[test]
fn a_trial_is_disturbed_if_others_took_more_of_the_cpus_than_they_usually_do() {
    let block = [
        trial("a", &[0.0, 0.02]),
        trial("b", &[0.01, 0.21]),
        trial("c", &[0.0, 0.0]),
    ];
    assert_eq!(names(&block), ["b"]);
    let all: Vec<&Trial> = block.iter().collect();
    assert_eq!(
        disturbed(&all)[0].1,
        "the hypervisor and other processes took 11% of the CPUs, and 1.0% in the median trial of \
         this block"
    );
}

#[test]
fn a_neighbour_that_is_always_there_disturbs_no_trial() {
    let block = [0.30, 0.33, 0.28, 0.34].map(|taken| trial("a", &[taken]));
    assert_eq!(names(&block), Vec::<&str>::new());
}

#[test]
fn a_late_generator_disturbs_a_trial_of_any_length() {
    let mut late = trial("late", &[]);
    late.measured_mut().unwrap().late = true;
    let block = [trial("a", &[]), late, trial("b", &[])];
    assert_eq!(names(&block), ["late"]);
}

#[test]
fn what_the_strategy_did_disturbs_nothing() {
    let mut wrong = trial("wrong", &[0.01]);
    let figures = wrong.measured_mut().unwrap();
    (figures.valid, figures.throughput_rps) = (false, 1.0);
    figures.errors.insert("reset".to_owned(), 50);
    let block = [trial("a", &[0.0]), wrong, skipped("c", "bare", 0, "no BPF")];
    assert_eq!(names(&block), Vec::<&str>::new());
}
