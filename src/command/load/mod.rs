//! `evenkeel load`: the load generator alone.

mod spec;
mod summary;
mod target;

use evenkeel_loadgen::{self as loadgen, ErrorClass, Outcome};
use evenkeel_reports::Measured;

use super::raise_open_files;
use crate::cli::{LoadArgs, Plain};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::print;
use crate::plan::Machine;
use crate::study::figures;
use crate::url::Url;

/// Runs the command.
///
/// # Errors
/// [`Failure`]: with exit code 2 for load that cannot be offered, 1 if nobody was reached, 3
/// if the figures are not valid, and 130 if it was interrupted. The trial is printed in all
/// cases but the first.
pub(crate) fn run(args: &LoadArgs) -> Result<(), Failure> {
    raise_open_files();
    let url: Url = args.url.parse().map_err(Failure::usage)?;
    let spec = spec::of(args, &url)?;
    spec.validate().map_err(Failure::usage)?;
    Machine::probe()
        .check_load_alone(&spec)
        .map_err(Failure::usage)?;
    let interrupt = Interrupt::catch()?;
    let outcome = loadgen::run(&spec, interrupt.flag(), &mut ()).map_err(Failure::failed)?;
    let measured = figures::of_load(&outcome).map_err(Failure::failed)?;
    match args.output.format {
        Plain::Text => print(&summary::text(&args.url, &measured, &outcome))?,
        Plain::Json => print(&summary::json(&args.url, &measured, &outcome)?)?,
    }
    verdict(&args.url, &measured, &outcome)
}

/// Failures before a request could be sent at all.
const UNREACHED: [ErrorClass; 4] = [
    ErrorClass::Refused,
    ErrorClass::TlsFailed,
    ErrorClass::ConnectTimedOut,
    ErrorClass::ConnectFailed,
];

fn verdict(url: &str, measured: &Measured, outcome: &Outcome) -> Result<(), Failure> {
    if outcome.interrupted {
        return Err(Failure::Interrupted(
            "interrupted; the figures are those until then".into(),
        ));
    }
    let unreached =
        !outcome.errors.is_empty() && outcome.errors.keys().all(|class| UNREACHED.contains(class));
    if outcome.requests == 0 && unreached {
        let examples = outcome.examples.iter();
        let examples: Vec<_> = examples
            .map(|(class, example)| format!("{class}: {example}"))
            .collect();
        let hint = match outcome.errors.contains_key(&ErrorClass::TlsFailed) {
            true => "give its authority with `--cacert FILE`, or `--insecure` to believe anyone",
            false => "is the server running?",
        };
        let examples = examples.join(", ");
        return Err(Failure::Failed(format!(
            "nobody could be reached at {url} ({examples}); {hint}"
        )));
    }
    if measured.valid {
        return Ok(());
    }
    let reasons = measured.invalid_because.join("; ");
    Err(Failure::Invalid(format!(
        "the figures are not valid: {reasons}"
    )))
}
