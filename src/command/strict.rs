//! What was expected of a study, as an exit code.

use evenkeel_common::units::plural;
use evenkeel_reports::expect::{Checked, Outcome, check as check_all};
use evenkeel_reports::{Expectation, Study};

use crate::failure::Failure;

/// Refuses `--strict` where nothing is expected: it would succeed whatever was measured.
pub(super) fn refuse_nothing(expectations: &[Expectation]) -> Result<(), Failure> {
    match expectations {
        [] => Err(Failure::Usage(
            "`--strict` checks what was expected, and this study has no `[[expect]]`; add one to its file, or \
             leave out `--strict`"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Checks that everything holds that was expected of a study.
///
/// # Errors
/// [`Failure::Refuted`] if something does not hold, and otherwise [`Failure::Invalid`] if that cannot be
/// decided of something.
pub(super) fn check(study: &Study) -> Result<(), Failure> {
    let checked = check_all(study);
    let with = |outcome| {
        let found = checked.iter().filter(move |one| one.outcome == outcome);
        let titles: Vec<String> = found.map(Checked::title).collect();
        (!titles.is_empty()).then_some(titles)
    };
    let all = plural(checked.len(), "expectation");
    if let Some(refuted) = with(Outcome::DoesNotHold) {
        let (count, names) = (refuted.len(), refuted.join(", "));
        return Err(Failure::Refuted(format!(
            "the results refute {count} of {all}: {names}"
        )));
    }
    match with(Outcome::CannotTell) {
        Some(open) => Err(Failure::Invalid(format!(
            "the results do not settle {} of {all}: {}; the report says why",
            open.len(),
            open.join(", ")
        ))),
        None => Ok(()),
    }
}
