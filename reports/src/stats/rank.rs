//! Rank tests, which assume nothing of the shape of the noise.
//!
//! F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945; the
//! test of two samples also after H. B. Mann and D. R. Whitney, 1947. Up to fifty
//! values the distributions are counted out, ties as they stand, by shifting and adding (B.
//! Streitberg, J. Röhmel, "Exact distributions for permutation and rank tests", 1986); of more,
//! sums of ranks are as good as normal, with the mean and variance that these very ranks have.

use statrs::function::erf::erfc;

/// Counting takes the cube of the number of values, and from here on changes no third digit.
const MOST_COUNTED: usize = 50;

/// Returns the probability that chance puts differences this far above zero, or farther, if each were
/// as likely to have the other sign. A difference of zero is left out.
pub fn signed_rank(differences: &[f64]) -> f64 {
    let differences: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let ranks = doubled_ranks(&sizes);
    let positive = ranks.iter().zip(&differences).filter(|(_, d)| **d > 0.0);
    let observed: usize = positive.map(|(rank, _)| rank).sum();
    if ranks.len() <= MOST_COUNTED {
        return count_signs(&ranks, observed);
    }
    let squares: f64 = ranks.iter().map(|rank| (*rank as f64).powi(2)).sum();
    let mean = ranks.iter().sum::<usize>() as f64 / 2.0;
    normal_beyond(observed, mean, squares / 4.0)
}

/// Returns the probability that chance puts the values of `above` this far above those of `below`, or
/// farther, if all were drawn from the same distribution.
pub fn rank_sum(above: &[f64], below: &[f64]) -> f64 {
    let ranks = doubled_ranks(&[above, below].concat());
    let observed: usize = ranks[..above.len()].iter().sum();
    if ranks.len() <= MOST_COUNTED {
        return count_choices(&ranks, above.len(), observed);
    }
    let (chosen, all) = (above.len() as f64, ranks.len() as f64);
    let mean = ranks.iter().sum::<usize>() as f64 / all;
    let squares: f64 = ranks.iter().map(|rank| (*rank as f64 - mean).powi(2)).sum();
    let variance = chosen * (all - chosen) / (all * (all - 1.0)) * squares;
    normal_beyond(observed, chosen * mean, variance)
}

/// Share of all ways to give out signs in which the positive ranks sum to `observed` or more.
fn count_signs(ranks: &[usize], observed: usize) -> f64 {
    let mut ways = vec![0.0; ranks.iter().sum::<usize>() + 1];
    ways[0] = 1.0;
    let mut largest = 0;
    for rank in ranks {
        largest += rank;
        for sum in (0..=largest).rev() {
            let with = sum.checked_sub(*rank).map_or(0.0, |before| ways[before]);
            ways[sum] = f64::midpoint(ways[sum], with);
        }
    }
    ways[observed..].iter().sum()
}

/// Share of all ways to choose this many ranks in which they sum to `observed` or more.
fn count_choices(ranks: &[usize], choose: usize, observed: usize) -> f64 {
    // ways[c][s]: number of ways to choose c of the ranks so far so that they sum to s. Whatever
    // is above the observed sum counts like it, since only "or more" matters.
    let mut ways = vec![vec![0.0; observed + 1]; choose + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for chosen in (1..=choose).rev() {
            let (fewer, these) = ways.split_at_mut(chosen);
            for (sum, number) in fewer[chosen - 1].iter().enumerate() {
                these[0][(sum + rank).min(observed)] += number;
            }
        }
    }
    ways[choose][observed] / ways[choose].iter().sum::<f64>()
}

/// Probability that a sum of doubled ranks is `observed` or more. Without ties only every other
/// number can be such a sum, so the normal curve is cut one below: half of a step.
fn normal_beyond(observed: usize, mean: f64, variance: f64) -> f64 {
    let deviation = observed as f64 - 1.0 - mean;
    erfc(deviation / (2.0 * variance).sqrt()) / 2.0
}

/// Twice the rank of each value, so that the middle ranks of tied values are whole numbers.
fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |value: &f64| {
        let smaller = sorted.partition_point(|v| v < value);
        let not_larger = sorted.partition_point(|v| v <= value);
        smaller + not_larger + 1
    };
    values.iter().map(rank).collect()
}
