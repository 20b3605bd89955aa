//! The work of a request. The request's target defines it, so the load generator decides.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use thiserror::Error;

use crate::dispatch::kernel_timer;

/// The work of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// `/`, and the asterisk of OPTIONS: a few bytes.
    Answer,
    /// `/total`: how many requests the fleet has answered, if it counts them.
    Total,
    /// `/bytes/N`: that many bytes.
    Bytes(u64),
    /// `/spin/US`: uses CPU time.
    Spin(Duration),
    /// `/block/US`: blocks the worker's thread for that long without using CPU time.
    Block(Duration),
    /// `/stream/US/N`: N pieces, one each that many microseconds.
    Stream {
        /// Time between two pieces, above zero.
        every: Duration,
        /// Number of pieces.
        pieces: u32,
    },
    /// `/sleep/US`: answers after that time, while the worker serves other requests.
    Sleep(Duration),
}

/// Why a request target is invalid.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WorkError {
    /// The first segment is unknown.
    #[error(
        "no such target: ask for /, /bytes/N, /spin/US, /block/US, /sleep/US, /stream/US/N or /websocket"
    )]
    Unknown,
    /// The second segment is not a valid number.
    #[error("not a number: ask for a whole number of bytes, or of microseconds up to 60000000")]
    Amount,
}

/// Longer requests are rejected as mistakes, since they would delay a whole study.
const MAX_MICROS: u64 = 60_000_000;

impl Work {
    /// Parses the path of a request target. Leading zeros are allowed, so that a generator can replace
    /// a number of fixed width in place.
    ///
    /// # Errors
    /// [`WorkError`] if the path is unknown, or its number is invalid.
    pub fn parse(path: &str) -> Result<Self, WorkError> {
        if matches!(path, "/" | "*") {
            return Ok(Self::Answer);
        }
        if path == "/total" {
            return Ok(Self::Total);
        }
        let (kind, amount) = path
            .strip_prefix('/')
            .and_then(|rest| rest.split_once('/'))
            .ok_or(WorkError::Unknown)?;
        match kind {
            "bytes" => number(amount).map(Self::Bytes),
            "spin" => micros(amount).map(Self::Spin),
            "block" => micros(amount).map(Self::Block),
            "sleep" => micros(amount).map(Self::Sleep),
            "stream" => stream(amount),
            _ => Err(WorkError::Unknown),
        }
    }

    /// Whether the worker can do nothing else meanwhile.
    pub(super) fn occupies_the_worker(self) -> bool {
        matches!(self, Self::Spin(_) | Self::Block(_))
    }

    /// Does the work. Bytes and streams need none here, since they are created
    /// while they are sent.
    pub(super) async fn perform(self) {
        match self {
            Self::Answer | Self::Total | Self::Bytes(_) | Self::Stream { .. } => {}
            Self::Spin(time) => spin(time),
            Self::Block(time) => std::thread::sleep(time),
            Self::Sleep(time) => kernel_timer::sleep(time).await,
        }
    }
}

fn number(text: &str) -> Result<u64, WorkError> {
    // `u64::from_str` also accepts a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or(WorkError::Amount)
}

fn stream(text: &str) -> Result<Work, WorkError> {
    let (every, pieces) = text.split_once('/').ok_or(WorkError::Amount)?;
    let every = micros(every)?;
    let pieces = u32::try_from(number(pieces)?).map_err(|_| WorkError::Amount)?;
    let work = Work::Stream { every, pieces };
    (!every.is_zero()).then_some(work).ok_or(WorkError::Amount)
}

fn micros(text: &str) -> Result<Duration, WorkError> {
    let micros = number(text)?;
    let time = (micros <= MAX_MICROS).then(|| Duration::from_micros(micros));
    time.ok_or(WorkError::Amount)
}

/// Uses CPU time of this thread, measured by the thread's CPU clock, so that preemption does not
/// count.
fn spin(time: Duration) {
    let Some(begin) = thread_time() else {
        return spin_by_wall_clock(time);
    };
    while thread_time().is_some_and(|now| now.saturating_sub(begin) < time) {
        // Reading the clock is a system call of some hundred nanoseconds. This takes about as long.
        (0..100).for_each(|_| std::hint::spin_loop());
    }
}

/// Uses CPU time, for systems on which the thread's clock cannot be read.
fn spin_by_wall_clock(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn thread_time() -> Option<Duration> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.ok().map(Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_target_is_parsed_as_its_work() {
        let us = Duration::from_micros;
        let cases = [
            ("/", Work::Answer),
            ("*", Work::Answer),
            ("/total", Work::Total),
            ("/bytes/0", Work::Bytes(0)),
            ("/bytes/1048576", Work::Bytes(1_048_576)),
            ("/spin/50", Work::Spin(us(50))),
            ("/block/0000001000", Work::Block(us(1000))),
            ("/sleep/60000000", Work::Sleep(us(MAX_MICROS))),
            (
                "/stream/9/4",
                Work::Stream {
                    every: us(9),
                    pieces: 4,
                },
            ),
        ];
        for (path, work) in cases {
            assert_eq!(Work::parse(path), Ok(work), "{path}");
        }
    }

    #[test]
    fn other_targets_are_rejected() {
        for path in ["", "/spin", "/favicon.ico", "/turn/5", "spin/5", "/total/1"] {
            assert_eq!(Work::parse(path), Err(WorkError::Unknown), "{path}");
        }
        for path in [
            "/spin/",
            "/spin/-1",
            "/spin/+1",
            "/spin/1.5",
            "/block/60000001",
            "/stream/9",
            "/stream/0/9",
            "/stream/9/4294967296",
            "/bytes/99999999999999999999",
        ] {
            assert_eq!(Work::parse(path), Err(WorkError::Amount), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_causes_a_panic(path in ".*") {
            let _outcome = Work::parse(&path);
        }
    }
}
