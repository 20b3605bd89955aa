//! When a connection has to end, although its client keeps it.

use std::time::{Duration, Instant};

use crate::launch::MaxAge;
use crate::view::affinity::mix;

/// When a connection has to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// No sweep has looked at it. Short-lived connections are never looked at, so they cost no clock and no draw.
    #[default]
    Unknown,
    Never,
    /// From now on its next answer is the last one.
    At(Instant),
}

impl End {
    /// Whether the next answer is the last one.
    pub(super) fn has_come(self, now: Instant) -> bool {
        matches!(self, Self::At(end) if end <= now)
    }
}

/// Draws how old connections may become.
#[derive(Debug)]
pub(super) struct Ages {
    limit: Option<MaxAge>,
    /// Number of draws.
    drawn: u64,
}

impl Ages {
    pub(super) fn new(limit: Option<MaxAge>) -> Self {
        Self { limit, drawn: 0 }
    }

    /// Returns when a connection ends that was opened just before `now`.
    pub(super) fn draw(&mut self, now: Instant) -> End {
        let Some(limit) = self.limit else {
            return End::Never;
        };
        self.drawn += 1;
        let drawn = mix(limit.seed() ^ mix(self.drawn)) >> 32;
        let added = (limit.jitter.as_nanos() * u128::from(drawn)) >> 32;
        let added = Duration::from_nanos(u64::try_from(added).unwrap_or(u64::MAX));
        let end = now.checked_add(limit.least.saturating_add(added));
        end.map_or(End::Never, End::At)
    }
}

impl MaxAge {
    /// Returns the shortest time that has to be told apart.
    pub(super) fn shortest(&self) -> Duration {
        match self.jitter.is_zero() {
            true => self.least,
            false => self.least.min(self.jitter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::ConnectionLimits;

    const LEAST: Duration = Duration::from_secs(10);
    const JITTER: Duration = Duration::from_secs(2);

    fn drawn(seed: u64) -> Vec<Duration> {
        let limits = ConnectionLimits {
            max_age: Some(MaxAge::new(LEAST, JITTER)),
            max_requests: None,
        };
        let (mut ages, now) = (Ages::new(limits.seeded(seed).max_age), Instant::now());
        let age = |end| match end {
            End::At(at) => at - now,
            End::Unknown | End::Never => panic!("a connection without an end"),
        };
        (0..1000).map(|_| age(ages.draw(now))).collect()
    }

    #[test]
    fn ages_are_spread_evenly_over_the_jitter() {
        let mut in_half = [0; 2];
        for age in drawn(1) {
            assert!((LEAST..LEAST + JITTER).contains(&age));
            in_half[usize::from(age - LEAST >= JITTER / 2)] += 1;
        }
        assert!(in_half.iter().all(|count| *count > 400), "{in_half:?}");
    }

    #[test]
    fn the_age_of_a_connection_follows_from_seed_and_number() {
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }

    #[test]
    fn connections_without_a_limit_never_end() {
        assert_eq!(Ages::new(None).draw(Instant::now()), End::Never);
    }
}
