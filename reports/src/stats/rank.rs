//! Exact rank tests, which assume nothing of the shape of the noise.
//!
//! F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945; the
//! test of two samples also after H. B. Mann and D. R. Whitney, 1947. The distributions are
//! counted out, ties as they stand, by shifting and adding (B. Streitberg, J. Röhmel, "Exact
//! distributions for permutation and rank tests", 1986).

/// The probability that differences as far above zero as these, or farther, come of luck, if
/// each were as likely to have the other sign. A difference of zero says nothing and is left out.
pub fn signed_rank(differences: &[f64]) -> f64 {
    let differences: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let ranks = doubled_ranks(&sizes);
    let observed: usize = ranks
        .iter()
        .zip(&differences)
        .filter(|(_, difference)| **difference > 0.0)
        .map(|(rank, _)| rank)
        .sum();
    // ways[s]: share of all ways to give out signs in which the positive ranks sum to s.
    let mut ways = vec![0.0; ranks.iter().sum::<usize>() + 1];
    ways[0] = 1.0;
    let mut largest = 0;
    for rank in ranks {
        largest += rank;
        for sum in (0..=largest).rev() {
            let with = sum.checked_sub(rank).map_or(0.0, |before| ways[before]);
            ways[sum] = f64::midpoint(ways[sum], with);
        }
    }
    ways[observed..].iter().sum()
}

/// The probability that values of `above` as far above those of `below` as these, or farther,
/// come of luck, if all were drawn from the same distribution.
pub fn rank_sum(above: &[f64], below: &[f64]) -> f64 {
    let ranks = doubled_ranks(&[above, below].concat());
    let observed: usize = ranks[..above.len()].iter().sum();
    // ways[c][s]: number of ways to choose c of the ranks so that they sum to s. Whatever is
    // above the observed sum counts as one with it, as only "at least as far" is asked.
    let mut ways = vec![vec![0.0; observed + 1]; above.len() + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for chosen in (1..=above.len()).rev() {
            let (fewer, these) = ways.split_at_mut(chosen);
            for (sum, number) in fewer[chosen - 1].iter().enumerate() {
                these[0][(sum + rank).min(observed)] += number;
            }
        }
    }
    let chosen = &ways[above.len()];
    chosen[observed] / chosen.iter().sum::<f64>()
}

/// Twice the rank of each value, so that the middle ranks of tied values are whole numbers.
fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    let rank = |value: &f64| {
        let smaller = values.iter().filter(|v| *v < value).count();
        let same = values.iter().filter(|v| *v == value).count();
        2 * smaller + same + 1
    };
    values.iter().map(rank).collect()
}
