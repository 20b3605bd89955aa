//! Random choices that policies share.

use rand::{Rng, RngExt};

use super::workers::{UNAVAILABLE, Workers};

/// Number of loads that are compared together: four vectors.
const BLOCK: usize = 16;

/// Returns one of the least loaded workers, each with the same probability. Returns `None` if every
/// load is [`UNAVAILABLE`].
///
/// Without the draw the first worker would get everything while all are idle. O(n): one vectorised
/// pass, and one or two more if the draw does not find a least loaded worker.
// When inlined, the compiler does not vectorise it.
#[inline(never)]
pub fn least(loads: &[u32], rng: &mut impl Rng) -> Option<usize> {
    // Every processor has a vector instruction for the minimum of signed numbers. Flipping the first
    // bit keeps the order.
    let least = loads.iter().map(|load| (load ^ FIRST_BIT).cast_signed());
    let least = least.min()?.cast_unsigned() ^ FIRST_BIT;
    if least == UNAVAILABLE {
        return None;
    }
    // If many loads are equal, as those of idle workers are, this finds one of them.
    let drawn = rng.random_range(0..loads.len() as u32) as usize;
    if loads[drawn] == least {
        return Some(drawn);
    }
    match Ties::count(loads, least) {
        Ties { count: 1, sum } => Some(sum as usize),
        Ties { count, .. } => nth(loads, least, rng.random_range(0..count)),
    }
}

/// The workers with the same load.
struct Ties {
    count: u32,
    /// Wrapping sum of their numbers. For a single worker it is its number.
    sum: u32,
}

impl Ties {
    fn count(loads: &[u32], load: u32) -> Self {
        let none = Self { count: 0, sum: 0 };
        loads.iter().zip(0_u32..).fold(none, |so_far, (it, at)| {
            let one = u32::from(*it == load);
            // All bits of the number or none, without a branch.
            let mask = one.wrapping_neg();
            Self {
                count: so_far.count + one,
                sum: so_far.sum.wrapping_add(at & mask),
            }
        })
    }
}

/// Returns the worker with this load that has `others` workers with the same load before it.
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

/// Returns the first position of a value.
pub(crate) fn position(values: &[i32], value: i32) -> Option<usize> {
    // A fold is vectorised, since it does not stop early.
    let has_it = |block: &[i32]| block.iter().fold(false, |any, it| any | (*it == value));
    let block = values.chunks(BLOCK).position(has_it)?;
    let mut rest = values[block * BLOCK..].iter();
    rest.position(|it| *it == value)
        .map(|at| block * BLOCK + at)
}

const FIRST_BIT: u32 = 1 << 31;

/// If half of the workers are available, this number of draws finds one with a probability of 0.99.
const DRAWS: usize = 7;

/// Returns a random available worker, each with the same probability, or `None` if there is none.
///
/// O(1) on average while most workers are available, since a draw that misses is repeated. O(n) at
/// worst.
pub fn any(workers: &Workers, rng: &mut impl Rng) -> Option<usize> {
    any_except(&[], workers, rng)
}

/// Returns some random available workers, each set with the same probability, in any order. If fewer are
/// available, the first one stands for those that lack. Otherwise like [`any`].
pub fn some<const N: usize>(workers: &Workers, rng: &mut impl Rng) -> Option<[usize; N]> {
    let mut drawn = [any(workers, rng)?; N];
    for next in 1..N {
        let Some(other) = any_except(&drawn[..next], workers, rng) else {
            break;
        };
        drawn[next] = other;
    }
    Some(drawn)
}

/// Returns a random available worker other than those `excluded`, which must be available, each once.
fn any_except(excluded: &[usize], workers: &Workers, rng: &mut impl Rng) -> Option<usize> {
    let is_choice = |worker: usize| workers.is_available(worker) && !excluded.contains(&worker);
    let choices = workers.available() - excluded.len();
    if choices == 0 {
        return None;
    }
    for _ in 0..DRAWS {
        let drawn = rng.random_range(0..workers.count() as u32) as usize;
        if is_choice(drawn) {
            return Some(drawn);
        }
    }
    let drawn = rng.random_range(0..choices as u32) as usize;
    (0..workers.count()).filter(|w| is_choice(*w)).nth(drawn)
}
