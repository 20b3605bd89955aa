//! Values of `--format`, taken from the registry of formats.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use evenkeel_reports::format::{self, Paint};
use evenkeel_reports::{FORMATS, Format};

/// Reads any format.
pub(super) fn any() -> impl TypedValueParser<Value = Format> {
    of(|_| true)
}

/// Reads a format that is one text.
pub(super) fn one_text() -> impl TypedValueParser<Value = Format> {
    of(|paint| !matches!(paint, Paint::Files(_)))
}

/// Reads a format that is not only for studies.
pub(super) fn of_any_report() -> impl TypedValueParser<Value = Format> {
    of(|paint| matches!(paint, Paint::Report(_)))
}

fn of(is_allowed: fn(&Paint) -> bool) -> impl TypedValueParser<Value = Format> {
    let formats = FORMATS.iter().filter(move |one| is_allowed(&one.paint));
    let values = formats.map(|one| PossibleValue::new(one.name).help(one.summary));
    PossibleValuesParser::new(values)
        .try_map(|name| format::find(&name).ok_or("there is no such format"))
}
