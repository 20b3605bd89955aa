//! Student's t distribution, for means of few values whose spread is estimated from themselves.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The value below which a share `p` of the distribution lies; `degrees` of freedom are above 0.
pub(crate) fn quantile(p: f64, degrees: f64) -> f64 {
    standard(degrees).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// The probability of a value beyond `t`; `degrees` of freedom are above 0.
pub(crate) fn beyond(t: f64, degrees: f64) -> f64 {
    standard(degrees).map_or(f64::NAN, |distribution| distribution.sf(t))
}

fn standard(degrees: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, degrees).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_table() {
        // Any table of the t distribution; this one from Fisher and Yates, 1938.
        for (p, degrees, expected) in [
            (0.975, 1.0, 12.706),
            (0.975, 5.0, 2.571),
            (0.975, 9.0, 2.262),
            (0.995, 4.0, 4.604),
            (0.9, 10.0, 1.372),
            (0.9995, 30.0, 3.646),
        ] {
            assert!((quantile(p, degrees) - expected).abs() < 6e-4);
            assert!((beyond(expected, degrees) / (1.0 - p) - 1.0).abs() < 5e-3);
        }
    }

    #[test]
    fn far_tails_stay_positive_and_infinity_is_beyond_reach() {
        assert!(beyond(60.0, 9.0) > 0.0);
        assert_eq!(beyond(f64::INFINITY, 9.0), 0.0);
    }
}
