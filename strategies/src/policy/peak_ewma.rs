//! Who answers quickly and has little to do.

use std::cmp::Ordering;
use std::time::Duration;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// Of two workers drawn at random the one that costs less: its latency times its requests in
/// flight and one more.
///
/// The latency is a moving average that forgets with time and jumps up to every peak at once,
/// so a worker that has become slow is left alone quickly and trusted again slowly (`PeakEwma`
/// of Finagle, `peak_ewma.rs` of tower, which Linkerd uses). O(1) while most workers are
/// available.
pub static PEAK_EWMA: PolicyInfo = PolicyInfo {
    name: "peak-ewma",
    summary: "of two workers drawn at random the one with less latency times requests in flight",
    sticky: None,
    known_from: "Finagle, Linkerd",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(PeakEwma {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
            latencies: vec![Latency::default(); setup.workers],
        })
    },
};

/// After so long without answers a latency counts for a third (1/e): Finagle's default.
const DECAY: Duration = Duration::from_secs(10);

struct PeakEwma {
    rng: Pcg64Mcg,
    latencies: Vec<Latency>,
}

/// In seconds, as it was at a time.
#[derive(Clone, Copy, Default)]
struct Latency {
    seconds: f64,
    at: Duration,
}

impl Latency {
    fn observe(&mut self, latency: Duration, now: Duration) {
        let (seconds, weight) = (latency.as_secs_f64(), left_between(self.at, now));
        self.seconds = if seconds > self.seconds {
            seconds
        } else {
            self.seconds * weight + seconds * (1.0 - weight)
        };
        self.at = now;
    }
}

/// The share of a latency that time has left of it.
fn left_between(then: Duration, now: Duration) -> f64 {
    let elapsed = now.as_secs_f64() - then.as_secs_f64();
    (-elapsed / DECAY.as_secs_f64()).exp()
}

impl PeakEwma {
    /// Whether one costs less than the other, or more. Both latencies decay at the same rate, so
    /// it is the same now as it was when the later of them was observed.
    ///
    /// Whoever has something in flight and has never answered costs more than any that has, so it
    /// is not flooded before it is known (Finagle's penalty).
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
        let one_decayed = cost(one) * left_between(at(one), at(other));
        one_decayed.total_cmp(&cost(other))
    }
}

impl Policy for PeakEwma {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let Some((one, other)) = choice::two(workers, &mut self.rng) else {
            return Pick::Wait;
        };
        let with_load = |worker| (worker, workers.load(worker, Signal::Requests));
        let dearer = self.compare(with_load(one), with_load(other)).is_gt();
        Pick::Worker(if dearer { other } else { one })
    }

    fn answered(&mut self, worker: usize, latency: Duration, now: Duration) {
        self.latencies[worker].observe(latency, now);
    }
}
