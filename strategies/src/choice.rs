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
    any_but(None, workers, rng)
}

/// Any two available workers, each pair with the same chance, in any order; the same one twice
/// where there is no other. As [`any`] otherwise.
pub fn two(workers: &Workers, rng: &mut impl Rng) -> Option<(usize, usize)> {
    let one = any(workers, rng)?;
    let other = any_but(Some(one), workers, rng);
    Some((one, other.unwrap_or(one)))
}

/// Any available worker but this one, which is available too.
fn any_but(but: Option<usize>, workers: &Workers, rng: &mut impl Rng) -> Option<usize> {
    let will_do = |worker: usize| workers.is_available(worker) && Some(worker) != but;
    let choices = workers.available() - usize::from(but.is_some());
    if choices == 0 {
        return None;
    }
    for _ in 0..DRAWS {
        let drawn = rng.random_range(0..workers.count() as u32) as usize;
        if will_do(drawn) {
            return Some(drawn);
        }
    }
    let drawn = rng.random_range(0..choices as u32) as usize;
    (0..workers.count()).filter(|w| will_do(*w)).nth(drawn)
}
