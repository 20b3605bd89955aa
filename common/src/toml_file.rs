//! TOML files, and errors that point into them.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::file;
use crate::suggest::did_you_mean;

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
    file::read_text(path, file::SETTINGS).map_err(|source| TomlError::Unreadable {
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
        let (line, column, line_before) = position(text, start);
        TomlError::Wrong {
            path: path.to_owned(),
            line,
            column,
            message: message(line_before, error.message()),
        }
    })
}

/// Returns line and column of a place in a text, from 1, and what is before it in its line.
fn position(text: &str, at: usize) -> (usize, usize, &str) {
    let before = text.get(..at).unwrap_or(text);
    let line_before = before.rsplit('\n').next().unwrap_or(before);
    let line = before.matches('\n').count() + 1;
    (line, line_before.chars().count() + 1, line_before)
}

/// A table of a TOML file, kept for errors that are found after it was parsed. A value that was not read
/// from a file has the default, which has no places.
#[derive(Clone, Debug, Default)]
pub struct Origin(Option<(Arc<Document>, String)>);

#[derive(Debug)]
struct Document {
    path: PathBuf,
    text: String,
}

impl Origin {
    /// The root table of a file with this text.
    pub fn root(path: &Path, text: &str) -> Self {
        let (path, text) = (path.to_owned(), text.to_owned());
        Self(Some((Arc::new(Document { path, text }), String::new())))
    }

    /// A table in this one, such as `fleet` or `scenario.1`.
    pub fn table(&self, name: &str) -> Self {
        let inner = self.0.as_ref();
        Self(inner.map(|(document, table)| (Arc::clone(document), joined(table, name))))
    }

    /// Returns `path:line:column: ` of the value of a key, for the start of a message. If the key is not
    /// there, it is the place of its table.
    pub fn place(&self, key: &str) -> String {
        let mut place = String::new();
        if let Some((document, table)) = &self.0 {
            let start = DeTable::parse(&document.text).ok();
            let start = start.map(|root| start_of(root.get_ref(), &joined(table, key), 0));
            let (line, column, _) = position(&document.text, start.unwrap_or(0));
            let path = document.path.display();
            // Writing to a String does not fail.
            let _ = write!(place, "{path}:{line}:{column}: ");
        }
        place
    }
}

/// Equal values are equal, wherever they were read.
impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

fn joined(table: &str, key: &str) -> String {
    match table.is_empty() {
        true => key.to_owned(),
        false => format!("{table}.{key}"),
    }
}

/// Returns where the value of a dotted key starts, in bytes, or else the last table on the way to it.
fn start_of(table: &DeTable, key: &str, start: usize) -> usize {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let value = table.iter().find(|(name, _)| name.get_ref() == first);
    let Some((_, value)) = value else {
        return start;
    };
    let (mut value, mut rest) = (value, rest);
    if let DeValue::Array(elements) = value.get_ref() {
        let (number, further) = rest.split_once('.').unwrap_or((rest, ""));
        let element = number.parse::<usize>().ok().and_then(|at| elements.get(at));
        (value, rest) = (element.unwrap_or(value), further);
    }
    let start = value.span().start;
    match value.get_ref() {
        DeValue::Table(table) if !rest.is_empty() => start_of(table, rest, start),
        _ => start,
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::IsADirectory => "it is a folder; give the path of a TOML file".to_owned(),
        ErrorKind::InvalidData | ErrorKind::FileTooLarge => {
            format!("{error}; give the path of a TOML file")
        }
        _ => format!("{error}; give the path of a TOML file that exists"),
    }
}

/// Names of types in messages of the parser, and what they mean to people.
const TYPES: [(&str, &str); 4] = [
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number of at least 0"),
    ("usize", "a whole number of at least 0"),
    ("f64", "a number"),
];

/// Puts the parser's message on one line, with a suggestion for an unknown name, and adds the key whose
/// value is wrong: the parser names only unknown keys.
fn message(line_before: &str, parser: &str) -> String {
    let message = parser.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = TYPES.iter().fold(message, |message, (name, words)| {
        message.replace(&format!("expected {name}"), &format!("expected {words}"))
    });
    let message = format!("{message}{}", suggestion(&message));
    match key_before_value(line_before) {
        Some(key) => format!("`{key}`: {message}"),
        None => message,
    }
}

/// Suggests one of the expected names for an unknown one. The parser says "unknown field `x`, expected
/// one of `a`, `b`".
fn suggestion(message: &str) -> String {
    let mut names = message.split('`');
    let begins = |text: &str| matches!(text, "unknown field " | "unknown variant ");
    let is_unknown = names.next().is_some_and(begins);
    match names.next() {
        Some(unknown) if is_unknown => did_you_mean(unknown, names.skip(1).step_by(2)),
        _ => String::new(),
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
            (
                "\n  numbr = 1",
                ":2:3: unknown field `numbr`, expected `number`; did you mean `number`?",
            ),
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

    #[test]
    fn an_error_that_is_found_later_points_to_its_value_or_the_table() {
        let text = "a = 1\n[fleet]\nworkers = 4\n\n[[scenario]]\nx = 1\n[[scenario]]\n  x = 2\n";
        let origin = Origin::root(Path::new("it.toml"), text);
        let second = origin.table("scenario.1");
        for (place, expected) in [
            (origin.place("a"), "it.toml:1:5: "),
            (origin.place("fleet.workers"), "it.toml:3:11: "),
            (origin.place("fleet.none"), "it.toml:2:1: "),
            (origin.place("none.none"), "it.toml:1:1: "),
            (second.place("x"), "it.toml:8:7: "),
            (second.place("none"), "it.toml:7:1: "),
            (Origin::default().place("a"), ""),
        ] {
            assert_eq!(place, expected);
        }
        assert_eq!(origin, Origin::default());
    }

    #[test]
    fn a_file_without_end_is_an_error() {
        let error = read::<Example>(Path::new("/dev/zero")).expect_err("endless");
        assert!(error.to_string().contains("more than 1 MiB"), "{error}");
    }
}
