//! TOML files of the user, and errors that point into them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a TOML file cannot be used.
#[derive(Debug, Error)]
pub(crate) enum TomlError {
    /// It cannot be read at all.
    #[error("{path} cannot be read ({source}); give the path of a TOML file that exists", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// It is not TOML, or a key or value of it is wrong.
    #[error("{path}:{line}: {message}", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

/// Reads a file and parses it.
///
/// # Errors
/// [`TomlError`], with file and line.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, TomlError> {
    let text = fs::read_to_string(path).map_err(|source| TomlError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(&text, path)
}

/// Parses a text that stands, or is said to stand, in a file of this path.
///
/// # Errors
/// [`TomlError::Wrong`], with file and line.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        TomlError::Wrong {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            message: one_line(error.message()),
        }
    })
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
