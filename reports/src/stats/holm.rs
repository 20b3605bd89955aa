//! Correction for the number of comparisons.

/// Corrects the p-values of a family of tests, so that the probability of any false rejection
/// among them is at most the level at which the results are compared.
///
/// The smallest of m is multiplied by m, the next by m − 1, and so on, and none is smaller than
/// one before it: S. Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6, 1979. It holds whatever the dependence between tests.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in ascending.into_iter().enumerate() {
        let tests_left = (p_values.len() - rank) as f64;
        largest = largest.max(p_values[index] * tests_left).min(1.0);
        corrected[index] = largest;
    }
    corrected
}
