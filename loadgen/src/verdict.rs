//! The generator judges itself.

use std::time::Duration;

use crate::failure::ErrorClass;
use crate::outcome::Outcome;

/// The share of requests that may be sent late: small enough to see what spoils
/// the tail of the latencies.
const LATE_SHARE: f64 = 0.001;

/// So many late requests are allowed in any case, or a short run would hang on
/// a single interrupt. Reports use the same number to say which percentiles a
/// run can bear.
const LATE_REQUESTS: f64 = 10.0;

/// Lag up to this is never held against a trial: the paths of real clients vary
/// by as much, and a wake-up on a host with a little other work takes as long.
const ALLOWED_LAG: Duration = Duration::from_millis(1);

/// Lag up to this share of the median response time is never held against a
/// trial either: it is small against what is being measured.
const ALLOWED_LAG_OF_MEDIAN: f64 = 0.5;

/// Why the numbers are not to be trusted; empty if they are. `missing` is the
/// number of connections that were not open when they should have been.
pub(crate) fn invalid_because(outcome: &Outcome, missing: usize) -> Vec<String> {
    [
        unanswered(outcome),
        late(outcome),
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
    let allowed = ALLOWED_LAG.max(median.mul_f64(ALLOWED_LAG_OF_MEDIAN));
    (lag > allowed).then(|| {
        format!(
            "the generator was late: {:.1}% of its requests were sent {lag:.1?} or more after they \
             could have been, and {allowed:.1?} is allowed; use more load CPUs or a lower rate",
            share * 100.0
        )
    })
}

fn missing_connections(missing: usize) -> Option<String> {
    (missing > 0).then(|| {
        format!("{missing} connections were not open at the beginning or the end of the window")
    })
}

fn exhausted(outcome: &Outcome, class: ErrorClass, what: &str, remedy: &str) -> Option<String> {
    let times = outcome.errors.get(&class)?;
    Some(format!("{what} {times} times; use {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::Recorder;

    /// An outcome of a thousand requests with these times in milliseconds.
    fn outcome(response_ms: u64, lag_ms: u64) -> Outcome {
        let mut outcome = Outcome::of_window(Recorder::new(), Duration::from_secs(1), 1);
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
    fn lag_is_judged_against_the_median_response() {
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
    fn ten_late_requests_or_one_in_a_thousand_are_forgiven() {
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
    fn a_window_without_an_answer_says_nothing() {
        let mut outcome = outcome(1, 0);
        outcome.requests = 0;
        assert_eq!(invalid_because(&outcome, 0).len(), 1);
    }
}
