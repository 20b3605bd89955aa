//! Seeded randomness: one independent stream per thread and purpose.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// What a stream of random numbers is for. With a stream for each purpose, another arrival process
/// leaves the work sequence unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Arrivals,
    Work,
}

/// Returns the stream of one thread for one purpose.
pub(crate) fn stream(seed: u64, thread: usize, purpose: Purpose) -> Pcg64 {
    // 2^64 divided by the golden ratio, odd: its multiples are spread as evenly over the 64-bit
    // range as any sequence can be (Knuth, TAOCP vol. 3, 6.4), so the streams of neighbouring seeds
    // and threads start far from each other.
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let number = 2 * thread as u64 + purpose as u64 + 1;
    Pcg64::seed_from_u64(
        seed.rotate_left(32)
            .wrapping_add(number.wrapping_mul(SPREAD)),
    )
}

/// Uniform on [0, 1), with all 53 bits of a double.
pub(crate) fn unit(random: &mut impl Rng) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    (random.next_u64() >> 11) as f64 * STEP
}

/// Exponential with mean 1, by inversion of its distribution function.
pub(crate) fn exponential(random: &mut impl Rng) -> f64 {
    // 1 - u lies in (0, 1], so the logarithm is finite.
    -(1.0 - unit(random)).ln()
}

/// Standard normal, by the polar angle and radius of Box and Muller, "A Note on the Generation of
/// Random Normal Deviates", 1958.
pub(crate) fn normal(random: &mut impl Rng) -> f64 {
    let radius = (2.0 * exponential(random)).sqrt();
    radius * (std::f64::consts::TAU * unit(random)).cos()
}
