//! A coin with a face for each worker.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{Arrival, Kind, Pick, Policy, WorkerLoad};

/// Any available worker, each with the same chance, whatever happened before.
pub static RANDOM: Kind = Kind {
    name: "random",
    summary: "any worker with equal chance",
    acknowledged: false,
    make: |seed| {
        Box::new(Random {
            rng: Pcg64Mcg::seed_from_u64(seed),
        })
    },
};

struct Random {
    rng: Pcg64Mcg,
}

impl Policy for Random {
    fn pick(&mut self, _arrival: &Arrival, workers: &[WorkerLoad]) -> Pick {
        let available = workers.iter().filter(|load| load.available).count();
        if available == 0 {
            return Pick::Wait;
        }
        let drawn = self.rng.random_range(0..available);
        workers
            .iter()
            .enumerate()
            .filter(|(_, load)| load.available)
            .nth(drawn)
            .map_or(Pick::Wait, |(worker, _)| Pick::Worker(worker))
    }
}
