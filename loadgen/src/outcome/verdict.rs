//! Whether the figures of a run are valid.

use std::time::Duration;

use evenkeel_common::units;

use super::{ErrorClass, LATE_AFTER, Outcome};
use crate::arrival::Deviation;

/// Share of requests that may be late: small enough that they do not change the tail of the
/// latencies.
const LATE_SHARE: f64 = 0.001;

/// Number of late requests that is always allowed, so that a short run does not depend on a single
/// interrupt. Reports use the same number to decide which percentiles a run can support.
const LATE_REQUESTS: f64 = 10.0;

/// Lag up to this share of the median response time is always allowed: it is small compared with what
/// is measured.
const ALLOWED_LAG_OF_MEDIAN: f64 = 0.5;

/// An offered rate is met if this share of the arrivals was sent before the window closed: the rest
/// waits at its end in any case.
const MET_SHARE: f64 = 0.99;

/// Why the figures are not valid; empty if they are. `missing` is the number of connections that were
/// not open at an edge of the window.
pub(super) fn invalid_because(outcome: &Outcome, missing: usize) -> Vec<String> {
    [
        unanswered(outcome),
        late(outcome),
        rate_not_met(outcome),
        off_schedule(outcome),
        missing_connections(missing),
        exhausted(
            outcome,
            ErrorClass::PortsExhausted,
            "local ports ran out",
            "more client addresses",
        ),
        exhausted(
            outcome,
            ErrorClass::DescriptorsExhausted,
            "file descriptors ran out",
            "a higher limit on open files",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn unanswered(outcome: &Outcome) -> Option<String> {
    (outcome.requests == 0).then(|| "no request was answered within the window".to_owned())
}

fn late(outcome: &Outcome) -> Option<String> {
    let share = (LATE_REQUESTS / outcome.lag.len().max(1) as f64).clamp(LATE_SHARE, 0.5);
    let lag = Duration::from_nanos(outcome.lag.value_at_quantile(1.0 - share));
    let median = Duration::from_nanos(outcome.response.value_at_quantile(0.5));
    // Requests that do not count as late never make a trial invalid.
    let allowed = LATE_AFTER.max(median.mul_f64(ALLOWED_LAG_OF_MEDIAN));
    (lag > allowed).then(|| {
        format!(
            "the generator was late: {:.1}% of its requests had a lag of {} or more, and with a median \
             response time of {} at most {} is allowed; use more load CPUs or a lower rate",
            share * 100.0,
            time(lag),
            time(median),
            time(allowed),
        )
    })
}

/// A time for people: `24.1 ms`.
fn time(time: Duration) -> String {
    units::duration(time.as_secs_f64() * 1e6)
}

/// The number of arrivals sent in time, if they are too few.
fn unmet(outcome: &Outcome) -> Option<String> {
    let offered = outcome.offered?;
    let few = (offered.sent_in_window as f64) < MET_SHARE * offered.arrivals as f64 - LATE_REQUESTS;
    few.then(|| {
        format!(
            "the offered rate was not met: {} of {} requests were sent in time",
            offered.sent_in_window, offered.arrivals
        )
    })
}

/// A generator without time to read answers keeps connections busy, so it caused the lack of
/// connections.
fn rate_not_met(outcome: &Outcome) -> Option<String> {
    let unmet = unmet(outcome).filter(|_| outcome.is_generator_bound())?;
    let busy = outcome.generator_cpu_share * 100.0;
    Some(format!(
        "{unmet}, and the load CPUs were {busy:.0}% busy; use more load CPUs or a lower rate"
    ))
}

fn off_schedule(outcome: &Outcome) -> Option<String> {
    let schedule = outcome.offered?.schedule;
    let failures: Vec<String> = schedule
        .failures()
        .map(|(name, deviation)| {
            let Deviation { figure, allowed } = deviation;
            format!("{name} is off by {figure:.3}, and {allowed:.3} is allowed")
        })
        .collect();
    let failures = (!failures.is_empty()).then(|| failures.join(", "))?;
    Some(format!(
        "the arrivals were not those requested: {failures}; this is a bug of the generator, please report it"
    ))
}

/// What a reader should know of valid figures.
pub(super) fn notes(outcome: &Outcome) -> Vec<String> {
    let unmet = unmet(outcome).filter(|_| !outcome.is_generator_bound());
    let waited = outcome.offered.map_or(0, |offered| offered.waited);
    let note = unmet.map(|unmet| {
        format!(
            "{unmet}, and {waited} found all connections busy: the server or the number of \
             connections was the limit"
        )
    });
    note.into_iter().collect()
}

fn missing_connections(missing: usize) -> Option<String> {
    (missing > 0).then(|| {
        format!("{missing} connections were not open at the start or the end of the window")
    })
}

fn exhausted(outcome: &Outcome, class: ErrorClass, what: &str, remedy: &str) -> Option<String> {
    let times = outcome.errors.get(&class)?;
    Some(format!("{what} {times} times; use {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::ScheduleCheck;
    use crate::outcome::{Offered, Recorder};

    /// Returns an outcome of a thousand requests with these times in milliseconds.
    fn outcome(response_ms: u64, lag_ms: u64) -> Outcome {
        let mut outcome = Outcome::of_window(Recorder::default(), Duration::from_secs(1), 1);
        outcome.requests = 1_000;
        outcome
            .response
            .record_n(response_ms * 1_000_000, 1_000)
            .expect("in range");
        outcome
            .lag
            .record_n(lag_ms * 1_000_000, 1_000)
            .expect("in range");
        outcome
    }

    #[test]
    fn lag_is_compared_with_the_median_response_time() {
        for (response_ms, lag_ms, valid) in
            [(1, 0, true), (1, 2, false), (10, 2, true), (10, 6, false)]
        {
            let reasons = invalid_because(&outcome(response_ms, lag_ms), 0);
            assert_eq!(
                reasons.is_empty(),
                valid,
                "{response_ms} ms, lag {lag_ms} ms: {reasons:?}"
            );
        }
    }

    #[test]
    fn ten_late_requests_or_one_in_a_thousand_are_allowed() {
        for (requests, late, valid) in [
            (1_000, 9, true),
            (1_000, 12, false),
            (100_000, 90, true),
            (100_000, 120, false),
        ] {
            let mut outcome = outcome(1, 0);
            outcome.lag.clear();
            outcome.lag.record_n(1, requests - late).expect("in range");
            outcome.lag.record_n(50_000_000, late).expect("in range");
            let reasons = invalid_because(&outcome, 0);
            assert_eq!(
                reasons.is_empty(),
                valid,
                "{late} of {requests}: {reasons:?}"
            );
        }
    }

    /// Returns the outcome of an open loop that sent `sent_in_window` of a thousand arrivals while its
    /// window was open, with `missed` arrivals more than requested.
    fn open_loop(sent_in_window: u64, missed: f64) -> Outcome {
        let count = Deviation {
            figure: missed,
            allowed: 1.0,
        };
        let offered = Offered {
            arrivals: 1_000,
            offered_rps: Some(1_000.0),
            sent_in_window,
            waited: 1_000 - sent_in_window,
            late: 0,
            schedule: ScheduleCheck {
                gaps: 999,
                spacing: None,
                correlation: None,
                count: Some(count),
            },
        };
        Outcome {
            offered: Some(offered),
            ..outcome(1, 0)
        }
    }

    #[test]
    fn a_rate_that_was_not_met_is_a_reason_if_the_generator_was_the_limit() {
        for (sent, share, invalid, noted) in [
            (1_000, 0.99, false, false),
            (980, 0.99, false, false),
            (979, 0.99, true, false),
            (979, 0.94, false, true),
            (0, 0.5, false, true),
        ] {
            let mut outcome = open_loop(sent, 0.0);
            outcome.generator_cpu_share = share;
            let reasons = invalid_because(&outcome, 0);
            assert_eq!(!reasons.is_empty(), invalid, "{sent} {share}: {reasons:?}");
            let notes = notes(&outcome);
            assert_eq!(!notes.is_empty(), noted, "{sent} {share}: {notes:?}");
            let figures = format!("{sent} of 1000 requests were sent in time");
            assert!(
                reasons
                    .iter()
                    .chain(&notes)
                    .all(|why| why.contains(&figures))
            );
        }
    }

    #[test]
    fn arrivals_that_were_not_those_requested_are_a_reason() {
        for (missed, valid) in [(0.0, true), (-1.0, true), (-2.0, false), (2.0, false)] {
            let reasons = invalid_because(&open_loop(1_000, missed), 0);
            assert_eq!(reasons.is_empty(), valid, "{missed}: {reasons:?}");
            let expected = format!("count is off by {missed:.3}, and 1.000 is allowed");
            assert!(
                reasons.iter().all(|why| why.contains(&expected)),
                "{reasons:?}"
            );
        }
    }

    #[test]
    fn each_shortage_is_a_reason_of_its_own() {
        let mut outcome = outcome(1, 0);
        outcome.errors.insert(ErrorClass::PortsExhausted, 3);
        outcome.errors.insert(ErrorClass::Refused, 3);
        let reasons = invalid_because(&outcome, 2);
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].starts_with("2 connections"));
        assert!(reasons[1].starts_with("local ports ran out 3 times"));
    }

    #[test]
    fn a_window_without_an_answer_is_invalid() {
        let mut outcome = outcome(1, 0);
        outcome.requests = 0;
        assert_eq!(invalid_because(&outcome, 0).len(), 1);
    }
}
