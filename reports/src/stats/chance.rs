//! How uneven a random spread over workers is.

use std::num::NonZeroU32;

use rand::Rng;
use rand_distr::{Binomial, Distribution};
use serde::Serialize;

use super::{jain, max_over_mean, min_over_mean};

/// Number of random draws. The ends of a 95% range are then at the 50th draw from either side, with
/// a relative error of 1/√50, or 14%, in the number beyond.
const DRAWS: usize = 2_000;

/// How uneven the workers would be if every connection went to a random worker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chance {
    /// Jain's index.
    pub jain: ChanceRange,
    /// The largest share in units of the mean.
    pub max_over_mean: ChanceRange,
    /// The smallest share in units of the mean.
    pub min_over_mean: ChanceRange,
}

/// The outcomes of chance: their mean, and the middle 95%.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChanceRange {
    /// Mean over many draws.
    pub expected: f64,
    /// Only 2.5% of draws are below.
    pub low: f64,
    /// Only 2.5% of draws are above.
    pub high: f64,
}

/// Distributes `connections` over `workers` at random, many times; `None` without connections.
///
/// The counts are multinomial, and drawn worker by worker as binomials of the rest. For
/// many connections Jain's index is n / (n + X²) with Pearson's X² of k − 1 degrees of freedom
/// (K. Pearson, 1900), against which the draws are tested; the largest share has no such
/// formula (M. Raab, A. Steger, "Balls into bins: a simple and tight analysis", 1998).
pub fn chance(connections: u64, workers: NonZeroU32, random: &mut impl Rng) -> Option<Chance> {
    let draws = (0..DRAWS).map(|_| draw(connections, workers.get(), random));
    let draws: Vec<Vec<f64>> = draws.collect();
    let band = |index: fn(&[f64]) -> Option<f64>| {
        let indices = draws.iter().map(|shares| index(shares));
        ChanceRange::of(indices.collect::<Option<_>>()?)
    };
    Some(Chance {
        jain: band(jain)?,
        max_over_mean: band(max_over_mean)?,
        min_over_mean: band(min_over_mean)?,
    })
}

fn draw(connections: u64, workers: u32, random: &mut impl Rng) -> Vec<f64> {
    let mut left = connections;
    let bins_left = (1..=workers).rev();
    let shares = bins_left.map(|bins| {
        let share = Binomial::new(left, 1.0 / f64::from(bins)).map_or(left, |b| b.sample(random));
        left -= share;
        share as f64
    });
    shares.collect()
}

impl ChanceRange {
    fn of(mut values: Vec<f64>) -> Option<ChanceRange> {
        values.sort_by(f64::total_cmp);
        let beyond = values.len() / 40; // 2.5% on either side
        Some(ChanceRange {
            expected: values.iter().sum::<f64>() / values.len() as f64,
            low: *values.get(beyond)?,
            high: *values.get(values.len().checked_sub(beyond + 1)?)?,
        })
    }
}
