//! The scenarios that come with the program, from the files of `studies/`.

use std::path::Path;

use super::Scenario;
use crate::toml_file;

/// Name and text of every built-in scenario. A new one is a file and a line here.
pub(crate) const BUILT_IN: [(&str, &str); 5] = [
    (
        "short-lived",
        include_str!("../../studies/short-lived.toml"),
    ),
    ("keep-alive", include_str!("../../studies/keep-alive.toml")),
    ("skewed", include_str!("../../studies/skewed.toml")),
    (
        "bare-short-lived",
        include_str!("../../studies/bare-short-lived.toml"),
    ),
    (
        "bare-keep-alive",
        include_str!("../../studies/bare-keep-alive.toml"),
    ),
];

/// Names that stand for several scenarios.
pub(crate) const SETS: [(&str, &[&str]); 3] = [
    ("default", &["short-lived", "keep-alive", "skewed"]),
    ("bare", &["bare-short-lived", "bare-keep-alive"]),
    (
        "all",
        &[
            "short-lived",
            "keep-alive",
            "skewed",
            "bare-short-lived",
            "bare-keep-alive",
        ],
    ),
];

/// The built-in scenario of this name.
pub(crate) fn built_in(name: &str) -> Option<Scenario> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    let path = Path::new("studies").join(name).with_extension("toml");
    Some(toml_file::parse(text, &path).expect("a test parses every built-in scenario"))
}
