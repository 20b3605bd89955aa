//! `--find-capacity`: the highest open-loop rate at which limits hold.

mod search;
mod trials;

use evenkeel_loadgen::LoadSpec;

use self::trials::Trials;
use crate::cli::LoadArgs;
use crate::command::report::show;
use crate::failure::Failure;
use crate::terminal::Interrupt;
use crate::terminal::message;

/// Searches, and prints what was found.
///
/// # Errors
/// [`Failure`]: 2 for arrivals that a rate does not fit, 1 if nobody was reached. After what
/// was found is printed: 130 if it was interrupted, 99 if no rate keeps the limits,
/// or 3 if that may be the generator's own fault.
pub(super) fn run(args: &LoadArgs, spec: LoadSpec, quiet: bool) -> Result<(), Failure> {
    let interrupt = Interrupt::catch()?;
    let mut trials = Trials::new(args, spec, quiet)?;
    if !quiet {
        message(&trials.announcement());
    }
    let bracket = trials.search(interrupt.flag())?;
    let found = trials.into_capacity(bracket);
    show(&found, args.output.format, None)?;
    if interrupt.came() {
        return Err(Failure::Interrupted(
            "interrupted; the capacity is that of the trials until then".into(),
        ));
    }
    match found.kept_rps {
        Some(_) => Ok(()),
        // Where the generator is in doubt, so is the finding.
        None if !found.notes.is_empty() => Err(Failure::Invalid(found.notes.join("; "))),
        None => Err(Failure::Breached(found.result())),
    }
}
