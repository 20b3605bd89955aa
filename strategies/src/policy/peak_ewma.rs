//! Latency and load of two random workers.

use std::cmp::Ordering;
use std::time::Duration;

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks of two random workers the one with the lower cost: its latency times one more than its
/// requests in flight.
///
/// The latency is a moving average that decays with time and rises to every peak at once. So the
/// policy avoids a worker as soon as it becomes slow, and returns to it slowly (`PeakEwma` of Finagle,
/// `peak_ewma.rs` of tower, which Linkerd uses). O(1) while most workers are available.
pub static PEAK_EWMA: PolicyInfo = PolicyInfo {
    name: "peak-ewma",
    summary: "of two workers drawn at random the one with the lower latency times requests in flight",
    basis: Basis::Latency,
    sticky: None,
    known_from: "Finagle, Linkerd",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(PeakEwma {
            rng: setup.rng(),
            latencies: vec![Latency::default(); setup.workers],
        })
    },
};

/// The time after which a latency counts for about a third (1/e): Finagle's default.
const DECAY: Duration = Duration::from_secs(10);

struct PeakEwma {
    rng: Rng,
    latencies: Vec<Latency>,
}

/// The moving average of a worker's latency.
#[derive(Clone, Copy, Default)]
struct Latency {
    seconds: f64,
    /// When it was updated, since the dispatcher started.
    at: Duration,
}

impl Latency {
    fn observe(&mut self, latency: Duration, now: Duration) {
        let (seconds, weight) = (latency.as_secs_f64(), decay(self.at, now));
        self.seconds = if seconds > self.seconds {
            seconds
        } else {
            self.seconds * weight + seconds * (1.0 - weight)
        };
        self.at = now;
    }
}

/// Returns the weight that a latency still has after some time.
fn decay(then: Duration, now: Duration) -> f64 {
    let elapsed = now.as_secs_f64() - then.as_secs_f64();
    (-elapsed / DECAY.as_secs_f64()).exp()
}

impl PeakEwma {
    /// Compares the costs of two workers. Both latencies decay at the same rate, so the order now is
    /// the order when the later of them was observed.
    ///
    /// A worker that has requests in flight and has never answered costs more than all that have
    /// answered, so it is not flooded before its latency is known (Finagle's penalty).
    fn compare(&self, one: (usize, u32), other: (usize, u32)) -> Ordering {
        let is_unknown = |(worker, in_flight): (usize, u32)| {
            in_flight > 0 && self.latencies[worker].seconds == 0.0
        };
        match (is_unknown(one), is_unknown(other)) {
            (false, false) => {}
            (true, true) => return one.1.cmp(&other.1),
            (only_one, _) => return only_one.cmp(&!only_one),
        }
        let cost = |(worker, in_flight): (usize, u32)| {
            self.latencies[worker].seconds * (f64::from(in_flight) + 1.0)
        };
        let at = |(worker, _): (usize, u32)| self.latencies[worker].at;
        let one_decayed = cost(one) * decay(at(one), at(other));
        one_decayed.total_cmp(&cost(other))
    }
}

impl Policy for PeakEwma {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let Some([one, other]) = choice::some(workers, &mut self.rng) else {
            return Pick::Wait;
        };
        let with_load = |worker| (worker, workers.load(worker, Signal::Requests));
        let is_first_dearer = self.compare(with_load(one), with_load(other)).is_gt();
        Pick::Worker(if is_first_dearer { other } else { one })
    }

    fn answered(&mut self, worker: usize, latency: Duration, now: Duration) {
        self.latencies[worker].observe(latency, now);
    }

    fn replaced(&mut self, worker: usize) {
        self.latencies[worker] = Latency::default();
    }
}
