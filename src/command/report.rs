//! `evenkeel report`: writes a report of recorded results.

use std::io::IsTerminal;
use std::path::Path;

use evenkeel_reports::format::{File, HTML, Paint};
use evenkeel_reports::{Format, RESULTS_FILE, Report, Study, Style, chart};

use super::strict;
use crate::cli::ReportArgs;
use crate::failure::Failure;
use crate::terminal::{columns, message, print, write_whole};

pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let study = Study::read(&args.results).map_err(Failure::usage)?;
    study
        .warnings
        .iter()
        .for_each(|warning| message(&format!("warning: {warning}")));
    let baseline = args.baseline.as_deref();
    refuse_unknown(&study, baseline)?;
    if args.strict {
        strict::refuse_nothing(&study.header.plan.expectations)?;
    }
    write_all(args, &study)?;
    match args.strict {
        true => strict::check(&study),
        false => Ok(()),
    }
}

fn write_all(args: &ReportArgs, study: &Study) -> Result<(), Failure> {
    let baseline = args.baseline.as_deref();
    if let Some(folder) = &args.charts {
        write_charts(study, baseline, folder)?;
    }
    let folder = folder_of(&args.results);
    let style = Style {
        baseline,
        details: args.details,
        folder: &folder,
        ..Style::default()
    };
    if let Some(file) = &args.html {
        write(study, &HTML, style, file)?;
    }
    let format = args.format;
    if let Paint::Files(paint) = &format.paint {
        let files = paint(study).map_err(Failure::failed)?;
        return write_files(format, files, args.output.as_deref());
    }
    match &args.output {
        Some(file) if file.file_name() == Some(RESULTS_FILE.as_ref()) => {
            let file = file.display();
            Err(Failure::Usage(format!(
                "{file} is the name of a record, the source of all reports; give the report another \
                 name"
            )))
        }
        Some(file) => write(study, format, style, file),
        None => show(study, format, style),
    }
}

/// Checks that the baseline is in the study.
fn refuse_unknown(study: &Study, baseline: Option<&str>) -> Result<(), Failure> {
    let keys = || study.header.plan.strategies.iter().map(|s| s.key.as_str());
    match baseline {
        Some(baseline) if !keys().any(|key| key == baseline) => {
            let keys: Vec<&str> = keys().collect();
            Err(Failure::Usage(format!(
                "`{baseline}` is not a strategy of this study; give --baseline one of {}",
                keys.join(", ")
            )))
        }
        _ => Ok(()),
    }
}

/// Writes every chart as SVG and as PNG.
fn write_charts(study: &Study, baseline: Option<&str>, folder: &Path) -> Result<(), Failure> {
    make(folder, "--charts")?;
    for (name, contents) in chart::files(study, baseline).map_err(Failure::failed)? {
        write_whole(&folder.join(name), &contents)?;
    }
    Ok(())
}

fn write_files(format: Format, files: Vec<File>, folder: Option<&Path>) -> Result<(), Failure> {
    let folder = folder.ok_or_else(|| {
        let count = files.len();
        Failure::Usage(format!(
            "{format} is {count} files; give the folder for them with -o"
        ))
    })?;
    make(folder, "-o")?;
    for File { name, text } in files {
        write_whole(&folder.join(name), &text)?;
    }
    Ok(())
}

/// Creates the folder of an option, if it does not exist.
fn make(folder: &Path, option: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        Failure::Usage(format!(
            "{folder} cannot be created ({error}); give {option} another folder"
        ))
    })
}

/// Returns how a command line names the folder of a study that was given as the folder or its record.
pub(super) fn folder_of(results: &Path) -> String {
    let folder = match results.file_name() {
        Some(name) if name == RESULTS_FILE => results.parent().unwrap_or(results),
        _ => results,
    };
    match folder.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => folder.display().to_string(),
    }
}

/// Prints a report as it suits standard output.
pub(super) fn show(report: &dyn Report, format: Format, style: Style<'_>) -> Result<(), Failure> {
    let text = format.render(report, on_stdout(style));
    print(&text.map_err(Failure::failed)?)
}

pub(super) fn write(
    report: &dyn Report,
    format: Format,
    style: Style<'_>,
    file: &Path,
) -> Result<(), Failure> {
    let text = format.render(report, style).map_err(Failure::failed)?;
    write_whole(file, &text)
}

/// Returns the style for standard output: on a terminal, coloured (unless <https://no-color.org> applies) and
/// with tables that fit; elsewhere, plain and complete.
fn on_stdout(style: Style<'_>) -> Style<'_> {
    let stdout = std::io::stdout();
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let room = columns(&stdout);
    Style {
        color: !unwanted && stdout.is_terminal(),
        width: room.map_or(style.width, |room| room.min(style.width)),
        table_width: room,
        ..style
    }
}
