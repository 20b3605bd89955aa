//! The distribution of the range of several means in units of their standard error: Tukey's test.
//!
//! J. W. Tukey, "The problem of multiple comparisons", 1953. With W the range of k standard normal
//! values and S an independent estimate of their standard deviation, of which ν·S² is distributed as
//! χ² with ν degrees of freedom, the studentized range is W/S. Both integrals are sums over even steps
//! (of the logarithm of S), which of smooth functions that vanish on both sides is nearly exact (L.
//! N. Trefethen, J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56,
//! 2014).

use std::sync::LazyLock;

use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;

/// No weight worth counting lies farther out than so many standard deviations.
const FAR: f64 = 6.0;

/// Steps of the integral over S, and of that over the largest value. With them the tables below come out
/// to four digits, and from five degrees of freedom on to six.
const STEPS_OF_S: usize = 32;
const STEPS_OF_LARGEST: usize = 24;

/// Halvings of the bracket of a quantile; the last one changes no eighth digit.
const HALVINGS: usize = 30;

/// Returns the probability that the studentized range of `groups` means is beyond `q`. `groups` are at
/// least 2, `degrees` of freedom above 0.
pub(crate) fn beyond(q: f64, groups: usize, degrees: f64) -> f64 {
    if q <= 0.0 {
        return 1.0;
    }
    let density = |log_s: f64| {
        let half = degrees / 2.0;
        let s_squared = (2.0 * log_s).exp();
        // 2 half^half / Γ(half) · s^ν e^(−half·s²), by the logarithm of s.
        (2.0f64.ln() + half * half.ln() - ln_gamma(half) + degrees * log_s - half * s_squared).exp()
    };
    let deviation = (2.0 * degrees).sqrt().recip();
    let low = -FAR * deviation - FAR * FAR / (2.0 * degrees);
    let high = (FAR * deviation).min(FAR.ln());
    let beyond = steps(low, high, STEPS_OF_S)
        .map(|log_s| density(log_s) * range_beyond(q * log_s.exp(), groups));
    let step = (high - low) / STEPS_OF_S as f64;
    (step * beyond.sum::<f64>()).clamp(0.0, 1.0)
}

/// Returns the studentized range that is exceeded with probability `p`, above 0.
pub(crate) fn quantile(p: f64, groups: usize, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while beyond(high, groups, degrees) > p && high.is_finite() {
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match beyond(middle, groups, degrees) > p {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// Returns the probability that the range of `groups` standard normal values is beyond `w`: for the
/// largest of them at z, that not all others lie between z − w and z.
fn range_beyond(w: f64, groups: usize) -> f64 {
    let others = (groups - 1) as i32;
    let beyond = LARGEST.iter().map(|(z, weight, below)| {
        let within = (below - normal_below(z - w)).max(0.0);
        weight * (below.powi(others) - within.powi(others))
    });
    groups as f64 * beyond.sum::<f64>()
}

/// Where the largest value may lie, with the weight of that, and the share of values below.
static LARGEST: LazyLock<Vec<(f64, f64, f64)>> = LazyLock::new(|| {
    let step = 2.0 * FAR / STEPS_OF_LARGEST as f64;
    let density = |z: f64| (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    steps(-FAR, FAR, STEPS_OF_LARGEST)
        .map(|z| (z, step * density(z), normal_below(z)))
        .collect()
});

fn normal_below(z: f64) -> f64 {
    erfc(-z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// Even steps between two ends.
fn steps(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> {
    let step = (high - low) / count as f64;
    (1..count).map(move |at| low + step * at as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student;

    #[test]
    fn quantiles_are_those_of_the_printed_table() {
        // H. L. Harter, "Tables of range and studentized range", 1960.
        for (p, groups, degrees, expected) in [
            (0.05, 2, 5.0, 3.635),
            (0.05, 3, 10.0, 3.877),
            (0.05, 8, 40.0, 4.521),
            (0.05, 8, 30.0, 4.602),
            (0.01, 5, 20.0, 5.294),
            (0.05, 20, 120.0, 5.126),
            (0.05, 3, 2.0, 8.331),
        ] {
            let q = quantile(p, groups, degrees);
            assert!((q - expected).abs() < 2e-3, "{groups} {degrees}: {q}");
            assert!((beyond(expected, groups, degrees) / p - 1.0).abs() < 5e-3);
        }
    }

    #[test]
    fn the_range_of_two_is_students_difference() {
        for (t, degrees) in [(0.5, 4.0), (2.571, 5.0), (4.0, 3.0), (9.0, 12.0)] {
            let range = beyond(t * std::f64::consts::SQRT_2, 2, degrees);
            let student = 2.0 * student::beyond(t, degrees);
            assert!((range / student - 1.0).abs() < 1e-3, "{range} {student}");
        }
    }

    #[test]
    fn nothing_is_beyond_infinity_and_everything_beyond_nothing() {
        assert_eq!(beyond(f64::INFINITY, 8, 35.0), 0.0);
        assert_eq!(beyond(0.0, 8, 35.0), 1.0);
    }
}
