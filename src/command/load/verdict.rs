//! The exit code of a trial of load.

use evenkeel_loadgen::{ErrorClass, Outcome};
use evenkeel_reports::Measured;

use crate::failure::Failure;
use crate::limit::{Limit, LimitInput};

/// Failures before a request can be sent.
const UNREACHED: [ErrorClass; 4] = [
    ErrorClass::Refused,
    ErrorClass::ConnectTimedOut,
    ErrorClass::ConnectFailed,
    ErrorClass::TlsFailed,
];

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
        doubts.push(format!("the figures are not valid: {reasons}"));
    }
    if !breaches.is_empty() {
        return Err(Failure::Breached([breaches, doubts].concat().join("; ")));
    }
    match doubts.is_empty() {
        true => Ok(()),
        false => Err(Failure::Invalid(doubts.join("; "))),
    }
}

/// Checks that the server was reached.
pub(super) fn reached(url: &str, outcome: &Outcome) -> Result<(), Failure> {
    let unreached =
        !outcome.errors.is_empty() && outcome.errors.keys().all(|class| UNREACHED.contains(class));
    if outcome.requests > 0 || !unreached {
        return Ok(());
    }
    let examples = outcome.errors.keys().map(|class| {
        let example = outcome.examples.get(class);
        example.map_or(class.to_string(), |example| format!("{class}: {example}"))
    });
    let examples = examples.collect::<Vec<_>>().join(", ");
    let hint = match outcome.errors.contains_key(&ErrorClass::TlsFailed) {
        true => "give its authority with `--cacert FILE`, or `--insecure` to trust any certificate",
        false => "is the server running?",
    };
    Err(Failure::Failed(format!(
        "{url} cannot be reached ({examples}); {hint}"
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
