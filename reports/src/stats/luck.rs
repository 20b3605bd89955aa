//! How uneven luck alone would be.

use std::num::NonZeroU32;

use rand::Rng;
use rand_distr::{Binomial, Distribution};
use serde::Serialize;

use super::{jain, max_over_mean, min_over_mean};

/// Throws from which a band is taken. The ends of a 95% band then lie at the 50th throw from
/// either side, with a relative error of 1/√50, or 14%, in how many lie beyond.
const THROWS: usize = 2_000;

/// How uneven the workers would be if every connection went to one of them by chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Luck {
    /// Jain's index.
    pub jain: Band,
    /// The largest share in units of the mean.
    pub max_over_mean: Band,
    /// The smallest share in units of the mean.
    pub min_over_mean: Band,
}

/// What chance gives: the mean, and the middle 95% of outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The mean over many throws.
    pub expected: f64,
    /// Only 2.5% of throws are below.
    pub low: f64,
    /// Only 2.5% of throws are above.
    pub high: f64,
}

/// Throws `connections` into `workers` bins, many times over; `None` without connections.
///
/// Counts in bins are multinomial, and drawn worker by worker as binomials of what is left. For
/// many connections Jain's index is n / (n + X²) with Pearson's X² of k − 1 degrees of freedom
/// (K. Pearson, 1900), which the throws are tested against; the largest share has no such
/// formula (M. Raab, A. Steger, "Balls into bins: a simple and tight analysis", 1998).
pub fn luck(connections: u64, workers: NonZeroU32, random: &mut impl Rng) -> Option<Luck> {
    let throws: Vec<Vec<f64>> = (0..THROWS)
        .map(|_| throw(connections, workers.get(), random))
        .collect();
    let band = |index: fn(&[f64]) -> Option<f64>| {
        Band::of(
            throws
                .iter()
                .map(|shares| index(shares))
                .collect::<Option<_>>()?,
        )
    };
    Some(Luck {
        jain: band(jain)?,
        max_over_mean: band(max_over_mean)?,
        min_over_mean: band(min_over_mean)?,
    })
}

fn throw(connections: u64, workers: u32, random: &mut impl Rng) -> Vec<f64> {
    let mut left = connections;
    let bins_left = (1..=workers).rev();
    let shares = bins_left.map(|bins| {
        let share = Binomial::new(left, 1.0 / f64::from(bins)).map_or(left, |b| b.sample(random));
        left -= share;
        share as f64
    });
    shares.collect()
}

impl Band {
    fn of(mut values: Vec<f64>) -> Option<Band> {
        values.sort_by(f64::total_cmp);
        let beyond = values.len() / 40; // 2.5% on either side
        Some(Band {
            expected: values.iter().sum::<f64>() / values.len() as f64,
            low: *values.get(beyond)?,
            high: *values.get(values.len().checked_sub(beyond + 1)?)?,
        })
    }
}
