//! Draws that policies have in common.

use rand::{Rng, RngExt};

use crate::workers::{UNAVAILABLE, Workers};

/// One of the least loaded workers, each of them with the same chance; `None` where every
/// load is [`UNAVAILABLE`].
///
/// Without the draw the first of several would get everything while all are idle. O(n): two
/// passes that the compiler vectorises, and half a third one.
pub fn least(loads: &[u32], rng: &mut impl Rng) -> Option<usize> {
    let least = *loads.iter().min()?;
    if least == UNAVAILABLE {
        return None;
    }
    let is_least = |load: &u32| *load == least;
    let ties = loads.iter().filter(|load| is_least(load)).count() as u32;
    let drawn = rng.random_range(0..ties) as usize;
    let mut tied = loads.iter().enumerate().filter(|(_, load)| is_least(load));
    tied.nth(drawn).map(|(worker, _)| worker)
}

/// So many draws find an available worker with a chance of 0.99 where half of them are.
const DRAWS: usize = 7;

/// Any available worker, each with the same chance; `None` where there is none.
///
/// O(1) on average while most are available, as a draw that misses is repeated; O(n) at worst.
pub fn any(workers: &Workers, rng: &mut impl Rng) -> Option<usize> {
    let count = workers.count();
    if workers.available() == 0 {
        return None;
    }
    for _ in 0..DRAWS {
        let drawn = rng.random_range(0..count as u32) as usize;
        if workers.is_available(drawn) {
            return Some(drawn);
        }
    }
    let drawn = rng.random_range(0..workers.available() as u32) as usize;
    let mut available = (0..count).filter(|worker| workers.is_available(*worker));
    available.nth(drawn)
}
