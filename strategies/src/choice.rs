//! Draws that policies have in common.

use rand::{Rng, RngExt};

use crate::workers::{UNAVAILABLE, Workers};

/// Workers that are looked at together: two or four vectors of loads.
const BLOCK: usize = 8;

/// One of the least loaded workers, each of them with the same chance; `None` where every
/// load is [`UNAVAILABLE`].
///
/// Without the draw the first of several would get everything while all are idle. O(n): three
/// passes without a branch, which the compiler vectorises.
pub fn least(loads: &[u32], rng: &mut impl Rng) -> Option<usize> {
    // Signed numbers have a vector instruction for this on every processor; to turn the first
    // bit keeps the order.
    let least = loads.iter().map(|load| (load ^ FIRST_BIT).cast_signed());
    let least = least.min()?.cast_unsigned() ^ FIRST_BIT;
    if least == UNAVAILABLE {
        return None;
    }
    let ties = |loads: &[u32]| -> u32 { loads.iter().map(|l| u32::from(*l == least)).sum() };
    let drawn = rng.random_range(0..ties(loads));
    // How many blocks end before the drawn one of the tied, and then how many of its block stand
    // before it.
    let (mut seen, mut before, mut worker) = (0, 0, 0);
    for block in loads.chunks_exact(BLOCK) {
        seen += ties(block);
        let is_before = seen <= drawn;
        worker += BLOCK * usize::from(is_before);
        before = if is_before { seen } else { before };
    }
    for load in loads[worker..].iter().take(BLOCK) {
        before += u32::from(*load == least);
        worker += usize::from(before <= drawn);
    }
    Some(worker)
}

const FIRST_BIT: u32 = 1 << 31;

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
