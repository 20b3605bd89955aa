//! The position of a measured wait between random choice and the ideal.

use crate::histogram::NS_PER_US;
use crate::record::Latency;

/// Returns the position of a wait between a random split (0) and the common queue (1), all three in the
/// same unit. Below 0 is worse than random choice; above 1 is better than the common queue, which
/// chance and errors of measurement can cause. `None` where the random split waits no
/// longer than the common queue, as with a single worker.
pub fn way_to_ideal(measured: f64, random_split: f64, common_queue: f64) -> Option<f64> {
    let whole = random_split - common_queue;
    (whole > 0.0).then(|| (random_split - measured) / whole)
}

impl Latency {
    /// Mean, percentiles (nearest rank) and maximum of durations in nanoseconds, such as the
    /// waits of a recursion; `None` if there are none.
    pub fn of_nanoseconds(mut durations_ns: Vec<u64>) -> Option<Latency> {
        durations_ns.sort_unstable();
        let max_ns = *durations_ns.last()?;
        let count = durations_ns.len() as f64;
        let rank = |q: f64| (q * count).ceil() as usize;
        let quantile = |q| durations_ns[rank(q).max(1) - 1] as f64 / NS_PER_US;
        Some(Latency {
            mean: durations_ns.iter().sum::<u64>() as f64 / count / NS_PER_US,
            p50: quantile(0.50),
            p90: quantile(0.90),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: max_ns as f64 / NS_PER_US,
        })
    }
}
