//! Draws that policies have in common.

use rand::{Rng, RngExt};

use super::workers::{UNAVAILABLE, Workers};

/// Loads that are looked at together: four vectors of them.
const BLOCK: usize = 16;

/// One of the least loaded workers, each of them with the same chance; `None` where every
/// load is [`UNAVAILABLE`].
///
/// Without the draw the first of several would get everything while all are idle. O(n): a pass that
/// the compiler vectorises, and where a draw does not find one of the least loaded, one or two more.
// Within a larger function the compiler gives up vectors.
#[inline(never)]
pub fn least(loads: &[u32], rng: &mut impl Rng) -> Option<usize> {
    // Signed numbers have a vector instruction for this on every processor; to turn the first
    // bit keeps the order.
    let least = loads.iter().map(|load| (load ^ FIRST_BIT).cast_signed());
    let least = least.min()?.cast_unsigned() ^ FIRST_BIT;
    if least == UNAVAILABLE {
        return None;
    }
    // Where many are tied, as idle ones are, this finds one of them.
    let drawn = rng.random_range(0..loads.len() as u32) as usize;
    if loads[drawn] == least {
        return Some(drawn);
    }
    match Tied::among(loads, least) {
        Tied { count: 1, sum } => Some(sum as usize),
        Tied { count, .. } => nth(loads, least, rng.random_range(0..count)),
    }
}

/// Workers with the same load.
struct Tied {
    count: u32,
    /// Of their numbers, wrapping round: of a single one it is its number.
    sum: u32,
}

impl Tied {
    fn among(loads: &[u32], tied: u32) -> Self {
        let nobody = Self { count: 0, sum: 0 };
        loads
            .iter()
            .zip(0_u32..)
            .fold(nobody, |so_far, (load, at)| {
                let one = u32::from(*load == tied);
                // All bits of the number or none, as a vector of them is chosen.
                let mask = one.wrapping_neg();
                Self {
                    count: so_far.count + one,
                    sum: so_far.sum.wrapping_add(at & mask),
                }
            })
    }
}

/// The worker with that load before whom so many others have it.
fn nth(loads: &[u32], load: u32, mut others: u32) -> Option<usize> {
    for (number, block) in loads.chunks(BLOCK).enumerate() {
        let here = block.iter().map(|it| u32::from(*it == load)).sum();
        if others < here {
            let mut tied = (0..block.len()).filter(|at| block[*at] == load);
            return tied.nth(others as usize).map(|at| number * BLOCK + at);
        }
        others -= here;
    }
    None
}

/// Where that value stands first.
pub(crate) fn position(values: &[i32], value: i32) -> Option<usize> {
    // A fold looks at all of a block at once, where a search would stop at each.
    let has_it = |block: &[i32]| block.iter().fold(false, |any, it| any | (*it == value));
    let block = values.chunks(BLOCK).position(has_it)?;
    let mut rest = values[block * BLOCK..].iter();
    rest.position(|it| *it == value)
        .map(|at| block * BLOCK + at)
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
