//! `--find-capacity`: the highest open-loop rate at which all limits hold.

mod judge;
mod search;
mod trials;

use evenkeel_loadgen::LoadSpec;
use evenkeel_reports::Style;

use self::trials::Trials;
use crate::cli::LoadArgs;
use crate::command::report::show;
use crate::failure::Failure;
use crate::terminal::{Interrupt, message};

/// What helps if the generator or the host was the limit.
const REMEDY: &str = "more load CPUs (`--load-cpus`) or a quieter machine help";

/// Searches, and prints the result.
///
/// # Errors
/// [`Failure`]: 2 for arrivals without a single rate, 1 if the server cannot be reached. After
/// printing the result: 130 if the search was interrupted, 99 if no rate is within the limits, or 3
/// if the generator or the host was the limit.
pub(super) fn run(args: &LoadArgs, spec: LoadSpec, quiet: bool) -> Result<(), Failure> {
    let interrupt = Interrupt::catch()?;
    let mut trials = Trials::new(args, spec, quiet)?;
    if !quiet {
        message(&trials.announcement());
    }
    let range = trials.search(interrupt.flag())?;
    let found = trials.into_capacity(range);
    show(&found, args.output.format, Style::default())?;
    if interrupt.came() {
        return Err(Failure::Interrupted(
            "interrupted; the capacity is from the trials until then".into(),
        ));
    }
    match (found.unknown_rps, found.kept_rps) {
        (Some(_), _) => Err(Failure::Invalid(format!("{}; {REMEDY}", found.result()))),
        (None, Some(_)) => Ok(()),
        (None, None) => Err(Failure::Breached(found.result())),
    }
}
