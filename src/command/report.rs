//! `evenkeel report`: render recorded results again.

use std::fs;
use std::io::IsTerminal;
use std::path::Path;

use evenkeel_reports::{Format, Study, Style};

use crate::cli::ReportArgs;
use crate::failure::Failure;
use crate::output::{print, tell};

/// Runs the command.
///
/// # Errors
/// [`Failure`] if the results cannot be read, rendered or written.
pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let study = Study::read(&args.results).map_err(Failure::usage)?;
    study
        .warnings
        .iter()
        .for_each(|warning| tell(&format!("warning: {warning}")));
    match &args.output {
        Some(file) => write(&study, args.format, file),
        None => show(&study, args.format),
    }
}

/// Prints a rendering.
///
/// # Errors
/// [`Failure`] if it cannot be made or printed.
pub(super) fn show(study: &Study, format: Format) -> Result<(), Failure> {
    print(&evenkeel_reports::render(study, format, style()).map_err(Failure::failed)?)
}

/// Writes a rendering to a file.
///
/// # Errors
/// [`Failure`] if it cannot be made or written.
pub(super) fn write(study: &Study, format: Format, file: &Path) -> Result<(), Failure> {
    let text =
        evenkeel_reports::render(study, format, Style::default()).map_err(Failure::failed)?;
    fs::write(file, text).map_err(|error| {
        let file = file.display();
        Failure::Failed(format!(
            "{file} cannot be written: {error}; check the folder and the free space"
        ))
    })
}

/// Colour only for eyes at a terminal that have not asked to go without (<https://no-color.org>).
fn style() -> Style {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style {
        color: !unwanted && std::io::stdout().is_terminal(),
        ..Style::default()
    }
}
