//! Files with the result of a trial of load.

use std::path::Path;
use std::time::{Duration, SystemTime};

use evenkeel_reports::Style;
use evenkeel_reports::format::HTML;
use evenkeel_reports::histogram::log::LogInterval;
use evenkeel_reports::histogram::{self, distribution, log};
use evenkeel_reports::load::LoadTrial;

use crate::cli::OutputOptions;
use crate::command::report;
use crate::failure::Failure;
use crate::terminal::{check_place, write_whole};

/// Checks that every requested file can be written.
pub(super) fn check(options: &OutputOptions) -> Result<(), Failure> {
    let files = [&options.hdr, &options.hgrm, &options.html];
    files
        .into_iter()
        .flatten()
        .try_for_each(|file| check_place(file))
}

/// Writes every requested file.
pub(super) fn write(
    options: &OutputOptions,
    trial: &LoadTrial,
    began: SystemTime,
) -> Result<(), Failure> {
    if let Some(file) = &options.hdr {
        interval_log(file, trial, began)?;
    }
    if let Some(file) = &options.hgrm {
        write_whole(file, &distribution::text(&trial.response))?;
    }
    if let Some(file) = &options.html {
        report::write(trial, &HTML, Style::default(), file)?;
    }
    Ok(())
}

fn interval_log(file: &Path, trial: &LoadTrial, began: SystemTime) -> Result<(), Failure> {
    let mut intervals = Vec::new();
    for interval in &trial.measured.intervals {
        if let Some(text) = &interval.histogram {
            intervals.push(LogInterval {
                from: Duration::from_secs_f64(interval.at_s),
                length: Duration::from_secs_f64(interval.duration_s),
                times: histogram::decode(text).map_err(Failure::failed)?,
            });
        }
    }
    let text = log::text(began, &intervals).map_err(Failure::failed)?;
    write_whole(file, &text)
}
