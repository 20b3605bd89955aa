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

use std::time::Duration;

/// A turn that handled so many events has shared the cost of its wake-up
/// among enough of them.
const BATCH: usize = 8;

/// The pause is this part of the mean response time at most: the closed loop
/// may look that much slower than it is, some 3%.
const SHARE: u64 = 32;

/// A longer pause gathers hardly more answers (see METHODOLOGY.md).
const LONGEST_NS: u64 = 20_000;

/// A pause costs a system call and a wake-up, a few microseconds together: a
/// shorter one does not repay them.
const SHORTEST_NS: u64 = 5_000;

/// Nor does one that ends, at the mean rate, before half an answer has come.
const MOST_GAPS: u64 = 2;

/// How many answers the rate is taken from: few enough to follow the server,
/// enough not to follow a single batch.
const SAMPLE: u64 = 256;

/// The pause of one thread, as of the rate of its answers.
#[derive(Debug, Default)]
pub(super) struct Coalescing {
    since: u64,
    answered: u64,
    pause: Duration,
}

impl Coalescing {
    /// How long to pause after a turn that handled so many events, with so
    /// many requests answered by now, and so many connections that each wait
    /// for an answer. Zero is no pause.
    pub(super) fn pause(
        &mut self,
        now: u64,
        events: usize,
        answered: u64,
        connections: usize,
    ) -> Duration {
        let more = answered - self.answered;
        if more >= SAMPLE {
            let gap = now.saturating_sub(self.since) / more;
            self.pause = worthwhile(gap, connections as u64);
            (self.since, self.answered) = (now, answered);
        }
        if events < BATCH {
            self.pause
        } else {
            Duration::ZERO
        }
    }
}

/// The pause for answers that come so many nanoseconds apart. By Little's law,
/// a response then takes as long as all connections take to be answered once.
fn worthwhile(gap: u64, connections: u64) -> Duration {
    let pause = (gap * connections / SHARE).min(LONGEST_NS);
    if pause < SHORTEST_NS || pause * MOST_GAPS < gap {
        return Duration::ZERO;
    }
    Duration::from_nanos(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pause of a thread whose connections are answered so many
    /// nanoseconds after one another.
    fn pause_at(gap: u64, connections: usize, events: usize) -> u64 {
        let mut coalescing = Coalescing::default();
        let pause = coalescing.pause(SAMPLE * gap, events, SAMPLE, connections);
        pause.as_nanos() as u64
    }

    #[test]
    fn a_thread_with_many_connections_and_frequent_answers_pauses() {
        assert_eq!(pause_at(10_000, 32, 1), 10_000);
        assert_eq!(pause_at(20_000, 64, 1), LONGEST_NS);
    }

    #[test]
    fn a_turn_that_found_many_answers_is_followed_by_no_pause() {
        assert_eq!(pause_at(10_000, 32, BATCH), 0);
    }

    #[test]
    fn few_connections_or_rare_answers_are_not_worth_a_pause() {
        assert_eq!(pause_at(10_000, 8, 1), 0);
        assert_eq!(pause_at(1_000_000, 1_000, 1), 0);
        assert_eq!(pause_at(0, 32, 1), 0);
    }

    #[test]
    fn no_pause_is_longer_than_its_share_of_the_response_time() {
        for gap in [100, 1_000, 5_000, 30_000, 50_000] {
            for connections in [1, 16, 64, 1_024] {
                let response = gap * connections as u64;
                assert!(pause_at(gap, connections, 1) <= response / SHARE);
            }
        }
    }

    #[test]
    fn the_pause_follows_the_rate_of_the_last_answers() {
        let mut coalescing = Coalescing::default();
        assert!(coalescing.pause(0, 1, 0, 64).is_zero());
        let busy = SAMPLE * 10_000;
        assert!(!coalescing.pause(busy, 1, SAMPLE, 64).is_zero());
        let slow = busy + SAMPLE * 1_000_000;
        assert!(coalescing.pause(slow, 1, 2 * SAMPLE, 64).is_zero());
    }
}
