//! Whether the figures of a run are valid.

use std::time::Duration;

use evenkeel_common::units;

use super::{ErrorClass, Outcome, stalls};
use crate::arrival::Deviation;

mod lateness;

pub(super) use lateness::late;

/// Share of requests that may be late: small enough that they do not change the tail of the
/// latencies.
const LATE_SHARE: f64 = 0.001;

/// Number of late requests that is always allowed, so that a short run does not depend on a single
/// interrupt. Reports use the same number to decide which percentiles a run can support.
const LATE_REQUESTS: f64 = 10.0;

/// An offered rate is met if this share of the arrivals was sent before the window closed: the rest
/// waits at its end in any case.
const MET_SHARE: f64 = 0.99;

/// Share of what a closed loop can have in flight that overdue requests may hold up: the throughput is
/// too low by as much, and comparisons of throughput look for differences of a few percent.
const HELD_SHARE: f64 = 0.01;

/// Why the figures are not valid; empty if they are. `missing` is the number of connections that were
/// not open at an edge of the window.
pub(super) fn invalid_because(outcome: &Outcome, missing: usize) -> Vec<String> {
    let of_both = [
        unanswered(outcome),
        cut_off(outcome),
        missing_connections(missing),
    ];
    of_both
        .into_iter()
        .flatten()
        .chain(of_generator(outcome).map(|(_, reason)| reason))
        .collect()
}

/// Why the figures say nothing about the server, since the generator or its host was the limit: each
/// reason in a few words, and whole.
pub(super) fn of_generator(outcome: &Outcome) -> impl Iterator<Item = (&'static str, String)> {
    let (ports, files) = ("local ports ran out", "file descriptors ran out");
    let no_port = exhausted(
        outcome,
        ErrorClass::PortsExhausted,
        ports,
        "more client addresses",
    );
    let no_file = exhausted(
        outcome,
        ErrorClass::DescriptorsExhausted,
        files,
        "a higher limit on open files",
    );
    let reasons = [
        ("the generator was late", late(outcome)),
        ("the load threads had no time left", rate_not_met(outcome)),
        (
            "the arrivals were not those requested",
            off_schedule(outcome),
        ),
        (ports, no_port),
        (files, no_file),
    ];
    let reasons = reasons.into_iter();
    reasons.filter_map(|(name, reason)| Some((name, reason?)))
}

fn unanswered(outcome: &Outcome) -> Option<String> {
    let statuses: Vec<String> = outcome
        .statuses
        .iter()
        .map(|(status, count)| format!("{count} × {status}"))
        .collect();
    (outcome.requests == 0).then(|| match statuses.is_empty() {
        true => "no request was answered within the window".to_owned(),
        false => format!("no answer had an expected status: {}", statuses.join(", ")),
    })
}

/// Overdue requests, if there are so many that a percentile would change with their answers, or if they
/// held up so much that the throughput would.
fn cut_off(outcome: &Outcome) -> Option<String> {
    let unfinished = outcome.unfinished;
    let allowed = LATE_REQUESTS.max(LATE_SHARE * outcome.requests as f64);
    let is_much = unfinished.overdue as f64 > allowed || unfinished.held_share > HELD_SHARE;
    let is_harmful = is_much && unfinished.longest >= stalls::SHORTEST;
    overdue(outcome).filter(|_| is_harmful)
}

/// The number of overdue requests, if there are any.
fn overdue(outcome: &Outcome) -> Option<String> {
    let unfinished = outcome.unfinished;
    let count = match unfinished.overdue {
        _ if outcome.requests == 0 => return None,
        0 => return None,
        1 => "1 request was".to_owned(),
        many => format!("{many} requests were"),
    };
    Some(format!(
        "{count} unanswered at the end of the measured time and had waited for longer than any answer \
         took, up to {}: mean, maximum and each percentile above {:.3}% are lower bounds",
        time(unfinished.longest),
        outcome.known_up_to() * 100.0
    ))
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
pub(super) fn rate_not_met(outcome: &Outcome) -> Option<String> {
    let unmet = unmet(outcome).filter(|_| outcome.had_no_time())?;
    let busy = outcome.generator_cpu_share * 100.0;
    let waited = outcome.generator_wait_share * 100.0;
    Some(format!(
        "{unmet}, and the load threads had no time left: they ran {busy:.0}% of it and waited for a CPU \
         {waited:.0}% of it; use more load CPUs, a quieter machine or a lower rate"
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

/// That requests are missing in the account, or are in it twice.
pub(super) fn unaccounted(outcome: &Outcome) -> Option<String> {
    let account = outcome.account();
    (!account.adds_up()).then(|| {
        format!(
            "the account does not add up: of {} requests, {} are in a class; this is a bug of the \
             generator, please report it",
            account.requests,
            account.sum()
        )
    })
}

/// What a reader should know of valid figures.
pub(super) fn notes(outcome: &Outcome) -> Vec<String> {
    let harmless = overdue(outcome).filter(|_| cut_off(outcome).is_none());
    let notes = [
        kept_busy(outcome),
        harmless,
        stalls::note(outcome),
        failed_connects(outcome),
        repeated(outcome),
    ];
    notes.into_iter().flatten().collect()
}

/// The rate was not met, and the generator was not the reason.
fn kept_busy(outcome: &Outcome) -> Option<String> {
    let has_reason = outcome.had_no_time() || !outcome.reached;
    let unmet = unmet(outcome).filter(|_| !has_reason)?;
    let waited = outcome.offered.map_or(0, |offered| offered.waited);
    Some(format!(
        "{unmet}, and {waited} found all connections busy: the server or the number of connections \
         was the limit"
    ))
}

fn failed_connects(outcome: &Outcome) -> Option<String> {
    let classes = outcome.connect_errors.iter();
    let classes: Vec<String> = classes
        .map(|(class, times)| format!("{times} × {class}"))
        .collect();
    (!classes.is_empty()).then(|| format!("attempts to connect failed: {}", classes.join(", ")))
}

fn repeated(outcome: &Outcome) -> Option<String> {
    let (requests, answered) = (outcome.repeated.requests(), outcome.repeated.answered);
    let became = match answered {
        all if all == requests => "all of which were answered".to_owned(),
        1 => "of which 1 was answered".to_owned(),
        some => format!("of which {some} were answered"),
    };
    (requests > 0).then(|| {
        format!(
            "requests were sent again, since the server had closed their kept connection without a \
             byte of an answer: {requests}, {became}"
        )
    })
}

fn missing_connections(missing: usize) -> Option<String> {
    (missing > 0).then(|| {
        format!("{missing} connections were not open at the start or the end of the window")
    })
}

fn exhausted(outcome: &Outcome, class: ErrorClass, what: &str, remedy: &str) -> Option<String> {
    let times = outcome.connect_errors.get(&class)?;
    Some(format!("{what} {times} times; use {remedy}"))
}

#[cfg(test)]
mod tests;
