//! Pauses of the closed loop, so that answers arrive in batches.
//!
//! A server and its client easily fall into lockstep: the server answers one request and sleeps, the
//! client wakes, sends the next one and sleeps. Both then pay for a wake-up with each request. Network
//! cards have the same problem with interrupts, and solve it by moderating them: Mogul and
//! Ramakrishnan, "Eliminating receive livelock in an interrupt-driven kernel" (1997). So in the closed
//! loop, a thread that found few answers pauses briefly before it waits for more. In the open loop,
//! which measures latency, it never does.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::clock::nanos;

/// Number of events of a turn that share the cost of its wake-up well enough: 24 and 32 gain nothing.
const BATCH: usize = 16;

/// The mean response time is at least this many pauses: an answer that arrives during a pause waits
/// for half of it on average, and the closed loop should not look more than an eighth slower. If the
/// server is the limit, as in most closed loops, the wait only moves: the server has other requests.
const PAUSES_PER_RESPONSE: usize = 4;

/// A pause during which fewer answers arrive does not pay for its own wake-up.
const FEWEST: usize = 4;

/// Longer pauses gain nothing with fast answers, and would delay those of a slow server.
const LONGEST: Duration = Duration::from_micros(200);

/// Number of answers from which the rate is computed: few enough to follow the server, and too many
/// to follow a single batch.
const SAMPLE: u64 = 256;

/// Number and length of the pauses that are tried to measure how late they end: half a millisecond
/// together.
const TRIES: usize = 9;
const TRIED: Duration = Duration::from_micros(20);

/// Whether and for how long one thread pauses, depending on the rate of its answers.
pub(super) struct Coalescing {
    /// Nanoseconds by which pauses end late.
    late: u64,
    since: u64,
    answered: u64,
    pause: Option<Duration>,
}

impl Coalescing {
    pub(super) fn new(late: u64) -> Self {
        Self {
            late,
            since: 0,
            answered: 0,
            pause: None,
        }
    }

    /// Returns how long to pause after a turn with this number of events. `answered` counts all
    /// requests answered so far; each of the `connections` waits for an answer.
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
            self.pause = self.fitting(gap, connections);
            (self.since, self.answered) = (now, answered);
        }
        self.pause.filter(|_| events < BATCH)
    }

    /// Returns the pause for answers that arrive `gap` nanoseconds after each other.
    fn fitting(&self, gap: u64, connections: usize) -> Option<Duration> {
        // By Little's law the mean response time is one gap for each connection.
        let answers = BATCH.min(connections / PAUSES_PER_RESPONSE);
        let pause = (gap * answers as u64).min(nanos(LONGEST));
        // Lateness is part of the pause, but must not be most of it.
        let requested = pause.checked_sub(self.late)?;
        (pause >= gap * FEWEST as u64 && requested > self.late)
            .then(|| Duration::from_nanos(requested))
    }
}

/// Measures by how many nanoseconds pauses end late on this thread: the median of some.
pub(super) fn try_pauses() -> u64 {
    let mut late = [0; TRIES];
    for each in &mut late {
        let begun = Instant::now();
        sleep(TRIED);
        *each = nanos(begun.elapsed().saturating_sub(TRIED));
    }
    late.sort_unstable();
    late[TRIES / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: u64 = 8_000;

    /// Returns the pause in nanoseconds, including its lateness, of a thread whose answers arrive `gap`
    /// nanoseconds after each other.
    fn pause(gap: u64, connections: usize, events: usize) -> Option<u64> {
        let mut coalescing = Coalescing::new(LATE);
        let pause = coalescing.pause(SAMPLE * gap, events, SAMPLE, connections);
        pause.map(|requested| nanos(requested) + LATE)
    }

    #[test]
    fn a_pause_lasts_until_a_quarter_of_the_connections_or_a_batch_is_answered() {
        for (gap, connections, lasts) in [
            (25_000, 32, 200_000),
            (10_000, 32, 80_000),
            (12_500, 64, 200_000),
            (10_000, 1_000, 160_000),
        ] {
            assert_eq!(pause(gap, connections, 1), Some(lasts));
        }
    }

    #[test]
    fn no_pause_follows_a_turn_with_many_answers() {
        assert_eq!(pause(10_000, 32, BATCH), None);
        assert!(pause(10_000, 32, BATCH - 1).is_some());
    }

    #[test]
    fn few_connections_or_rare_answers_have_no_pause() {
        for (gap, connections) in [(10_000, 15), (51_000, 1_000), (1_000, 32), (0, 32)] {
            assert_eq!(pause(gap, connections, 1), None, "{gap} ns, {connections}");
        }
    }

    #[test]
    fn a_pause_is_a_small_part_of_the_response_time() {
        for gap in [100, 1_000, 5_000, 30_000, 50_000] {
            for connections in [1, 16, 64, 1_024] {
                let response = gap * connections as u64;
                assert!(pause(gap, connections, 1).is_none_or(|lasts| lasts * 4 <= response));
            }
        }
    }

    #[test]
    fn pausing_follows_the_rate_of_the_last_answers() {
        let mut coalescing = Coalescing::new(LATE);
        assert!(coalescing.pause(0, 1, 0, 64).is_none());
        let busy = SAMPLE * 10_000;
        assert!(coalescing.pause(busy, 1, SAMPLE, 64).is_some());
        let slow = busy + SAMPLE * 1_000_000;
        assert!(coalescing.pause(slow, 1, 2 * SAMPLE, 64).is_none());
    }
}
