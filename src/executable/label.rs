//! Executables as named on the command line: `LABEL=PATH`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};
use thiserror::Error;

/// A path with a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Labelled {
    pub(crate) label: String,
    pub(crate) path: PathBuf,
}

/// A text that is not a path with a label.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not LABEL=PATH with a label of up to 32 letters, digits, dots, dashes and \
     underscores; write it as in candidate=target/release/evenkeel"
)]
pub(crate) struct InvalidLabel(String);

/// Longest label; longer ones would leave no room for figures in tables.
const LONGEST: usize = 32;

/// Whether these bytes may be a label.
pub(crate) fn is_label(label: &[u8]) -> bool {
    let may_stand = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    (1..=LONGEST).contains(&label.len()) && label.iter().all(may_stand)
}

impl Labelled {
    /// Parses values of an option, whose path need not be UTF-8.
    pub(crate) fn of_option() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|text| Self::parse(&text))
    }

    fn parse(text: &OsStr) -> Result<Self, InvalidLabel> {
        let bytes = text.as_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=');
        let parts = equals.map(|at| (&bytes[..at], &bytes[at + 1..]));
        match parts {
            Some((label, path)) if is_label(label) && !path.is_empty() => Ok(Self {
                label: String::from_utf8_lossy(label).into_owned(),
                path: OsStr::from_bytes(path).into(),
            }),
            _ => Err(InvalidLabel(text.to_string_lossy().into_owned())),
        }
    }
}

impl FromStr for Labelled {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, InvalidLabel> {
        Self::parse(text.as_ref())
    }
}

deserialize_from_text!(Labelled, "candidate=target/release/evenkeel");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_path_follows_the_first_equals_sign(
            label in "[A-Za-z0-9._-]{1,32}", path in ".+",
        ) {
            let read: Labelled = format!("{label}={path}").parse().expect("a path under a label");
            prop_assert_eq!((read.label, read.path), (label, path.into()));
        }

        #[test]
        fn nothing_else_is_a_label(text in "[^=]*", path in ".*") {
            let may_stand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            prop_assume!(!text.chars().all(may_stand) || text.is_empty() || text.len() > 32);
            let line = format!("{text}={path}");
            prop_assert_eq!(line.parse::<Labelled>(), Err(InvalidLabel(line)));
        }
    }
}
