//! TOML files, and errors that point into them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a TOML file cannot be used.
#[derive(Debug, Error)]
pub enum TomlError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {}", reason(source), path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The text is not TOML, or a key or value is wrong.
    #[error("{path}:{line}:{column}: {message}", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: usize,
        /// Character in the line, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
}

/// Reads a file and parses it.
///
/// # Errors
/// [`TomlError`].
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, TomlError> {
    parse(&text(path)?, path)
}

/// Reads a file.
///
/// # Errors
/// [`TomlError::Unreadable`].
pub fn text(path: &Path) -> Result<String, TomlError> {
    fs::read_to_string(path).map_err(|source| TomlError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// Parses a text; errors name `path` as its file.
///
/// # Errors
/// [`TomlError::Wrong`].
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        let line_before = before.rsplit('\n').next().unwrap_or(before);
        TomlError::Wrong {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: line_before.chars().count() + 1,
            message: message(line_before, error.message()),
        }
    })
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::IsADirectory => "it is a folder; give the path of a TOML file".to_owned(),
        ErrorKind::InvalidData => {
            "it is not text in UTF-8; give the path of a TOML file".to_owned()
        }
        _ => format!("{error}; give the path of a TOML file that exists"),
    }
}

/// Puts the parser's message on one line and adds the key whose value is wrong: the parser names
/// only unknown keys.
fn message(line_before: &str, parser: &str) -> String {
    let message = parser.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = message
        .replace(
            "expected u32",
            "expected a whole number from 0 to 4294967295",
        )
        .replace("expected f64", "expected a number");
    match key_before_value(line_before) {
        Some(key) => format!("`{key}`: {message}"),
        None => message,
    }
}

fn key_before_value(line: &str) -> Option<&str> {
    let key = line.trim_end().strip_suffix('=')?.trim_end();
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let key = &key[key.trim_end_matches(is_of_key).len()..];
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Example {
        #[serde(rename = "number")]
        _number: u32,
    }

    #[test]
    fn an_error_says_where_and_what_is_wrong() {
        let table = [
            ("number = 'a'", ":1:10: `number`: invalid type"),
            ("\n  numbr = 1", ":2:3: unknown field `numbr`"),
            ("number", ":1:7: "),
            ("number = -1", "expected a whole number from 0 to"),
            ("", ":1:1: missing field `number`"),
        ];
        for (text, expected) in table {
            let path = Path::new("example.toml");
            let error = parse::<Example>(text, path).expect_err(text).to_string();
            assert!(error.starts_with("example.toml:1:") || error.starts_with("example.toml:2:"));
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = read::<Example>(Path::new("/no/such.toml")).expect_err("no file");
        let error = error.to_string();
        assert!(
            error.starts_with("/no/such.toml cannot be read: "),
            "{error}"
        );
    }
}
