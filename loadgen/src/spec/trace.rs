//! Arrival times from a file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::duration::LONGEST_S;
use evenkeel_common::file;
use evenkeel_common::number::Numbers;

/// Ascending times since the load began at which requests are due. A clone is cheap and shares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub(crate) times_ns: Arc<[u64]>,
}

/// Why a trace cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum TraceError {
    #[error("the trace {path} cannot be read ({source}): give the path of a text file", path = .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the trace {path} contains no time: write one per line, in seconds", path = .path.display())]
    Empty { path: PathBuf },
    #[error("{path}:{line}: `{text}` {problem}", path = .path.display())]
    Line {
        path: PathBuf,
        line: usize,
        text: String,
        problem: &'static str,
    },
}

/// A trace of more than a year has the wrong unit.
const TIMES: Numbers = Numbers::between(0.0, LONGEST_S, "a time is a number of seconds");

/// How much of a wrong line is shown.
const SHOWN_CHARS: usize = 40;

impl Trace {
    /// Reads a file with one time per line, in seconds since the load began, in ascending order.
    /// Empty lines and lines that begin with `#` are ignored. Times are kept to the nanosecond.
    ///
    /// # Errors
    /// [`TraceError`], with the file and the line.
    pub fn read(path: &Path) -> Result<Self, TraceError> {
        let text = file::read_text(path, file::LOAD).map_err(|source| TraceError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a trace; `path` is only used in errors.
    ///
    /// # Errors
    /// [`TraceError`], with the file and the line.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TraceError> {
        let mut times_ns: Vec<u64> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |problem| TraceError::Line {
                path: path.to_owned(),
                line: number + 1,
                text: line.chars().take(SHOWN_CHARS).collect(),
                problem,
            };
            let time_ns = parse_time(line).map_err(wrong)?;
            if times_ns.last().is_some_and(|last| *last > time_ns) {
                return Err(wrong("is before the line above: sort the trace"));
            }
            times_ns.push(time_ns);
        }
        if times_ns.is_empty() {
            return Err(TraceError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(Self {
            times_ns: times_ns.into(),
        })
    }

    /// Time from the start of the load until after the last arrival.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::from_nanos(self.times_ns.last().map_or(0, |last| last + 1))
    }
}

fn parse_time(text: &str) -> Result<u64, &'static str> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "is not a time: write seconds, such as 0.125")?;
    let seconds = TIMES.check(seconds);
    let seconds = seconds.map_err(|_| "is out of range: give seconds from 0 up to a year")?;
    Ok((seconds * 1e9).round() as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Trace, String> {
        Trace::parse(text, Path::new("times.txt")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_trace_has_one_time_per_line() {
        let trace = parse("# from the access log\n0\n 0.000000001\n\n0.5\n0.5\n1e1\n");
        let expected = [0, 1, 500_000_000, 500_000_000, 10_000_000_000];
        let trace = trace.expect("ascending times");
        assert_eq!(*trace.times_ns, expected);
        assert_eq!(trace.length(), Duration::from_nanos(10_000_000_001));
    }

    #[test]
    fn an_error_names_file_and_line() {
        for (text, expected) in [
            ("", "the trace times.txt contains no time"),
            ("# nothing\n\n", "contains no time"),
            ("1\n\n0.5\n", "times.txt:3: `0.5` is before the line above"),
            ("1\nsoon\n", "times.txt:2: `soon` is not a time:"),
            ("-1\n", "times.txt:1: `-1` is out of range"),
            ("nan\n", "times.txt:1: `nan` is out of range"),
            ("inf\n", "times.txt:1: `inf` is out of range"),
            ("1e12\n", "times.txt:1: `1e12` is out of range"),
            ("1,2\n", "times.txt:1: `1,2` is not a time:"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        let missing = Trace::read(Path::new("/nonexistent/times.txt"));
        let error = missing.expect_err("no such file").to_string();
        assert!(
            error.contains("/nonexistent/times.txt cannot be read"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn sorted_times_are_kept_to_the_nanosecond(mut times in prop::collection::vec(0u64..1_000_000_000_000, 1..50)) {
            times.sort_unstable();
            let line = |ns: &u64| format!("{}.{:09}\n", ns / 1_000_000_000, ns % 1_000_000_000);
            let text: String = times.iter().map(line).collect();
            let trace = parse(&text).expect("sorted");
            prop_assert_eq!(&trace.times_ns[..], &times[..]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(.|\n)*") {
            let _ = parse(&text);
        }
    }
}
