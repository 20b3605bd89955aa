//! The exit code of a trial of load.

use evenkeel_loadgen::{ErrorClass, Outcome};
use evenkeel_reports::Measured;

use crate::failure::Failure;
use crate::limit::{Limit, LimitInput};

/// Judges a trial. Limits are not tested if the trial was interrupted or the server was not reached.
/// A breached limit comes before invalid figures, so that what makes figures invalid (such as
/// errors) cannot hide the breach; a limit that cannot be tested is no pass.
///
/// # Errors
/// [`Failure`] for everything except a valid trial within its limits.
pub(super) fn of(
    url: &str,
    measured: &Measured,
    outcome: &Outcome,
    fail_if: &[Limit],
) -> Result<(), Failure> {
    if outcome.interrupted {
        return Err(Failure::Interrupted(
            "interrupted; the figures are from the time until then".into(),
        ));
    }
    reached(url, outcome)?;
    let (breaches, mut doubts) = test_limits(fail_if, outcome);
    if !measured.valid {
        let reasons = measured.invalid_because.join("; ");
        doubts.push(format!(
            "the figures are not valid: {reasons}{}",
            hint(outcome)
        ));
    }
    if !breaches.is_empty() {
        return Err(Failure::Breached([breaches, doubts].concat().join("; ")));
    }
    match doubts.is_empty() {
        true => Ok(()),
        false => Err(Failure::Invalid(doubts.join("; "))),
    }
}

/// Says how to accept statuses, if none of those that came was expected.
fn hint(outcome: &Outcome) -> String {
    let statuses: Vec<String> = outcome.statuses.keys().map(u16::to_string).collect();
    match outcome.requests == 0 && !statuses.is_empty() {
        true => format!(
            "; `--expect-status {}` counts them as success",
            statuses.join(",")
        ),
        false => String::new(),
    }
}

/// Checks that the server was reached: that a connection was ever open.
pub(super) fn reached(url: &str, outcome: &Outcome) -> Result<(), Failure> {
    if outcome.reached {
        return Ok(());
    }
    let examples = outcome.examples.iter();
    let examples: Vec<String> = examples
        .map(|(class, text)| format!("{class}: {text}"))
        .collect();
    let why = match examples.is_empty() {
        true => "no connection was open in time".to_owned(),
        false => examples.join(", "),
    };
    let hint = match outcome.examples.contains_key(&ErrorClass::TlsFailed) {
        true => "give its authority with `--cacert FILE`, or `--insecure` to trust any certificate",
        false => "is the server running?",
    };
    Err(Failure::Failed(format!(
        "nobody could be reached at {url} ({why}); {hint}"
    )))
}

/// Returns the breached limits, and those that cannot be tested.
fn test_limits(fail_if: &[Limit], outcome: &Outcome) -> (Vec<String>, Vec<String>) {
    let (mut breaches, mut doubts) = (Vec::new(), Vec::new());
    for limit in fail_if {
        match limit.test(LimitInput::from(outcome)) {
            Ok(finding) if finding.holds => {
                breaches.push(format!("`{limit}` is breached: {}", finding.figure));
            }
            Ok(_) => {}
            Err(why) => doubts.push(why),
        }
    }
    (breaches, doubts)
}
