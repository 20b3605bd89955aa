//! Probes of requests in flight and latency, and a rule for both.

use std::time::Duration;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Signal, Workers, choice};

/// The best of a pool of probes: of those that are not hot (many requests in flight beside the
/// others) the one with the lowest latency; if all are, the one with the fewest requests (Wydra
/// and others, "Load is not what you should balance: introducing Prequal", NSDI 2024).
///
/// Each pick takes probes of workers drawn at random, which later picks go by, so no request
/// waits for a probe. In the paper a probe is a message to the worker; here the proxy knows what
/// the worker would say: its requests in flight, and the median of its latest latencies. O(1)
/// in the number of workers, with a pool of fixed size.
pub static PREQUAL: PolicyInfo = PolicyInfo {
    name: "prequal",
    summary: "the best of recent probes: the lowest latency of those without many requests",
    sticky: None,
    known_from: "YouTube (Prequal, NSDI 2024)",
    feedback: FeedbackMode::None,
    make: |setup| {
        Box::new(Prequal {
            rng: Pcg64Mcg::seed_from_u64(setup.seed),
            pool: Vec::with_capacity(POOL),
            latencies: vec![Latest::default(); setup.workers],
            remove_oldest: false,
        })
    },
};

/// Probes that are kept at most (section 4).
const POOL: usize = 16;

/// Probes taken with each pick (r_probe of the paper's evaluation).
const PROBES: usize = 3;

/// A probe older than this says nothing any more (the paper's age limit).
const OLD: Duration = Duration::from_secs(1);

/// Picks that a probe is good for. The paper derives it from the sizes of pool and fleet; it
/// comes to between 1 and 2 for fleets of more than 40.
const USES: u32 = 2;

/// The share of probes that are cold: 2^-0.25, as the paper's evaluation has it.
const COLD: f64 = 0.84;

/// The latest latencies that the median is taken of.
const LATEST: usize = 8;

struct Prequal {
    rng: Pcg64Mcg,
    /// The oldest first.
    pool: Vec<Probe>,
    latencies: Vec<Latest>,
    /// Whether the next removal is of the oldest probe, or of the worst.
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

    /// Zero before the first answer, so that nobody stays unknown.
    fn median(mut self) -> Duration {
        let times = &mut self.times[..self.seen.min(LATEST)];
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

impl Prequal {
    /// Requests in flight above which a probe is hot.
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

    /// What a probe is ranked by: the smaller the better. Cold before hot, those by latency,
    /// these by requests.
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
        // It has one request more from now on, whatever the probe said.
        for probe in self.pool.iter_mut().filter(|probe| probe.worker == worker) {
            probe.requests += 1;
        }
        Some(worker)
    }

    /// Makes way for new probes: in turns the oldest, lest it be stale, and the worst, lest the
    /// pool fill up with what nobody picks.
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
        // A fleet may be smaller than the pool: then old news of a worker would outvote the new.
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
            let fresh = arrival.at.saturating_sub(probe.taken) <= OLD && probe.uses < USES;
            fresh && workers.is_available(probe.worker)
        });
        // One probe is no choice; then chance is better (section 4).
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
}
