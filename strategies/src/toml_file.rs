//! TOML files, and errors that point into them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a TOML file cannot be used.
#[derive(Debug, Error)]
pub enum TomlError {
    /// It cannot be read at all.
    #[error("{path} cannot be read: {}", why(source), path = path.display())]
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
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, TomlError> {
    parse(&text(path)?, path)
}

/// Reads a file.
///
/// # Errors
/// [`TomlError::Unreadable`], which says what to do.
pub fn text(path: &Path) -> Result<String, TomlError> {
    fs::read_to_string(path).map_err(|source| TomlError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// Parses a text that stands, or is said to stand, in a file of this path.
///
/// # Errors
/// [`TomlError::Wrong`], with file and line.
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        TomlError::Wrong {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            message: message(text, start, error.message()),
        }
    })
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::IsADirectory => "it is a folder; give the path of a TOML file".to_owned(),
        ErrorKind::InvalidData => {
            "it is not text in UTF-8; give the path of a TOML file".to_owned()
        }
        _ => format!("{error}; give the path of a TOML file that exists"),
    }
}

/// What is wrong, in one line, with the key unless the parser names it.
fn message(text: &str, start: usize, said: &str) -> String {
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.replace(
        "expected u32",
        "expected a whole number from 0 to 4294967295",
    );
    let said = said.replace("expected f64", "expected a number");
    match key_before(text, start) {
        Some(key) => format!("`{key}`: {said}"),
        None => said,
    }
}

/// The key whose value starts there.
fn key_before(text: &str, start: usize) -> Option<&str> {
    let line = text.get(..start)?.lines().next_back()?;
    let key = line.trim_end().strip_suffix('=')?.trim_end();
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let key = &key[key.trim_end_matches(is_of_key).len()..];
    (!key.is_empty()).then_some(key)
}
