//! Probes of requests in flight and latency.

use std::time::Duration;

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Signal, Workers, choice};

/// Picks the best of a pool of probes. A probe is hot if it has many requests in flight compared with
/// the others. The best one is the probe with the lowest latency among those that are not hot. If all
/// are hot, it is the one with the fewest requests (Wydrowski and others, "Load is not what you should
/// balance: introducing Prequal", NSDI 2024).
///
/// Each pick probes some random workers for later picks, so no request waits for a probe. In the paper
/// a probe is a message to the worker. Here the proxy knows the figures itself: the requests in flight,
/// and the median of the latest latencies. O(1) in the number of workers, with a pool of fixed size.
pub static PREQUAL: PolicyInfo = PolicyInfo {
    name: "prequal",
    summary: "the best of recent probes: the lowest latency of those without many requests",
    basis: Basis::Latency,
    sticky: None,
    known_from: "YouTube (Prequal, NSDI 2024)",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(Prequal {
            rng: setup.rng(),
            pool: Vec::with_capacity(POOL),
            latencies: vec![Latest::default(); setup.workers],
            remove_oldest: false,
        })
    },
};

/// Maximum number of probes in the pool (section 4).
const POOL: usize = 16;

/// Probes per pick (r_probe of the paper's evaluation).
const PROBES: usize = 3;

/// Older probes are removed (the paper's age limit).
const MAX_AGE: Duration = Duration::from_secs(1);

/// Picks for which a probe is used. The paper derives it from the sizes of pool and fleet, and gets
/// between 1 and 2 for fleets of more than 40.
const MAX_USES: u32 = 2;

/// The share of probes that are not hot: 2^-0.25, as in the paper's evaluation.
const COLD: f64 = 0.84;

/// Number of latencies for the median.
const LATEST: usize = 8;

struct Prequal {
    rng: Rng,
    /// Probes, the oldest first.
    pool: Vec<Probe>,
    latencies: Vec<Latest>,
    /// Whether the next removal is the oldest probe, and not the worst.
    remove_oldest: bool,
}

#[derive(Clone, Copy)]
struct Probe {
    worker: usize,
    requests: u32,
    latency: Duration,
    taken: Duration,
    uses: u32,
}

#[derive(Clone, Copy, Default)]
struct Latest {
    times: [Duration; LATEST],
    seen: usize,
}

impl Latest {
    fn observe(&mut self, latency: Duration) {
        self.times[self.seen % LATEST] = latency;
        self.seen += 1;
    }

    /// Returns the median, or zero before the first answer, so that each worker is tried.
    fn median(mut self) -> Duration {
        let times = &mut self.times[..self.seen.min(LATEST)];
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

impl Prequal {
    /// Returns the number of requests in flight above which a probe is hot.
    fn threshold(&self) -> u32 {
        let mut requests = [0; POOL];
        let requests = &mut requests[..self.pool.len()];
        for (one, probe) in requests.iter_mut().zip(&self.pool) {
            *one = probe.requests;
        }
        requests.sort_unstable();
        let cold = (COLD * requests.len().saturating_sub(1) as f64) as usize;
        requests.get(cold).copied().unwrap_or(0)
    }

    /// Returns the rank of a probe; the smallest is the best. Cold probes come before hot ones. Cold
    /// probes are ranked by latency, hot ones by requests.
    fn rank(probe: &Probe, threshold: u32) -> (bool, u32, Duration) {
        match probe.requests > threshold {
            false => (false, 0, probe.latency),
            true => (true, probe.requests, probe.latency),
        }
    }

    fn best(&mut self) -> Option<usize> {
        let threshold = self.threshold();
        let rank = |probe: &&mut Probe| Self::rank(probe, threshold);
        let best = self.pool.iter_mut().min_by_key(rank)?;
        best.uses += 1;
        let worker = best.worker;
        // The worker has one more request from now on.
        for probe in self.pool.iter_mut().filter(|probe| probe.worker == worker) {
            probe.requests += 1;
        }
        Some(worker)
    }

    /// Removes a probe: in turns the oldest, which may be stale, and the worst, so that the pool does
    /// not fill up with probes that are never picked.
    fn remove_one(&mut self) {
        self.remove_oldest = !self.remove_oldest;
        if self.pool.is_empty() {
            return;
        }
        let threshold = self.threshold();
        let ranks = self.pool.iter().map(|probe| Self::rank(probe, threshold));
        let worst = ranks.enumerate().max_by_key(|(_, rank)| *rank);
        let oldest = 0;
        let removed = worst.map_or(oldest, |(worst, _)| worst);
        self.pool
            .remove(if self.remove_oldest { oldest } else { removed });
    }

    fn probe(&mut self, worker: usize, workers: &Workers, now: Duration) {
        // If the fleet is smaller than the pool, a worker could have several probes.
        self.pool.retain(|probe| probe.worker != worker);
        if self.pool.len() == POOL {
            self.pool.remove(0);
        }
        self.pool.push(Probe {
            worker,
            requests: workers.load(worker, Signal::Requests),
            latency: self.latencies[worker].median(),
            taken: now,
            uses: 0,
        });
    }
}

impl Policy for Prequal {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        self.pool.retain(|probe| {
            let fresh = arrival.at.saturating_sub(probe.taken) <= MAX_AGE && probe.uses < MAX_USES;
            fresh && workers.is_available(probe.worker)
        });
        // With only one probe there is no choice, so a random worker is better (section 4).
        let picked = match self.pool.len() {
            0 | 1 => choice::any(workers, &mut self.rng),
            _ => self.best(),
        };
        self.remove_one();
        for _ in 0..PROBES {
            if let Some(worker) = choice::any(workers, &mut self.rng) {
                self.probe(worker, workers, arrival.at);
            }
        }
        picked.into()
    }

    fn answered(&mut self, worker: usize, latency: Duration, _now: Duration) {
        self.latencies[worker].observe(latency);
    }

    fn replaced(&mut self, worker: usize) {
        self.latencies[worker] = Latest::default();
        self.pool.retain(|probe| probe.worker != worker);
    }
}
