//! Who answers quickly and has little to do.

use std::time::Duration;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, Kind, Pick, Policy, Tells};
use crate::choice;
use crate::workers::{Signal, Workers};

/// Of two workers drawn at random the one that costs less: its latency times its requests in
/// flight and one more.
///
/// The latency is a moving average that forgets with time and jumps up to every peak at once,
/// so a worker that has become slow is left alone quickly and trusted again slowly (`PeakEwma`
/// of Finagle, `peak_ewma.rs` of tower, which Linkerd uses). O(1) while most workers are
/// available.
pub static PEAK_EWMA: Kind = Kind {
    name: "peak-ewma",
    summary: "of two workers drawn at random the one with less latency times requests in flight",
    sticky: None,
    known_from: "Finagle, Linkerd",
    tells: Tells::Nothing,
    make: |setup| {
        Box::new(PeakEwma {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
            latencies: vec![Latency::default(); setup.workers],
        })
    },
};

/// After so long without answers a latency counts for a third (1/e): Finagle's default.
const DECAY: Duration = Duration::from_secs(10);

/// The cost of a worker that has something in flight and has never answered, in seconds: more
/// than any that has. So it is not flooded before it is known (Finagle's penalty).
const UNKNOWN: f64 = 1e6;

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
    fn age(self, now: Duration) -> f64 {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        (-elapsed / DECAY.as_secs_f64()).exp()
    }

    fn observe(&mut self, latency: Duration, now: Duration) {
        let (seconds, weight) = (latency.as_secs_f64(), self.age(now));
        self.seconds = if seconds > self.seconds {
            seconds
        } else {
            self.seconds * weight + seconds * (1.0 - weight)
        };
        self.at = now;
    }
}

impl PeakEwma {
    fn cost(&self, worker: usize, in_flight: u32, now: Duration) -> f64 {
        let latency = self.latencies[worker];
        if latency.seconds == 0.0 && in_flight > 0 {
            return UNKNOWN + f64::from(in_flight);
        }
        latency.seconds * latency.age(now) * (f64::from(in_flight) + 1.0)
    }
}

impl Policy for PeakEwma {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let Some((one, other)) = choice::two(workers, &mut self.rng) else {
            return Pick::Wait;
        };
        let cost = |worker| {
            let in_flight = workers.load(worker, Signal::Requests);
            self.cost(worker, in_flight, arrival.at)
        };
        let dearer = cost(one) > cost(other);
        Pick::Worker(if dearer { other } else { one })
    }

    fn answered(&mut self, worker: usize, latency: Duration, now: Duration) {
        self.latencies[worker].observe(latency, now);
    }
}
