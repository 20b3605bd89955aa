//! Passive health: workers that fail are not available for a while.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::share::Share;
use crate::view::Life;

/// Ejects workers that fail: a dispatcher does not pick them for a while. A connection that is refused or closed
/// without an answer, a try that takes longer than its [timeout](super::TryTimeout), and a status from 500 to 599
/// are failures. It is Envoy's outlier detection; HAProxy (`observe`) and nginx (`max_fails`) have the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassiveHealth {
    /// The number of failures in a row after which a worker is ejected.
    pub consecutive: Option<NonZeroU32>,
    /// The least share of successes. It is judged when a worker has had 50 requests within 10 s.
    pub success_rate: Option<Share>,
    /// How long the first ejection lasts. The second in a row lasts twice as long, the third three times, up to
    /// 5 minutes. Each such time without a failure too many makes the next one shorter again.
    pub time: Duration,
    /// Maximum share of the workers that are ejected at a time, but at least one.
    pub at_most: Share,
    /// If a smaller share of the workers would be left, ejected ones are picked, too: they may be better than
    /// too few.
    pub panic_below: Share,
}

impl PassiveHealth {
    /// Envoy's defaults: `base_ejection_time`, `max_ejection_percent` and `healthy_panic_threshold`.
    pub const DEFAULT_TIME: Duration = Duration::from_secs(30);
    /// See [`DEFAULT_TIME`](Self::DEFAULT_TIME).
    pub const DEFAULT_AT_MOST: f64 = 0.1;
    /// See [`DEFAULT_TIME`](Self::DEFAULT_TIME).
    pub const DEFAULT_PANIC_BELOW: f64 = 0.5;
}

/// Envoy's default of `max_ejection_time`.
const LONGEST: Duration = Duration::from_secs(300);

/// Envoy's defaults for its success rates: `interval` and `failure_percentage_request_volume`.
const INTERVAL: Duration = Duration::from_secs(10);
const LEAST_REQUESTS: u64 = 50;

/// What a dispatcher remembers of its workers.
#[derive(Debug)]
pub(crate) struct HealthState {
    spec: PassiveHealth,
    /// In the order of places.
    workers: Vec<WorkerHealth>,
}

#[derive(Clone, Copy, Debug)]
struct WorkerHealth {
    life: Life,
    /// Failures since the last success.
    failures: u32,
    interval: Interval,
    ejected_until: Option<Duration>,
    /// Number of ejections in a row, and the end of the last one.
    ejections: u32,
    returned_at: Duration,
}

/// Outcomes since a time.
#[derive(Clone, Copy, Debug, Default)]
struct Interval {
    since: Duration,
    successes: u64,
    failures: u64,
}

impl Interval {
    /// Returns the interval of this time, which is this one until it is over.
    fn at(&mut self, now: Duration) -> &mut Self {
        if now.saturating_sub(self.since) >= INTERVAL {
            *self = Self {
                since: now,
                ..Self::default()
            };
        }
        self
    }

    fn is_below(self, least: Share) -> bool {
        let requests = self.successes + self.failures;
        let rate = self.successes as f64 / requests as f64;
        requests >= LEAST_REQUESTS && rate < least.number()
    }
}

impl WorkerHealth {
    fn new(life: Life) -> Self {
        Self {
            life,
            failures: 0,
            interval: Interval::default(),
            ejected_until: None,
            ejections: 0,
            returned_at: Duration::ZERO,
        }
    }
}

impl HealthState {
    pub(crate) fn new(spec: PassiveHealth, places: usize) -> Self {
        let workers = (0..places).map(|place| WorkerHealth::new(Life::first(place)));
        Self {
            spec,
            workers: workers.collect(),
        }
    }

    /// Takes a success of a worker.
    pub(crate) fn succeeded(&mut self, life: Life, now: Duration) {
        if let Some(worker) = self.worker(life) {
            worker.interval.at(now).successes += 1;
            worker.failures = 0;
        }
    }

    /// Takes a failure of a worker, while `present` workers are there. Returns for how long the worker is ejected if
    /// it is that now.
    pub(crate) fn failed(&mut self, life: Life, present: usize, now: Duration) -> Option<Duration> {
        let is_full = self.ejected().count() >= self.most(present);
        let spec = self.spec;
        let worker = self.worker(life)?;
        worker.interval.at(now).failures += 1;
        worker.failures = worker.failures.saturating_add(1);
        let too_many = spec
            .consecutive
            .is_some_and(|most| worker.failures >= most.get());
        let too_often = spec
            .success_rate
            .is_some_and(|least| worker.interval.is_below(least));
        let is_ejected = worker.ejected_until.is_some();
        (!is_ejected && !is_full && (too_many || too_often)).then(|| worker.eject(spec.time, now))
    }

    /// Returns what is known of a life, which begins if it is new. `None` for one that was replaced.
    fn worker(&mut self, life: Life) -> Option<&mut WorkerHealth> {
        let worker = self.workers.get_mut(life.place)?;
        if worker.life < life {
            *worker = WorkerHealth::new(life);
        }
        (worker.life == life).then_some(worker)
    }

    /// Ends the ejection of a worker whose time is over. Returns whether it does.
    pub(crate) fn end(&mut self, life: Life, now: Duration) -> bool {
        let mut workers = self.workers.iter_mut();
        let is_over = |it: &&mut WorkerHealth| {
            it.life == life && it.ejected_until.is_some_and(|until| until <= now)
        };
        let over = workers.find(is_over);
        over.map(|worker| worker.returns(now)).is_some()
    }

    /// Forgets the worker in a place, since another one takes it.
    pub(crate) fn replace(&mut self, life: Life) {
        if let Some(worker) = self.workers.get_mut(life.place) {
            *worker = WorkerHealth::new(life);
        }
    }

    /// Returns the workers that are ejected.
    pub(crate) fn ejected(&self) -> impl Iterator<Item = Life> {
        let ejected = self.workers.iter().filter(|it| it.ejected_until.is_some());
        ejected.map(|it| it.life)
    }

    /// Whether so few of the present workers are left that ejected ones are picked, too.
    pub(crate) fn panics(&self, present: usize) -> bool {
        let left = present.saturating_sub(self.ejected().count());
        (left as f64) < self.spec.panic_below.number() * present as f64
    }

    fn most(&self, present: usize) -> usize {
        (self.spec.at_most.of(present as u64) as usize).max(1)
    }
}

impl WorkerHealth {
    fn eject(&mut self, time: Duration, now: Duration) -> Duration {
        let healthy = now.saturating_sub(self.returned_at);
        let forgiven = (healthy.as_nanos() / time.as_nanos().max(1)).min(u128::from(u32::MAX));
        self.ejections = self.ejections.saturating_sub(forgiven as u32) + 1;
        let time = time.saturating_mul(self.ejections).min(LONGEST.max(time));
        self.ejected_until = Some(now + time);
        time
    }

    fn returns(&mut self, now: Duration) {
        self.ejected_until = None;
        self.returned_at = now;
        self.failures = 0;
        self.interval = Interval::default();
    }
}

#[cfg(test)]
mod tests;
