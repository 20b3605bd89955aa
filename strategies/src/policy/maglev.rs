//! A table that says whose client everyone is.

use super::{Arrival, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Workers, affinity, affinity::mix};

/// The worker that stands in a table at the hash of the client's address (Eisenbud and others,
/// "Maglev: a fast and reliable software network load balancer", NSDI 2016, section 3.4).
///
/// The workers fill the table in turns, each by its own permutation of the places, so all get
/// the same number of places within one, and the loss of a worker moves few clients of the
/// others. A pick is O(1); when a worker has come or gone the table of m places is filled anew
/// first, O(m log m), with m at least a hundred times the number of workers.
pub static MAGLEV: PolicyInfo = PolicyInfo {
    name: "maglev",
    summary: "the same worker for the same client address, by a table of equal shares",
    sticky: Some("the client's address"),
    known_from: "Google's Maglev, Cilium, Envoy (MAGLEV)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Maglev::new(setup.workers)),
};

/// With so many places for each worker their numbers differ by 1% at most (section 5.3).
const PLACES_PER_WORKER: u32 = 100;

const EMPTY: u32 = u32::MAX;

struct Maglev {
    table: Vec<u32>,
    /// How far each worker is in its permutation.
    next: Vec<Permutation>,
    /// Of the workers when the table was filled; `None` before.
    changes: Option<u64>,
}

#[derive(Clone, Copy)]
struct Permutation {
    place: u32,
    skip: u32,
}

impl Maglev {
    fn new(workers: usize) -> Self {
        let places = prime_from(PLACES_PER_WORKER * workers.max(1) as u32);
        let start = Permutation { place: 0, skip: 0 };
        Self {
            table: vec![EMPTY; places as usize],
            next: vec![start; workers],
            changes: None,
        }
    }

    fn fill(&mut self, workers: &Workers) {
        self.table.fill(EMPTY);
        let places = self.table.len() as u32;
        for (worker, next) in self.next.iter_mut().enumerate() {
            let hash = mix(worker as u64);
            next.place = (hash >> 32) as u32 % places;
            // The number of places is prime, so every step but 0 comes by all of them.
            next.skip = hash as u32 % (places - 1) + 1;
        }
        let mut left = self.table.len();
        for worker in (0..workers.count()).cycle() {
            if !workers.is_available(worker) {
                continue;
            }
            let place = self.next[worker].next_empty(&self.table);
            self.table[place] = worker as u32;
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
            let place = self.place as usize;
            self.place = (self.place + self.skip) % table.len() as u32;
            if table[place] == EMPTY {
                return place;
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
        let place = (hash * self.table.len() as u64) >> 32;
        Pick::Worker(self.table[place as usize] as usize)
    }
}

/// The smallest prime that is not below `least`.
fn prime_from(least: u32) -> u32 {
    let is_prime = |number: &u32| {
        (2..)
            .take_while(|d| d * d <= *number)
            .all(|d| !number.is_multiple_of(d))
    };
    (least.max(2)..).find(is_prime).unwrap_or(least)
}
