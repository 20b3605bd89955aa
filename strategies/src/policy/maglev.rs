//! Affinity by client address, with a lookup table.

use super::{Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Workers, affinity, affinity::mix};

/// Picks the worker in the slot of a table that the hash of the client's address selects (Eisenbud
/// and others, "Maglev: a fast and reliable software network load balancer", NSDI 2016, section 3.4).
///
/// The workers fill the table in turns, each in the order of its own permutation of the slots. So the
/// numbers of slots of two workers differ by at most one, and the loss of a worker moves few clients
/// of the others. A pick is O(1). When the set of available workers has changed, the table of m slots
/// is filled again, O(m log m), with m at least a hundred times the number of workers.
pub static MAGLEV: PolicyInfo = PolicyInfo {
    name: "maglev",
    summary: "the same worker for the same client address, by a table of equal shares",
    basis: Basis::Client,
    sticky: Some("the client's address"),
    known_from: "Google's Maglev, Cilium, Envoy (MAGLEV)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Maglev::new(setup.workers)),
};

/// With this many slots per worker their numbers differ by at most 1% (section 5.3).
const SLOTS_PER_WORKER: u32 = 100;

const EMPTY: u32 = u32::MAX;

struct Maglev {
    table: Vec<u32>,
    /// The position of each worker in its permutation.
    next: Vec<Permutation>,
    /// [`Workers::changes`] when the table was filled, or `None` before that.
    changes: Option<u64>,
}

#[derive(Clone, Copy)]
struct Permutation {
    slot: u32,
    skip: u32,
}

impl Maglev {
    fn new(workers: usize) -> Self {
        let slots = prime_from(SLOTS_PER_WORKER * workers.max(1) as u32);
        let start = Permutation { slot: 0, skip: 0 };
        Self {
            table: vec![EMPTY; slots as usize],
            next: vec![start; workers],
            changes: None,
        }
    }

    fn fill(&mut self, workers: &Workers) {
        self.table.fill(EMPTY);
        let slots = self.table.len() as u32;
        for (worker, next) in self.next.iter_mut().enumerate() {
            let hash = mix(worker as u64);
            next.slot = (hash >> 32) as u32 % slots;
            // The number of slots is prime, so every step except 0 visits all of them.
            next.skip = hash as u32 % (slots - 1) + 1;
        }
        let mut left = self.table.len();
        for worker in (0..workers.count()).cycle() {
            if !workers.is_available(worker) {
                continue;
            }
            let slot = self.next[worker].next_empty(&self.table);
            self.table[slot] = worker as u32;
            left -= 1;
            if left == 0 {
                return;
            }
        }
    }
}

impl Permutation {
    fn next_empty(&mut self, table: &[u32]) -> usize {
        loop {
            let slot = self.slot as usize;
            self.slot = (self.slot + self.skip) % table.len() as u32;
            if table[slot] == EMPTY {
                return slot;
            }
        }
    }
}

impl Policy for Maglev {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        if workers.available() == 0 {
            return Pick::Wait;
        }
        if self.changes != Some(workers.changes()) {
            self.changes = Some(workers.changes());
            self.fill(workers);
        }
        let hash = affinity::key(arrival.client) >> 32;
        let slot = (hash * self.table.len() as u64) >> 32;
        Pick::Worker(self.table[slot as usize] as usize)
    }
}

/// Returns the smallest prime that is not below `least`.
fn prime_from(least: u32) -> u32 {
    let is_prime = |number: &u32| {
        (2..)
            .take_while(|d| d * d <= *number)
            .all(|d| !number.is_multiple_of(d))
    };
    (least.max(2)..).find(is_prime).unwrap_or(least)
}
