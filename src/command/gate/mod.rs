//! `evenkeel gate`: fails if anything became worse.

mod criteria;

use evenkeel_reports::Study;
use evenkeel_reports::compare::Criteria;
use evenkeel_reports::format::{HTML, MARKDOWN};
use evenkeel_reports::side_by_side::{Judged, Outcome, SideBySide, differing_scenarios};

use super::compare::{name, read, strategies, style};
use super::report::{folder_of, show, write};
use crate::cli::GateArgs;
use crate::executable;
use crate::failure::Failure;
use crate::terminal::{check_place, message};
use evenkeel_common::suggest::did_you_mean;

/// Runs the command.
///
/// # Errors
/// [`Failure::Breached`] on a shown regression, [`Failure::Invalid`] if a required metric is undecided, and
/// other [`Failure`]s if something cannot be read or written.
pub(crate) fn run(args: &GateArgs) -> Result<(), Failure> {
    for file in args.summary.iter().chain(&args.html) {
        check_place(file)?;
    }
    let after = read(&args.results)?;
    match &args.baseline {
        Some(folder) => {
            let before = read(folder)?;
            refuse_different_load(&before, &after)?;
            let criteria = criteria::of(args, &before)?;
            warn_of_unknown_scenarios(&criteria, &before);
            let sides = ((name(folder), &before), (name(&args.results), &after));
            judge(&SideBySide::of_studies(sides.0, sides.1, &criteria), args)
        }
        None if !args.strategies.is_empty() => {
            let criteria = criteria::of(args, &after)?;
            warn_of_unknown_scenarios(&criteria, &after);
            let sides = strategies(&after, &args.strategies, None, &args.results, &criteria)?;
            judge(&sides, args)
        }
        None => {
            executable::check_different(&after.header.plan.executables).map_err(Failure::usage)?;
            let criteria = criteria::of(args, &after)?;
            let sides = SideBySide::of_builds(&after, &criteria);
            let sides = sides.ok_or_else(|| one_build(args))?;
            warn_of_unknown_scenarios(&criteria, &after);
            judge(&sides, args)
        }
    }
}

fn one_build(args: &GateArgs) -> Failure {
    let results = args.results.display();
    Failure::Usage(format!(
        "{results} has one build and nothing to compare it with; give `--baseline RESULTS`, or \
         run a study of two builds: `evenkeel run --executable baseline=PATH --executable \
         candidate=PATH`"
    ))
}

/// Shows a comparison and returns the failure that sets its exit code.
fn judge(sides: &SideBySide, args: &GateArgs) -> Result<(), Failure> {
    let folder = folder_of(&args.results);
    let style = style(&folder);
    if let Some(file) = &args.summary {
        write(&Judged(sides), &MARKDOWN, style, file)?;
    }
    if let Some(file) = &args.html {
        write(&Judged(sides), &HTML, style, file)?;
    }
    show(&Judged(sides), args.format, style)?;
    match sides.outcome() {
        Outcome::Passed => Ok(()),
        Outcome::Regression => Err(Failure::Breached(sides.headline())),
        Outcome::Inconclusive => Err(Failure::Invalid(format!(
            "{} Run more blocks, or let evenkeel.toml say what may be undecided (`require = false`).",
            sides.headline()
        ))),
    }
}

/// Refuses studies whose figures are not of the same load: neither a difference nor its absence would say
/// anything about the candidate.
fn refuse_different_load(before: &Study, after: &Study) -> Result<(), Failure> {
    let names = differing_scenarios(before, after);
    if names.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the studies offered different load under {}, so the gate cannot judge them; run both with the \
         same scenarios and options, or look at the differences with `evenkeel compare`",
        names.join(", ")
    )))
}

/// One configuration may serve several studies, so a scenario that this one lacks is no error.
fn warn_of_unknown_scenarios(criteria: &Criteria, study: &Study) {
    let known = || study.header.plan.scenarios.iter().map(|s| s.name.as_str());
    let named = criteria
        .exceptions
        .iter()
        .filter_map(|e| e.scenario.as_deref());
    for name in named.filter(|name| known().all(|known| known != *name)) {
        let hint = did_you_mean(name, known());
        message(&format!(
            "warning: an exception is for scenario `{name}`, which the baseline does not have{hint}"
        ));
    }
}
