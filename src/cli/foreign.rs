//! What options of other load generators are called here.

use std::ffi::OsString;

/// An option that wrk, hey, oha or ab have and `load` does not have, or with another meaning.
struct Foreign {
    words: &'static [&'static str],
    /// Who has it.
    of: &'static str,
    /// Whether it is meant with this next word: where `load` has an option of the same name.
    with: fn(&str) -> bool,
    /// What to write here, as the end of a sentence.
    instead: &'static str,
}

const ANY: fn(&str) -> bool = |_| true;
const NUMBER: fn(&str) -> bool = |word| word.parse::<f64>().is_ok();
const TIME: fn(&str) -> bool =
    |word| word.ends_with(|last: char| last.is_ascii_alphabetic()) && begins_with_digit(word);
const TEXT: fn(&str) -> bool = |word| !begins_with_digit(word);

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
}

const fn foreign(
    words: &'static [&'static str],
    of: &'static str,
    with: fn(&str) -> bool,
    instead: &'static str,
) -> Foreign {
    Foreign {
        words,
        of,
        with,
        instead,
    }
}

/// Those whose meaning is clear are accepted and not in this list: `-z`, `-R`, `-k`, `--latency`, `-n 1k`,
/// `-d 5`.
const FOREIGN: &[Foreign] = &[
    foreign(
        &["-q"],
        "hey and oha",
        NUMBER,
        "for a rate write `--rate N`; hey's -q is per connection, so multiply it by -c",
    ),
    foreign(
        &["-t"],
        "hey, oha and ab",
        TIME,
        "for the longest time of an answer write `--timeout 5s`; -t is the number of threads",
    ),
    foreign(
        &["-d"],
        "hey and oha",
        TEXT,
        "for a body write `--body TEXT`; -d is the measured time",
    ),
    foreign(
        &["-s", "--script"],
        "wrk",
        ANY,
        "scripts are not run: for several requests write `--target '3 /a' --target '1 POST /b BODY'`",
    ),
    foreign(
        &["-p"],
        "ab and oha",
        ANY,
        "for a body from a file write `-m POST --body-file FILE`",
    ),
    foreign(
        &["-u"],
        "ab",
        ANY,
        "for a body from a file write `-m PUT --body-file FILE`",
    ),
    foreign(
        &["-D"],
        "hey and oha",
        ANY,
        "for a body from a file write `--body-file FILE`",
    ),
    foreign(&["-i"], "ab", ANY, "write `-m HEAD`"),
    foreign(
        &["-T"],
        "hey, oha and ab",
        ANY,
        "write `-H 'content-type: TYPE'`",
    ),
    foreign(
        &["-A"],
        "hey, oha and ab",
        ANY,
        "write `-H 'accept: TYPE'`, or `-H 'authorization: Basic ...'` for a password",
    ),
    foreign(
        &["-a"],
        "hey and oha",
        ANY,
        "write `-H 'authorization: Basic ...'`",
    ),
    foreign(&["-C"], "ab", ANY, "write `-H 'cookie: NAME=VALUE'`"),
    foreign(
        &["-host", "--host"],
        "hey and oha",
        ANY,
        "write `-H 'host: NAME'`",
    ),
    foreign(
        &["-x", "-X", "--proxy"],
        "hey, oha and ab",
        ANY,
        "load goes to the server itself; `--send-proxy` begins connections as a balancer does",
    ),
    foreign(
        &["-disable-keepalive", "--disable-keepalive"],
        "hey and oha",
        ANY,
        "write `--requests-per-connection 1`",
    ),
    foreign(
        &["-disable-compression", "--disable-compression"],
        "hey and oha",
        ANY,
        "leave it out: no `accept-encoding` is sent unless `-H` gives one",
    ),
    foreign(
        &["-disable-redirects", "--redirect"],
        "hey and oha",
        ANY,
        "leave it out: redirects are not followed",
    ),
    foreign(
        &["--latency-correction"],
        "oha",
        ANY,
        "leave it out: with `--rate` every response time counts from when the request was due",
    ),
    foreign(
        &["--burst-delay", "--burst-rate"],
        "oha",
        ANY,
        "write `--arrivals burst:100ms:900ms`",
    ),
    foreign(&["-cpus"], "hey", ANY, "write `--threads N`"),
    foreign(
        &["-o"],
        "hey and oha",
        ANY,
        "for other formats write `--format csv` or `--format json`, and `--html FILE` for a page",
    ),
    foreign(&["-j", "--json"], "oha", ANY, "write `--format json`"),
    foreign(&["--no-tui"], "oha", ANY, "write `--quiet`"),
    foreign(
        &["--http2", "-h2"],
        "hey and oha",
        ANY,
        "leave it out: requests are HTTP/1.1 only",
    ),
    foreign(
        &["-e"],
        "ab",
        ANY,
        "for percentiles in a file write `--hgrm FILE`",
    ),
    foreign(&["-g"], "ab", ANY, "for times in a file write `--hdr FILE`"),
    foreign(
        &["-r", "-l"],
        "ab",
        ANY,
        "leave it out: failed requests are counted, and answers may differ in length",
    ),
];

/// Says what to write instead of the first option of another load generator in this line; `None` if it has
/// none.
pub(super) fn advice(line: &[OsString]) -> Option<String> {
    let words: Vec<String> = line
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let followed = words.iter().enumerate().map(|(at, word)| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let next = words.get(at + 1).map_or("", String::as_str);
        (name, if value.is_empty() { next } else { value })
    });
    followed.into_iter().find_map(|(name, next)| {
        let is_meant = |it: &&Foreign| it.words.contains(&name) && (it.with)(next);
        let Foreign { of, instead, .. } = FOREIGN.iter().find(is_meant)?;
        Some(format!("`{name}` is an option of {of}; {instead}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice_on(line: &str) -> Option<String> {
        let words = line.split(' ').map(OsString::from);
        advice(&words.collect::<Vec<_>>())
    }

    #[test]
    fn an_option_of_another_generator_is_answered_with_what_to_write() {
        for (line, words) in [
            ("load U -q 100", "`--rate N`"),
            ("load U -s a.lua", "`--target '3 /a'"),
            ("load U -t 30s", "`--timeout 5s`"),
            ("load U -d {\"a\":1}", "`--body TEXT`"),
            ("load U --host=a", "`-H 'host: NAME'`"),
            ("load U --json", "`--format json`"),
        ] {
            let advice = advice_on(line).expect(line);
            assert!(advice.contains(words), "{advice}");
        }
    }

    #[test]
    fn an_option_of_this_one_is_none_of_another() {
        for line in ["load -q U -t 2 -d 5s", "load U -t 4 -d 5 -c 3", "load U"] {
            assert_eq!(advice_on(line), None, "{line}");
        }
    }
}
