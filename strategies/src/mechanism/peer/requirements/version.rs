//! The version of an installed program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use semver::Version;

use crate::mechanism::peer::ask::ask;

/// Generous: Node and Python take a tenth of a second, but a busy machine may stall for seconds.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A program, and the arguments that make it print its version.
type CommandLine = (PathBuf, Vec<String>);
type VersionResult = Result<Version, String>;

/// Returns the version that a program prints: the first number with a dot. Each program runs once
/// per process, since a check precedes every trial and several recipes share programs.
pub(super) fn of_program(path: &Path, arguments: &[String]) -> VersionResult {
    static CACHE: Mutex<BTreeMap<CommandLine, Arc<OnceLock<VersionResult>>>> =
        Mutex::new(BTreeMap::new());
    let command = (path.to_owned(), arguments.to_owned());
    let entry = {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(command).or_default())
    };
    entry.get_or_init(|| run_program(path, arguments)).clone()
}

/// Runs the program with an empty home folder, so that it reads and writes no files of the user.
fn run_program(path: &Path, arguments: &[String]) -> VersionResult {
    let options = arguments.join(" ");
    let home = tempfile::tempdir()
        .map_err(|error| format!("cannot be run: no temporary folder ({error})"))?;
    let mut command = Command::new(path);
    command
        .args(arguments)
        .current_dir(&home)
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", home.path());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let output = ask(command, TIME_LIMIT)
        .map_err(|problem| format!("with the option `{options}` {problem}"))?;
    // nginx prints it on standard error.
    in_text(&output.out)
        .or_else(|| in_text(&output.err))
        .ok_or_else(|| format!("with the option `{options}` prints no version"))
}

/// Returns the first number with a dot, up to three groups of digits: `1.22.1` in `nginx/1.22.1`,
/// `2.6.12` in `2.6.12-1+deb12u1`.
pub(super) fn in_text(text: &str) -> Option<Version> {
    let numbers = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    numbers.into_iter().find_map(|number| {
        let mut groups = number.split('.').map(str::parse);
        let major = groups.next()?.ok()?;
        let minor = groups.next()?.ok()?;
        let patch = groups.next().and_then(Result::ok).unwrap_or(0);
        Some(Version::new(major, minor, patch))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_number_with_a_dot_is_the_version() {
        for (text, version) in [
            ("nginx version: nginx/1.22.1", Some((1, 22, 1))),
            (
                "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/",
                Some((2, 6, 12)),
            ),
            (
                "envoy  version: d79f6e8d453ee260e9094093b8dd31af0056e67b/1.31.0/Clean",
                Some((1, 31, 0)),
            ),
            ("v20.11.1\n", Some((20, 11, 1))),
            ("gunicorn (version 23.0)", Some((23, 0, 0))),
            ("no. 7 of nothing", None),
            ("", None),
        ] {
            let expected = version.map(|(major, minor, patch)| Version::new(major, minor, patch));
            assert_eq!(in_text(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_output_of_a_program_causes_a_panic(text in ".*") {
            let _version = in_text(&text);
        }
    }
}
