//! Whether a worker that crashed is replaced.

use std::time::{Duration, Instant};

/// When a worker that crashed is replaced by a new one. The first time it waits for `delay`, and each time
/// in a row twice as long. After `at_most` times `within` a time its place stays empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Respawn {
    /// The delay of the first time.
    pub delay: Duration,
    /// How often in a time.
    pub at_most: u32,
    /// That time.
    pub within: Duration,
}

impl Default for Respawn {
    /// The defaults of systemd: `RestartSec`, `StartLimitBurst` and `StartLimitIntervalSec`.
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(100),
            at_most: 5,
            within: Duration::from_secs(10),
        }
    }
}

/// The crashes of one place that count.
#[derive(Debug, Default)]
pub(super) struct Crashes(Vec<Instant>);

impl Crashes {
    /// Counts a crash. Returns how long to wait for the next life, or `None` if there were too many.
    pub(super) fn add(&mut self, now: Instant, policy: &Respawn) -> Option<Duration> {
        self.0.retain(|at| now.duration_since(*at) < policy.within);
        let earlier = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        if earlier >= policy.at_most {
            return None;
        }
        self.0.push(now);
        Some(policy.delay.saturating_mul(2_u32.saturating_pow(earlier)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_crash_in_a_row_doubles_the_delay_until_there_were_too_many() {
        let policy = Respawn {
            delay: SECOND,
            at_most: 3,
            within: 60 * SECOND,
        };
        let (mut crashes, now) = (Crashes::default(), Instant::now());
        let delays: Vec<_> = (0..4).map(|_| crashes.add(now, &policy)).collect();
        assert_eq!(
            delays,
            [Some(SECOND), Some(2 * SECOND), Some(4 * SECOND), None]
        );
    }

    #[test]
    fn crashes_of_long_ago_do_not_count() {
        let policy = Respawn::default();
        let (mut crashes, now) = (Crashes::default(), Instant::now());
        for _ in 0..policy.at_most {
            crashes.add(now, &policy);
        }
        assert_eq!(crashes.add(now, &policy), None);
        assert_eq!(
            crashes.add(now + policy.within, &policy),
            Some(policy.delay)
        );
    }
}
