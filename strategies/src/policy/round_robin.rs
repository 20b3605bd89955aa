//! Strict rotation.

use super::{Arrival, Kind, Pick, Policy, WorkerLoad};

/// Workers in the order of their numbers, over and over; one that is not available is passed over.
pub static ROUND_ROBIN: Kind = Kind {
    name: "round-robin",
    summary: "strict rotation over the workers",
    acknowledged: false,
    make: |_seed| Box::new(RoundRobin { next: 0 }),
};

struct RoundRobin {
    next: usize,
}

impl Policy for RoundRobin {
    fn pick(&mut self, _arrival: &Arrival, workers: &[WorkerLoad]) -> Pick {
        let turns = self.next..self.next + workers.len();
        for candidate in turns.map(|turn| turn % workers.len()) {
            if workers[candidate].available {
                self.next = candidate + 1;
                return Pick::Worker(candidate);
            }
        }
        Pick::Wait
    }
}
