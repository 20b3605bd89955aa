//! What a request costs: it is written in the request, so that the generator decides.

use std::time::{Duration, Instant};

use nix::sys::timerfd::{self, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::time::{ClockId, clock_gettime};
use thiserror::Error;

use crate::sys::readiness;

/// The work that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// `/`: a few bytes.
    Answer,
    /// `/bytes/N`: that many bytes.
    Bytes(u64),
    /// `/spin/US`: burns CPU time.
    Spin(Duration),
    /// `/block/US`: keeps the worker's only thread for that long without using a CPU.
    Block(Duration),
    /// `/sleep/US`: takes that long, while the worker serves others.
    Sleep(Duration),
}

/// A request target that asks for no known work.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WorkError {
    /// The first segment is not one of ours.
    #[error("no such target: ask for /, /bytes/N, /spin/US, /block/US or /sleep/US")]
    Unknown,
    /// The second segment is not a number that we take.
    #[error("not a number: ask for a whole number of bytes, or of microseconds up to 60000000")]
    Amount,
}

/// A request that takes longer is taken for a mistake: it would hold up a whole study.
const LONGEST_MICROS: u64 = 60_000_000;

impl Work {
    /// Reads the path of a request target. Leading zeros are welcome: a generator can patch a
    /// number of fixed width in place.
    ///
    /// # Errors
    /// [`WorkError`] if the path asks for nothing known, or for an unreasonable amount.
    pub fn parse(path: &str) -> Result<Self, WorkError> {
        if path == "/" {
            return Ok(Self::Answer);
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
            _ => Err(WorkError::Unknown),
        }
    }

    /// Whether the worker can do nothing else meanwhile.
    pub(super) fn takes_up_the_worker(self) -> bool {
        matches!(self, Self::Spin(_) | Self::Block(_))
    }

    /// Does it. Bytes cost nothing here: they are made while they are sent.
    pub(super) async fn perform(self) {
        match self {
            Self::Answer | Self::Bytes(_) => {}
            Self::Spin(time) => spin(time),
            Self::Block(time) => std::thread::sleep(time),
            Self::Sleep(time) => sleep(time).await,
        }
    }
}

fn number(text: &str) -> Result<u64, WorkError> {
    // `u64::from_str` would also take a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        text.parse().map_err(|_| WorkError::Amount)
    } else {
        Err(WorkError::Amount)
    }
}

fn micros(text: &str) -> Result<Duration, WorkError> {
    let micros = number(text)?;
    if micros <= LONGEST_MICROS {
        Ok(Duration::from_micros(micros))
    } else {
        Err(WorkError::Amount)
    }
}

/// Burns CPU time of this thread. The thread's own clock is asked and not the wall's: while
/// the thread is preempted nothing is burnt.
fn spin(time: Duration) {
    let Some(begun) = thread_time() else {
        return spin_by_the_wall(time);
    };
    while thread_time().is_some_and(|now| now.saturating_sub(begun) < time) {
        // Asking is a system call of some hundred nanoseconds; burn about as much between.
        (0..100).for_each(|_| std::hint::spin_loop());
    }
}

/// Where the thread's clock cannot be read.
fn spin_by_the_wall(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn thread_time() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .ok()
        .map(Duration::from)
}

/// Tokio's timers tick in milliseconds and round up: a sleep of 100 microseconds would take up
/// to two milliseconds. A timer of the kernel keeps to the microsecond.
async fn sleep(time: Duration) {
    if !time.is_zero() && wait_for_timer(time).await.is_err() {
        tokio::time::sleep(time).await;
    }
}

async fn wait_for_timer(time: Duration) -> std::io::Result<()> {
    let timer = TimerFd::new(
        timerfd::ClockId::CLOCK_MONOTONIC,
        TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC,
    )?;
    timer.set(Expiration::OneShot(time.into()), TimerSetTimeFlags::empty())?;
    let timer = readiness::watch(timer.into())?;
    let _expired = timer.readable().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_target_asks_for_its_work() {
        let us = Duration::from_micros;
        let cases = [
            ("/", Work::Answer),
            ("/bytes/0", Work::Bytes(0)),
            ("/bytes/1048576", Work::Bytes(1_048_576)),
            ("/spin/50", Work::Spin(us(50))),
            ("/block/0000001000", Work::Block(us(1000))),
            ("/sleep/60000000", Work::Sleep(us(LONGEST_MICROS))),
        ];
        for (path, work) in cases {
            assert_eq!(Work::parse(path), Ok(work), "{path}");
        }
    }

    #[test]
    fn other_targets_are_refused_with_what_can_be_asked() {
        for path in ["", "/spin", "/favicon.ico", "/turn/5", "spin/5"] {
            assert_eq!(Work::parse(path), Err(WorkError::Unknown), "{path}");
        }
        for path in [
            "/spin/",
            "/spin/-1",
            "/spin/+1",
            "/spin/1.5",
            "/block/60000001",
            "/bytes/99999999999999999999",
        ] {
            assert_eq!(Work::parse(path), Err(WorkError::Amount), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_the_parser_panic(path in ".*") {
            let _outcome = Work::parse(&path);
        }
    }
}
