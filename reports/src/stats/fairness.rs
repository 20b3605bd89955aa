//! How evenly something is spread over workers.

/// Jain's index of fairness: (Σx)² / (n·Σx²). It is 1 where all shares are the same and 1/n
/// where one has everything; `None` where there is nothing to share.
///
/// Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination
/// for Resource Allocation in Shared Computer Systems", DEC Research Report TR-301, 1984.
pub fn jain(shares: &[f64]) -> Option<f64> {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|x| x * x).sum();
    (squares > 0.0).then(|| sum * sum / (shares.len() as f64 * squares))
}

/// The largest share in units of the mean share: how much more than its due the busiest worker
/// has. `None` where there is nothing to share.
pub fn max_over_mean(shares: &[f64]) -> Option<f64> {
    let mean = mean(shares)?;
    Some(shares.iter().copied().fold(0.0, f64::max) / mean)
}

/// The smallest share in units of the mean share: what the least busy worker has of its due.
/// `None` where there is nothing to share.
pub fn min_over_mean(shares: &[f64]) -> Option<f64> {
    let mean = mean(shares)?;
    Some(shares.iter().copied().fold(f64::INFINITY, f64::min) / mean)
}

fn mean(shares: &[f64]) -> Option<f64> {
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    (mean > 0.0).then_some(mean)
}
