//! `evenkeel compare`: two studies, or strategies of one, side by side.

use std::path::Path;

use evenkeel_reports::compare::Criteria;
use evenkeel_reports::format::HTML;
use evenkeel_reports::side_by_side::SideBySide;
use evenkeel_reports::{Study, Style};

use super::report;
use crate::cli::CompareArgs;
use crate::failure::Failure;
use crate::terminal::check_place;
use evenkeel_common::suggest::did_you_mean;

pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    if let Some(file) = &args.html {
        check_place(file)?;
    }
    match args.results.as_slice() {
        [before, after] => {
            if args.baseline.is_some() || !args.strategies.is_empty() {
                return Err(Failure::Usage(
                    "`--strategy` and `--baseline` choose among the strategies of one study; \
                     leave them out, or give one folder"
                        .to_owned(),
                ));
            }
            let (a, b) = (read(before)?, read(after)?);
            let criteria = criteria(&a, args);
            let sides = ((name(before), &a), (name(after), &b));
            let sides = SideBySide::of_studies(sides.0, sides.1, &criteria);
            show(&sides, after, args)
        }
        [folder, ..] => {
            let study = read(folder)?;
            let criteria = criteria(&study, args);
            if args.baseline.is_none() && args.strategies.is_empty() {
                let builds = SideBySide::of_builds(&study, &criteria);
                return show(&builds.ok_or_else(alone)?, folder, args);
            }
            let baseline = args.baseline.as_ref();
            let sides = strategies(&study, &args.strategies, baseline, folder, &criteria)?;
            show(&sides, folder, args)
        }
        [] => Ok(()), // clap wants one at least
    }
}

/// The criteria of the baseline's plan, with the options of the command line.
fn criteria(baseline: &Study, args: &CompareArgs) -> Criteria {
    let planned = Criteria::of(&baseline.header.plan);
    Criteria {
        margin: args.margin.map_or(planned.margin, |share| share.0),
        ..planned
    }
}

pub(super) fn read(path: &Path) -> Result<Study, Failure> {
    Study::read(path).map_err(Failure::usage)
}

/// Returns the name of a study in a table: its path.
pub(super) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// Shows a comparison; `results` is the study of side B.
fn show(sides: &SideBySide, results: &Path, args: &CompareArgs) -> Result<(), Failure> {
    let folder = report::folder_of(results);
    let style = style(&folder);
    if let Some(file) = &args.html {
        report::write(sides, &HTML, style, file)?;
    }
    report::show(sides, args.format, style)?;
    if sides.rows.is_empty() {
        return Err(Failure::Invalid(
            "nothing can be compared: no strategy has a valid trial under the same scenario on \
             both sides; `evenkeel report DIR` says why trials are not valid"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The style of comparisons: text has their tables, too.
pub(super) fn style(folder: &str) -> Style<'_> {
    Style {
        details: true,
        folder,
        ..Style::default()
    }
}

fn alone() -> Failure {
    Failure::Usage(
        "one study with one build has nothing to compare; give a second folder, `-s KEY -s KEY`, or \
         `--baseline KEY`"
            .to_owned(),
    )
}

/// Compares strategies of one study with a baseline, which is the first of them unless it is named.
/// Without strategies, all others are compared with the baseline.
pub(super) fn strategies<'a>(
    study: &'a Study,
    strategies: &[String],
    baseline: Option<&String>,
    folder: &Path,
    criteria: &Criteria,
) -> Result<SideBySide<'a>, Failure> {
    let all = || study.header.plan.strategies.iter().map(|s| s.key.as_str());
    let find = |key: &String| {
        all().find(|planned| planned == key).ok_or_else(|| {
            let (folder, hint) = (name(folder), did_you_mean(key, all()));
            Failure::Usage(format!("{folder} has no strategy `{key}`{hint}"))
        })
    };
    let mut candidates: Vec<&str> = strategies.iter().map(find).collect::<Result<_, _>>()?;
    let baseline = match baseline {
        Some(key) => find(key)?,
        None if candidates.len() > 1 => candidates.remove(0),
        None => return Err(alone()),
    };
    if strategies.is_empty() {
        candidates = all().collect();
    }
    candidates.retain(|key| *key != baseline);
    match candidates.is_empty() {
        true => Err(Failure::Usage(format!(
            "`{baseline}` would only be compared with itself; name another strategy with `-s`"
        ))),
        false => Ok(SideBySide::within(study, baseline, &candidates, criteria)),
    }
}
