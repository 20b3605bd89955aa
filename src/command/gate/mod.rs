//! `evenkeel gate`: has anything become worse?

mod config;

use evenkeel_reports::Study;
use evenkeel_reports::compare::Criteria;
use evenkeel_reports::contrast::{Contrast, Outcome};

use super::compare::{name, read};
use crate::cli::{GateArgs, TableFormat};
use crate::failure::Failure;
use crate::output::{check_place, print, tell, write_whole};
use crate::suggest::did_you_mean;

/// Runs the command.
///
/// # Errors
/// [`Failure::Breached`] on a shown regression, [`Failure::Invalid`] if the data cannot tell, and
/// other [`Failure`]s if something cannot be read or written.
pub(crate) fn run(args: &GateArgs) -> Result<(), Failure> {
    if let Some(file) = &args.summary {
        check_place(file)?;
    }
    let (before, after) = (read(&args.baseline)?, read(&args.results)?);
    let criteria = config::criteria(args, &before)?;
    warn_of_unknown_scenarios(&criteria, &before);
    let contrast = Contrast::of_studies(
        (name(&args.baseline), &before),
        (name(&args.results), &after),
        &criteria,
    );
    if let Some(file) = &args.summary {
        write_whole(file, &contrast.summary())?;
    }
    show(&contrast, args.format)?;
    match contrast.outcome() {
        Outcome::Passed => Ok(()),
        Outcome::Regression => Err(Failure::Breached(contrast.headline())),
        Outcome::CannotTell => Err(Failure::Invalid(format!(
            "{} Run more blocks on both sides, or let evenkeel.toml leave out what may be doubtful.",
            contrast.headline()
        ))),
    }
}

fn show(contrast: &Contrast, format: TableFormat) -> Result<(), Failure> {
    let text = match format {
        TableFormat::Text => Ok(format!("{}\n{}\n", contrast.text(), contrast.headline())),
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
        tell(&format!(
            "warning: an exception is for scenario `{name}`, which the baseline does not have{hint}"
        ));
    }
}
