use super::*;
use crate::arrival::ScheduleCheck;
use crate::outcome::{Offered, Recorder, Unfinished};

/// Returns an outcome of a thousand requests with these times in milliseconds.
fn outcome(response_ms: u64, lag_ms: u64) -> Outcome {
    let mut outcome = Outcome::of_window(Recorder::default(), Duration::from_secs(1), 1);
    outcome.requests = 1_000;
    outcome.reached = true;
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

/// Adds the times of `count` requests in microseconds: the service, and the lag before it.
fn add(outcome: &mut Outcome, count: u64, service_us: u64, lag_us: u64) {
    for (histogram, time_us) in [
        (&mut outcome.service, service_us),
        (&mut outcome.lag, lag_us),
        (&mut outcome.response, service_us + lag_us),
    ] {
        histogram
            .record_n(time_us * 1_000, count)
            .expect("in range");
    }
}

/// Returns why an open loop is not valid in which `late` of these requests were sent late.
fn why_invalid(requests: u64, late: u64, service_us: u64, lag_us: u64) -> Vec<String> {
    let mut outcome = open_loop(1_000, 0.0);
    outcome.response.clear();
    outcome.lag.clear();
    add(&mut outcome, requests - late, service_us, 0);
    add(&mut outcome, late, service_us, lag_us);
    invalid_because(&outcome, 0)
}

#[test]
fn lag_may_add_a_quarter_to_each_percentile() {
    for (late, lag_us, percentile) in [
        (1_200, 3_000, Some("the p50 is ")),
        (1_200, 2_000, None),
        (400, 3_000, Some("the p90 is ")),
        (90, 3_000, Some("the p99 is ")),
        (90, 2_000, None),
    ] {
        let reasons = why_invalid(2_000, late, 10_000, lag_us);
        match percentile {
            None => assert!(reasons.is_empty(), "{late}: {reasons:?}"),
            Some(percentile) => assert!(reasons[0].contains(percentile), "{late}: {reasons:?}"),
        }
    }
}

#[test]
fn lag_up_to_a_millisecond_and_ten_late_requests_are_allowed() {
    for (late, service_us, lag_us, valid) in [
        (1_000, 100, 900, true),
        (1_000, 100, 1_100, false),
        (9, 10_000, 500_000, true),
        (12, 10_000, 500_000, false),
    ] {
        let reasons = why_invalid(1_000, late, service_us, lag_us);
        assert_eq!(
            reasons.is_empty(),
            valid,
            "{late}, {lag_us} µs: {reasons:?}"
        );
    }
}

#[test]
fn where_requests_wait_for_connections_lag_is_compared_with_the_median() {
    for (response_ms, lag_ms, valid) in [(1, 0, true), (1, 2, false), (10, 2, true), (10, 6, false)]
    {
        let outcome = Outcome {
            offered: open_loop(800, 0.0).offered,
            ..outcome(response_ms, lag_ms)
        };
        let reasons = invalid_because(&outcome, 0);
        assert_eq!(
            reasons.is_empty(),
            valid,
            "{response_ms} ms, lag {lag_ms} ms: {reasons:?}"
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
    for (sent, share, waited, invalid, noted) in [
        (1_000, 0.99, 0.0, false, false),
        (980, 0.99, 0.0, false, false),
        (979, 0.99, 0.0, true, false),
        (979, 0.59, 0.4, true, false),
        (979, 0.94, 0.0, false, true),
        (0, 0.5, 0.0, false, true),
    ] {
        let mut outcome = open_loop(sent, 0.0);
        outcome.generator_cpu_share = share;
        outcome.generator_wait_share = waited;
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
    outcome.connect_errors.insert(ErrorClass::PortsExhausted, 3);
    outcome.connect_errors.insert(ErrorClass::Refused, 3);
    let reasons = invalid_because(&outcome, 2);
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].starts_with("2 connections"));
    assert!(reasons[1].starts_with("local ports ran out 3 times"));
}

#[test]
fn overdue_requests_are_noted_and_are_a_reason_where_they_would_change_a_figure() {
    let with = |answers, overdue, held_share| {
        let mut outcome = outcome(1, 0);
        outcome.requests = answers;
        outcome.unfinished = Unfinished {
            requests: 64,
            overdue,
            longest: Duration::from_millis(700),
            held_share,
        };
        let texts = (invalid_because(&outcome, 0), notes(&outcome));
        let reasons = [texts.0.as_slice(), texts.1.as_slice()].concat();
        assert!(
            reasons.iter().all(|why| why.contains("up to 700 ms")),
            "{reasons:?}"
        );
        (texts.0.len(), texts.1.len())
    };
    assert_eq!(with(1_000, 0, 0.0), (0, 0));
    assert_eq!(with(1_000, 10, 0.009), (0, 1));
    assert_eq!(with(1_000, 11, 0.009), (1, 0));
    assert_eq!(with(100_000, 100, 0.009), (0, 1));
    assert_eq!(with(100_000, 1, 0.011), (1, 0));
}

#[test]
fn response_times_of_requests_without_an_answer_are_not_known() {
    let mut outcome = outcome(1, 0);
    outcome.errors.insert(ErrorClass::Cut, 500);
    assert!((outcome.known_up_to() - 1.0).abs() < 1e-9);
    outcome.errors.insert(ErrorClass::TimedOut, 100);
    outcome.errors.insert(ErrorClass::Unsent, 100);
    outcome.unfinished.overdue = 50;
    assert!((outcome.known_up_to() - 0.8).abs() < 1e-9);
}

#[test]
fn failed_connects_and_repeated_requests_are_noted_and_harmless() {
    let mut outcome = outcome(1, 0);
    outcome.connect_errors.insert(ErrorClass::Refused, 3);
    outcome.repeated.count(ErrorClass::Unanswered, true);
    outcome.repeated.count(ErrorClass::ClosedAsItWasSent, false);
    assert!(invalid_because(&outcome, 0).is_empty());
    let notes = notes(&outcome);
    assert_eq!(notes[0], "attempts to connect failed: 3 × refused");
    assert!(
        notes[1].ends_with("an answer: 2, of which 1 was answered"),
        "{notes:?}"
    );
}

#[test]
fn a_window_without_an_answer_is_invalid() {
    let mut outcome = outcome(1, 0);
    outcome.requests = 0;
    assert_eq!(invalid_because(&outcome, 0).len(), 1);
}
