//! The end of a study: reports and the exit code.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use evenkeel_common::units::plural;
use evenkeel_reports::compare::{self, Criteria, MIN_BLOCKS};
use evenkeel_reports::format::HTML;
use evenkeel_reports::{Format, Study, Style, Trial};

use crate::command::report::{folder_of, show, write};
use crate::command::strict;
use crate::failure::Failure;
use crate::plan::Plan;
use crate::study::folder::WRITTEN;
use crate::study::{self, StudyEnd};
use crate::terminal::message;

/// Prints a study and writes its reports. Printing comes first, since it works on a full disk.
pub(super) fn report(
    folder: &Path,
    format: Format,
    details: bool,
    quiet: bool,
) -> Result<(), Failure> {
    let study = Study::read(folder).map_err(Failure::failed)?;
    let named = folder_of(folder);
    let style = Style {
        details,
        folder: &named,
        ..Style::default()
    };
    let shown = show(&study, format, style);
    for format in WRITTEN {
        write(&study, format, style, &folder.join(format.file_name)).map_err(|failure| {
            let folder = folder.display();
            Failure::Failed(format!(
                "{failure}; what was measured is kept in {folder}, and `evenkeel report {folder} \
                 --format {format} -o FILE` writes it again"
            ))
        })?;
    }
    shown?;
    if !quiet {
        let page = folder.join(HTML.file_name);
        message(&format!(
            "Results are in {}; open {} in a browser.",
            folder.display(),
            page.display()
        ));
        if study.header.plan.executables.len() > 1 {
            let folder = folder.display();
            message(&format!(
                "`evenkeel compare {folder}` compares the builds, and `evenkeel gate {folder}` judges \
                 them."
            ));
        }
    }
    Ok(())
}

/// Says how many trials were made again; `None` if none was.
pub(super) fn made_again(study: &Study) -> Option<String> {
    let trials = study.trials.iter().filter(|trial| trial.again.is_some());
    let count = trials.count();
    (count > 0).then(|| format!("{} made again", plural(count, "disturbed trial")))
}

/// Returns the exit code of the study.
///
/// # Errors
/// [`Failure`] if a trial failed, if it was interrupted, if too few trials are valid, if all were
/// skipped or, with `strict`, if an expectation is not shown to hold.
pub(super) fn verdict(
    folder: &Path,
    plan: &Plan,
    end: &StudyEnd,
    strict: bool,
) -> Result<(), Failure> {
    let record = Study::read(folder).map_err(Failure::failed)?;
    let trials = &record.trials;
    let left = study::left_to_do(plan, trials);
    let folder = folder.display();
    if *end == StudyEnd::Interrupted {
        let when = match plan.config.goal {
            None => format!("with {left} of {} trials left", plan.trials()),
            Some(_) => format!("after {} trials, before its end", trials.len()),
        };
        return Err(Failure::Interrupted(format!(
            "interrupted {when}; `evenkeel run --resume {folder}` continues it"
        )));
    }
    let failed = trials
        .iter()
        .filter_map(|trial| Some((trial, trial.failed()?)));
    if let Some(what) = summary(failed, "failed") {
        // The reason may end with lines of a program's output.
        let gap = if what.contains('\n') { "\n" } else { "; " };
        return Err(Failure::Failed(format!(
            "{what}{gap}`evenkeel run --resume {folder}` repeats what failed"
        )));
    }
    if strict {
        strict::check(&record)?;
    }
    check_valid(&record, &folder)?;
    if trials.iter().all(|trial| trial.skipped().is_some()) {
        let skipped = trials
            .iter()
            .filter_map(|trial| Some((trial, trial.skipped()?)));
        let what = summary(skipped, "skipped").unwrap_or_default();
        return Err(Failure::Invalid(format!(
            "nothing was measured: {what}; give strategies that this host can run"
        )));
    }
    check_method(&record)
}

/// Checks that what is valid bears the answer: where the plan has enough blocks for a verdict, every
/// strategy needs as many valid trials, otherwise one.
fn check_valid(record: &Study, folder: impl Display) -> Result<(), Failure> {
    let (trials, plan) = (&record.trials, &record.header.plan);
    let needed = match plan.blocks as usize >= MIN_BLOCKS {
        true => MIN_BLOCKS,
        false => 1,
    };
    let mut valid = BTreeMap::new();
    for trial in trials.iter().filter(|trial| trial.measured().is_some()) {
        let of = (trial.scenario.as_str(), trial.strategy.as_str());
        *valid.entry(of).or_insert(0) += usize::from(trial.valid().is_some());
    }
    let invalid = trials.iter().filter_map(|trial| {
        let reason = trial.measured()?.invalid_because.first()?;
        Some((trial, reason.as_str()))
    });
    let lacking = valid.into_iter().find(|(_, valid)| *valid < needed);
    match (lacking, summary(invalid, "not valid")) {
        (Some(((scenario, strategy), valid)), Some(what)) => Err(Failure::Invalid(format!(
            "{strategy} under {scenario} has {} where {needed} are needed: {what}; the report lists \
             all reasons, and `evenkeel run --resume {folder} -b {}` adds blocks",
            plural(valid, "valid trial"),
            plan.blocks as usize + needed - valid
        ))),
        _ => Ok(()),
    }
}

/// Checks that an A/A study has at most as many false verdicts as the method allows.
fn check_method(record: &Study) -> Result<(), Failure> {
    if !compare::is_aa(record) {
        return Ok(());
    }
    let criteria = Criteria::of(&record.header.plan);
    let found = compare::false_verdicts(record, &criteria);
    match found.is_within_bounds() {
        true => Ok(()),
        false => Err(Failure::Invalid(format!("A/A: {}", found.sentence()))),
    }
}

/// Says how many trials had this result, and names the first.
fn summary<'a>(trials: impl Iterator<Item = (&'a Trial, &'a str)>, what: &str) -> Option<String> {
    let mut trials = trials.peekable();
    let (first, reason) = *trials.peek()?;
    let Trial {
        strategy,
        scenario,
        block,
        ..
    } = first;
    Some(format!(
        "{} {what}, first {strategy} under {scenario}, block {}: {reason}",
        plural(trials.count(), "trial"),
        block + 1
    ))
}
