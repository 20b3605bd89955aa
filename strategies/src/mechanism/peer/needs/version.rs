//! Which version of a program is installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use semver::Version;

use crate::mechanism::peer::ask::ask;

/// Generous: Node and Python take a tenth of a second, but a busy machine may stall for seconds.
const WITHIN: Duration = Duration::from_secs(10);

/// A program, and the arguments with which it tells its version.
type Question = (PathBuf, Vec<String>);
type Answer = Result<Version, String>;

/// The version that a program tells, in which the first number with a dot counts. Each program is
/// asked once per process: a check comes before every trial, and several recipes need the same.
pub(super) fn of_program(path: &Path, arguments: &[String]) -> Answer {
    static ASKED: Mutex<BTreeMap<Question, Arc<OnceLock<Answer>>>> = Mutex::new(BTreeMap::new());
    let question = (path.to_owned(), arguments.to_owned());
    let answer = {
        let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(asked.entry(question).or_default())
    };
    answer.get_or_init(|| ask_program(path, arguments)).clone()
}

/// Asks with a home of its own, so that nothing of the user's is read or written.
fn ask_program(path: &Path, arguments: &[String]) -> Answer {
    let asked = arguments.join(" ");
    let home = tempfile::tempdir().map_err(|error| format!("cannot have a folder ({error})"))?;
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
    let said = ask(command, WITHIN).map_err(|problem| format!("asked for `{asked}` {problem}"))?;
    // nginx tells it on standard error.
    in_text(&said.out)
        .or_else(|| in_text(&said.err))
        .ok_or_else(|| format!("asked for `{asked}` tells no version"))
}

/// The first number with a dot, up to three groups of digits: `1.22.1` of `nginx/1.22.1` and `2.6.12`
/// of `2.6.12-1+deb12u1`.
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
        for (said, version) in [
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
            assert_eq!(in_text(said), expected, "{said}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_program_says_is_read_without_a_panic(said in ".*") {
            let _version = in_text(&said);
        }
    }
}
