//! The files that a trial of load can be written to.

use std::path::Path;
use std::time::{Duration, SystemTime};

use evenkeel_loadgen::Outcome;
use evenkeel_reports::histogram::log::Stretch;
use evenkeel_reports::histogram::{distribution, log};
use evenkeel_reports::load::LoadTrial;

use crate::cli::OutputOptions;
use crate::failure::Failure;
use crate::output::{check_place, write_whole};

/// Makes sure that every file can be written.
///
/// # Errors
/// [`Failure::Usage`] for the first that cannot.
pub(super) fn check(options: &OutputOptions) -> Result<(), Failure> {
    let files = [&options.hdr, &options.hgrm, &options.html];
    files
        .into_iter()
        .flatten()
        .try_for_each(|file| check_place(file))
}

/// Writes every file that was asked for.
///
/// # Errors
/// [`Failure::Failed`] for the first that cannot be written.
pub(super) fn write(
    options: &OutputOptions,
    trial: &LoadTrial,
    began: SystemTime,
    outcome: &Outcome,
) -> Result<(), Failure> {
    if let Some(file) = &options.hdr {
        interval_log(file, began, outcome)?;
    }
    if let Some(file) = &options.hgrm {
        write_whole(file, &distribution::text(&outcome.response))?;
    }
    if let Some(file) = &options.html {
        write_whole(file, &trial.html().map_err(Failure::failed)?)?;
    }
    Ok(())
}

fn interval_log(file: &Path, began: SystemTime, outcome: &Outcome) -> Result<(), Failure> {
    let whole = Stretch {
        from: Duration::ZERO,
        length: outcome.duration,
        times: &outcome.response,
    };
    let text = log::text(began, [whole]).map_err(Failure::failed)?;
    write_whole(file, &text)
}
