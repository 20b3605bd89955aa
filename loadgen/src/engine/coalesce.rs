//! Taking answers in batches.
//!
//! A server and its client fall into lockstep easily: the server answers one
//! request and sleeps, the client wakes, sends the next and sleeps. Both then
//! pay for a wake-up with each request. Network cards have the same trouble
//! with interrupts and solve it by moderating them: Mogul and Ramakrishnan,
//! "Eliminating receive livelock in an interrupt-driven kernel" (1997). So in
//! the closed loop a thread that found few answers pauses for a moment before
//! it looks for more. In the open loop, where latency is the question, it
//! never does.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::clock::nanos;

/// A turn that handled so many events has shared the cost of its wake-up
/// among enough of them: 16 and 32 gain nothing more.
const BATCH: usize = 8;

/// How long a pause is asked for: longer ones gain nothing more.
const PAUSE: Duration = Duration::from_micros(20);

/// The mean response takes this many pauses at least: an answer that comes
/// during a pause waits for half of it on average, and the closed loop is not
/// to look more than a sixteenth slower for it.
const PAUSES_PER_RESPONSE: u64 = 8;

/// At the mean rate half an answer comes during a pause at least; else it
/// does not repay its own wake-up.
const MOST_PAUSES_PER_ANSWER: u64 = 2;

/// How many answers the rate is taken from: few enough to follow the server,
/// enough not to follow a single batch.
const SAMPLE: u64 = 256;

/// How many pauses are tried to learn how long they last: half a millisecond.
const TRIES: usize = 9;

/// Whether one thread pauses, as of the rate of its answers.
#[derive(Debug)]
pub(super) struct Coalescing {
    /// Nanoseconds that a pause really lasts: the kernel takes its time to end
    /// it, tens of microseconds on a virtual machine.
    lasts: u64,
    since: u64,
    answered: u64,
    pays: bool,
}

impl Coalescing {
    pub(super) fn new(lasts: u64) -> Self {
        Self {
            lasts,
            since: 0,
            answered: 0,
            pays: false,
        }
    }

    /// How long to pause after a turn that handled so many events, with so
    /// many requests answered by now, and so many connections that each wait
    /// for an answer.
    pub(super) fn pause(
        &mut self,
        now: u64,
        events: usize,
        answered: u64,
        connections: usize,
    ) -> Option<Duration> {
        let more = answered - self.answered;
        if more >= SAMPLE {
            let gap = now.saturating_sub(self.since) / more;
            // By Little's law.
            let response = gap * connections as u64;
            self.pays = self.lasts * PAUSES_PER_RESPONSE <= response
                && self.lasts * MOST_PAUSES_PER_ANSWER >= gap;
            (self.since, self.answered) = (now, answered);
        }
        (self.pays && events < BATCH).then_some(PAUSE)
    }
}

/// How many nanoseconds a pause lasts on this thread: the median of some.
pub(super) fn try_pauses() -> u64 {
    let mut lasted = [0; TRIES];
    for each in &mut lasted {
        let begun = Instant::now();
        sleep(PAUSE);
        *each = nanos(begun.elapsed());
    }
    lasted.sort_unstable();
    lasted[TRIES / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: u64 = 20_000;

    /// Whether a thread pauses whose connections are answered so many
    /// nanoseconds after one another.
    fn pauses(gap: u64, connections: usize, events: usize) -> bool {
        let mut coalescing = Coalescing::new(LASTS);
        let pause = coalescing.pause(SAMPLE * gap, events, SAMPLE, connections);
        pause.is_some()
    }

    #[test]
    fn a_thread_with_many_connections_and_frequent_answers_pauses() {
        assert!(pauses(10_000, 32, 1));
        assert!(pauses(40_000, 64, 1));
    }

    #[test]
    fn a_turn_that_found_many_answers_is_followed_by_no_pause() {
        assert!(!pauses(10_000, 32, BATCH));
    }

    #[test]
    fn few_connections_or_rare_answers_are_not_worth_a_pause() {
        assert!(!pauses(10_000, 8, 1));
        assert!(!pauses(1_000_000, 1_000, 1));
        assert!(!pauses(0, 32, 1));
    }

    #[test]
    fn a_pause_is_a_small_part_of_the_response_time() {
        for gap in [100, 1_000, 5_000, 30_000, 50_000] {
            for connections in [1, 16, 64, 1_024] {
                let response = gap * connections as u64;
                assert!(!pauses(gap, connections, 1) || LASTS * 8 <= response);
            }
        }
    }

    #[test]
    fn pausing_follows_the_rate_of_the_last_answers() {
        let mut coalescing = Coalescing::new(LASTS);
        assert!(coalescing.pause(0, 1, 0, 64).is_none());
        let busy = SAMPLE * 10_000;
        assert!(coalescing.pause(busy, 1, SAMPLE, 64).is_some());
        let slow = busy + SAMPLE * 1_000_000;
        assert!(coalescing.pause(slow, 1, 2 * SAMPLE, 64).is_none());
    }
}
