//! `evenkeel gate`: has anything become worse?

mod config;

use evenkeel_reports::Study;
use evenkeel_reports::compare::Criteria;
use evenkeel_reports::contrast::{Contrast, Outcome};

use super::compare::{name, read};
use crate::cli::{GateArgs, TableFormat};
use crate::executable;
use crate::failure::Failure;
use crate::terminal::{check_place, message, print, write_whole};
use evenkeel_common::suggest::did_you_mean;

/// Runs the command.
///
/// # Errors
/// [`Failure::Breached`] on a shown regression, [`Failure::Invalid`] if the data cannot tell, and
/// other [`Failure`]s if something cannot be read or written.
pub(crate) fn run(args: &GateArgs) -> Result<(), Failure> {
    if let Some(file) = &args.summary {
        check_place(file)?;
    }
    let after = read(&args.results)?;
    match &args.baseline {
        Some(folder) => {
            let before = read(folder)?;
            let criteria = config::criteria(args, &before)?;
            warn_of_unknown_scenarios(&criteria, &before);
            let sides = ((name(folder), &before), (name(&args.results), &after));
            judge(&Contrast::of_studies(sides.0, sides.1, &criteria), args)
        }
        None => {
            executable::check_different(&after.header.plan.executables).map_err(Failure::usage)?;
            let criteria = config::criteria(args, &after)?;
            let contrast = Contrast::of_builds(&after, &criteria);
            let contrast = contrast.ok_or_else(|| one_build(args))?;
            warn_of_unknown_scenarios(&criteria, &after);
            judge(&contrast, args)
        }
    }
}

fn one_build(args: &GateArgs) -> Failure {
    let results = args.results.display();
    Failure::Usage(format!(
        "{results} weighs one build and has nothing to be held against; give `--baseline DIR`, or \
         run a study of two builds: `evenkeel run --executable baseline=PATH --executable \
         candidate=PATH`"
    ))
}

/// Shows a contrast and gives its exit code.
fn judge(contrast: &Contrast, args: &GateArgs) -> Result<(), Failure> {
    if let Some(file) = &args.summary {
        write_whole(file, &contrast.summary())?;
    }
    show(contrast, args.format)?;
    match contrast.outcome() {
        Outcome::Passed => Ok(()),
        Outcome::Regression => Err(Failure::Breached(contrast.headline())),
        Outcome::CannotTell => Err(Failure::Invalid(format!(
            "{} Run more blocks, or let evenkeel.toml say what may be undecided (`require = false`).",
            contrast.headline()
        ))),
    }
}

fn show(contrast: &Contrast, format: TableFormat) -> Result<(), Failure> {
    let text = match format {
        TableFormat::Text => Ok(contrast.judged_text()),
        TableFormat::Markdown => Ok(contrast.summary()),
        TableFormat::Json => contrast.judged_json(),
        TableFormat::Csv => contrast.csv(),
    };
    print(&text.map_err(Failure::failed)?)
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
