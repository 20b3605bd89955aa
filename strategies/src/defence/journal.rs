//! The journal: what defences have done, in memory that all processes of a fleet share.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

use crate::sys::shared_memory::SharedCounters;
use crate::view::Life;

/// The name under which processes of a fleet with defences inherit it.
pub(crate) const JOURNAL: &str = "journal";

/// Counts and events of the defences of a fleet. Any process writes, without a system call and without
/// waiting. It keeps the first 4096 events.
#[derive(Clone, Debug)]
pub struct Journal(Arc<SharedCounters>);

/// What is counted. The number is the place in the first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Requests = 0,
    Retries = 1,
    OverBudget = 2,
    TryTimeouts = 3,
    Ejections = 4,
    Hedges = 5,
    HedgesWon = 6,
}

/// What the defences of a fleet have done since it was launched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DefenceCounts {
    /// Requests that have arrived.
    pub requests: u64,
    /// Tries after the first one of a request.
    pub retries: u64,
    /// Retries and second tries that their budget did not allow.
    pub over_budget: u64,
    /// Tries that took too long.
    pub try_timeouts: u64,
    /// Second tries beside the first one of a request, and how many of them answered first.
    pub hedges: u64,
    /// See [`hedges`](Self::hedges).
    pub hedges_won: u64,
    /// Ejections of workers.
    pub ejections: u64,
    /// Connections that ill workers had not taken in, and that others got.
    pub rescued: u64,
}

/// What has happened to a worker. The number stands for it in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It is not available for a while.
    Ejected = 1,
    /// It is available again.
    Returned = 2,
}

const ALL: [What; 2] = [What::Ejected, What::Returned];

/// An event in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: Instant,
    pub(crate) life: Life,
    pub(crate) what: What,
    /// What is to say beyond that, such as a duration in milliseconds.
    pub(crate) detail: u64,
}

/// The lines: counts, the number of events, and the events.
const COUNTS: usize = 0;
const EVENTS: usize = 1;
const FIRST: usize = 2;

/// An event takes a quarter of a line: time, what, life, detail.
const PER_LINE: usize = 4;
const WORDS: usize = 4;
const MOST_EVENTS: usize = 4096;
const LINES: NonZeroUsize = NonZeroUsize::new(FIRST + MOST_EVENTS / PER_LINE).expect("some");

impl Journal {
    /// Creates a journal, and the descriptor with which other processes join it.
    ///
    /// # Errors
    /// If the kernel has no memory for it.
    pub fn create() -> io::Result<(Self, OwnedFd)> {
        let (lines, file) = SharedCounters::create("evenkeel-journal", LINES)?;
        Ok((Self(Arc::new(lines)), file))
    }

    /// Opens the journal that another process has created.
    pub(crate) fn join(file: &OwnedFd) -> io::Result<Self> {
        SharedCounters::map(file, LINES).map(|lines| Self(Arc::new(lines)))
    }

    pub(crate) fn count(&self, what: Count) {
        self.0[COUNTS].0[what as usize].fetch_add(1, Relaxed);
    }

    /// Returns all counts.
    pub fn counts(&self) -> DefenceCounts {
        let count = |what: Count| self.0[COUNTS].0[what as usize].load(Relaxed);
        DefenceCounts {
            requests: count(Count::Requests),
            retries: count(Count::Retries),
            over_budget: count(Count::OverBudget),
            try_timeouts: count(Count::TryTimeouts),
            hedges: count(Count::Hedges),
            hedges_won: count(Count::HedgesWon),
            ejections: count(Count::Ejections),
            // In the scoreboard.
            rescued: 0,
        }
    }

    /// Adds an event that happens now.
    pub(crate) fn note(&self, what: What, life: Life, detail: u64) {
        let number = self.0[EVENTS].0[0].fetch_add(1, Relaxed) as usize;
        if number >= MOST_EVENTS {
            return;
        }
        let [time, kind, of, more] = self.words(number);
        kind.store(what as u64, Relaxed);
        of.store(
            (life.place as u64) << 32 | u64::from(life.generation),
            Relaxed,
        );
        more.store(detail, Relaxed);
        // Readers see an event once it has a time.
        time.store(now().as_nanos() as u64, Ordering::Release);
    }

    /// Returns all events.
    pub(crate) fn events(&self) -> Vec<Entry> {
        let noted = self.0[EVENTS].0[0].load(Relaxed) as usize;
        let clocks = (Instant::now(), now());
        let numbers = 0..noted.min(MOST_EVENTS);
        numbers
            .filter_map(|number| self.entry(number, clocks))
            .collect()
    }

    fn entry(&self, number: usize, (instant, now): (Instant, Duration)) -> Option<Entry> {
        let [time, kind, of, more] = self.words(number);
        let at = Duration::from_nanos(time.load(Ordering::Acquire));
        let kind = kind.load(Relaxed);
        let what = ALL.into_iter().find(|what| *what as u64 == kind)?;
        let of = of.load(Relaxed);
        Some(Entry {
            at: instant.checked_sub(now.saturating_sub(at))?,
            life: Life {
                place: (of >> 32) as usize,
                generation: of as u32,
            },
            what,
            detail: more.load(Relaxed),
        })
        .filter(|_| !at.is_zero())
    }

    fn words(&self, number: usize) -> [&AtomicU64; WORDS] {
        let line = &self.0[FIRST + number / PER_LINE].0;
        let first = number % PER_LINE * WORDS;
        [0, 1, 2, 3].map(|word| &line[first + word])
    }
}

/// Returns the time of the clock that all processes share, and that [`Instant`] reads.
fn now() -> Duration {
    // The kernel always has this clock.
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Life = Life {
        place: 3,
        generation: 7,
    };

    #[test]
    fn what_one_process_writes_another_one_reads() -> io::Result<()> {
        let (ours, file) = Journal::create()?;
        let theirs = Journal::join(&file)?;
        let before = Instant::now();
        theirs.note(What::Ejected, LIFE, 250);
        theirs.count(Count::Retries);
        theirs.count(Count::Retries);
        assert_eq!(ours.counts().retries, 2);
        let [event] = ours.events()[..] else {
            panic!("one event: {:?}", ours.events());
        };
        assert_eq!(
            (event.what, event.life, event.detail),
            (What::Ejected, LIFE, 250)
        );
        // The two clocks are read one after the other.
        assert!(event.at + Duration::from_secs(1) > before && event.at <= Instant::now());
        Ok(())
    }

    #[test]
    fn it_keeps_the_first_events() -> io::Result<()> {
        let (journal, _file) = Journal::create()?;
        for detail in 0..MOST_EVENTS as u64 + 10 {
            journal.note(What::Returned, LIFE, detail);
        }
        let events = journal.events();
        assert_eq!(events.len(), MOST_EVENTS);
        assert!(
            (0..)
                .zip(&events)
                .all(|(number, event)| event.detail == number)
        );
        Ok(())
    }
}
