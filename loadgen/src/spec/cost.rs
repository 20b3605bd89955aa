//! Distributions of the time that a request takes a worker.

use rand::Rng;

use super::error::SpecError;
use super::limits::MAX_US;
use crate::random::{exponential, normal, unit};

/// Time that one request takes a worker, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// Always this time.
    Fixed(f64),
    /// Exponentially distributed with this mean.
    Exponential(f64),
    /// Uniformly distributed between two bounds.
    Uniform {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// Lognormal: most requests are short, a few are long.
    LogNormal {
        /// The mean.
        mean: f64,
        /// Standard deviation of the logarithm; 1 is typical of services.
        sigma: f64,
    },
    /// Pareto: a heavy tail, so that few requests make up most of the work.
    Pareto {
        /// The mean.
        mean: f64,
        /// The tail index. It is above 1, since otherwise there is no mean; at 2 and below the
        /// variance is infinite.
        shape: f64,
    },
}

impl Cost {
    /// Mean, in microseconds.
    #[must_use]
    pub fn mean_us(self) -> f64 {
        match self {
            Self::Fixed(mean)
            | Self::Exponential(mean)
            | Self::LogNormal { mean, .. }
            | Self::Pareto { mean, .. } => mean,
            Self::Uniform { low, high } => f64::midpoint(low, high),
        }
    }

    /// Mean square, in square microseconds; infinite for a Pareto whose shape is 2 or below.
    #[must_use]
    pub fn mean_square_us2(self) -> f64 {
        match self {
            Self::Fixed(us) => us * us,
            Self::Exponential(mean) => 2.0 * mean * mean,
            Self::Uniform { low, high } => (low * low + low * high + high * high) / 3.0,
            Self::LogNormal { mean, sigma } => mean * mean * (sigma * sigma).exp(),
            Self::Pareto { mean, shape } if shape > 2.0 => {
                mean * mean * (shape - 1.0).powi(2) / (shape * (shape - 2.0))
            }
            Self::Pareto { .. } => f64::INFINITY,
        }
    }

    /// Checks its parameters.
    ///
    /// # Errors
    /// [`SpecError::Work`] with the allowed range.
    pub fn validate(self) -> Result<(), SpecError> {
        let mean = self.mean_us();
        SpecError::Work("a cost must be between 0 and 9,999,999,999 microseconds")
            .unless(mean >= 0.0 && mean <= MAX_US as f64)?;
        let (is_possible, problem) = match self {
            Self::Fixed(_) | Self::Exponential(_) => return Ok(()),
            Self::Uniform { low, high } => (
                low >= 0.0 && low <= high,
                "the lower bound of a uniform cost must be at least 0 and at most the upper bound",
            ),
            Self::LogNormal { sigma, .. } => (
                sigma >= 0.0 && sigma.is_finite(),
                "the sigma of a lognormal cost must be a number of at least 0",
            ),
            Self::Pareto { shape, .. } => (
                shape > 1.0 && shape.is_finite(),
                "the shape of a Pareto cost must be a number above 1",
            ),
        };
        SpecError::Work(problem).unless(is_possible)
    }

    /// Draws the cost of one request, in microseconds. A distribution always takes the same number
    /// of random numbers.
    pub(crate) fn draw(self, random: &mut impl Rng) -> u64 {
        let us = match self {
            Self::Fixed(us) => us,
            Self::Exponential(mean) => exponential(random) * mean,
            Self::Uniform { low, high } => low + unit(random) * (high - low),
            // The mean of a lognormal is exp(mu + sigma²/2).
            Self::LogNormal { mean, sigma } => {
                mean * (sigma * normal(random) - sigma * sigma / 2.0).exp()
            }
            // The logarithm of a Pareto over its minimum is exponential, and
            // its mean is minimum * shape / (shape - 1).
            Self::Pareto { mean, shape } => {
                mean * (shape - 1.0) / shape * (exponential(random) / shape).exp()
            }
        };
        (us.round() as u64).min(MAX_US)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const DRAWS: usize = 40_000;

    fn draws(cost: Cost) -> Vec<f64> {
        let mut random = stream(1, 0, Purpose::Work);
        let draw = || cost.draw(&mut random) as f64;
        std::iter::repeat_with(draw).take(DRAWS).collect()
    }

    #[test]
    fn each_distribution_has_the_mean_asked_for() {
        // Each with its standard deviation in units of the mean; for a Pareto
        // of shape a it is 1/sqrt(a(a-2)).
        for (cost, deviation) in [
            (Cost::Fixed(1_000.0), 0.0),
            (Cost::Exponential(1_000.0), 1.0),
            (
                Cost::Uniform {
                    low: 500.0,
                    high: 1_500.0,
                },
                0.289,
            ),
            (
                Cost::LogNormal {
                    mean: 1_000.0,
                    sigma: 0.5,
                },
                0.533,
            ),
            (
                Cost::Pareto {
                    mean: 1_000.0,
                    shape: 4.0,
                },
                0.354,
            ),
        ] {
            let mean = draws(cost).iter().sum::<f64>() / DRAWS as f64;
            let standard_error = 1_000.0 * deviation / (DRAWS as f64).sqrt();
            // Five of them, and half a microsecond for the rounding.
            let allowed = 5.0 * standard_error + 0.5;
            assert!((mean - 1_000.0).abs() <= allowed, "{cost:?}: mean {mean}");
            let spread = (cost.mean_square_us2() / 1e6 - 1.0).sqrt();
            assert!((spread - deviation).abs() < 1e-3, "{cost:?}: {spread}");
        }
    }

    #[test]
    fn each_distribution_has_its_median() {
        for (cost, median) in [
            (Cost::Exponential(1_000.0), 1_000.0 * std::f64::consts::LN_2),
            (
                Cost::Uniform {
                    low: 500.0,
                    high: 1_500.0,
                },
                1_000.0,
            ),
            (
                Cost::LogNormal {
                    mean: 1_000.0,
                    sigma: 1.0,
                },
                1_000.0 * (-0.5_f64).exp(),
            ),
            (
                Cost::Pareto {
                    mean: 3_000.0,
                    shape: 1.5,
                },
                1_000.0 * 2.0_f64.powf(1.0 / 1.5),
            ),
        ] {
            let below = draws(cost).into_iter().filter(|us| *us <= median).count() as f64;
            // Binomial(n, 1/2): standard deviation sqrt(n)/2; five of them,
            // and a hundredth for draws that were rounded to the median.
            let allowed = 2.5 * (DRAWS as f64).sqrt() + DRAWS as f64 / 100.0;
            assert!(
                (below - DRAWS as f64 / 2.0).abs() <= allowed,
                "{cost:?}: {below} below"
            );
        }
    }

    #[test]
    fn bounds_are_kept() {
        let uniform = draws(Cost::Uniform {
            low: 5.0,
            high: 7.0,
        });
        assert!(uniform.iter().all(|us| (5.0..=7.0).contains(us)));
        let heavy = draws(Cost::Pareto {
            mean: MAX_US as f64,
            shape: 1.01,
        });
        assert!(heavy.iter().all(|us| *us <= MAX_US as f64));
    }

    #[test]
    fn what_has_no_mean_or_no_width_is_refused() {
        for cost in [
            Cost::Fixed(-1.0),
            Cost::Fixed(f64::NAN),
            Cost::Exponential(f64::INFINITY),
            Cost::Exponential(1e10),
            Cost::Uniform {
                low: 2.0,
                high: 1.0,
            },
            Cost::Uniform {
                low: -1.0,
                high: 1.0,
            },
            Cost::LogNormal {
                mean: 1.0,
                sigma: -1.0,
            },
            Cost::LogNormal {
                mean: 1.0,
                sigma: f64::NAN,
            },
            Cost::Pareto {
                mean: 1.0,
                shape: 1.0,
            },
        ] {
            assert!(cost.validate().is_err(), "{cost:?}");
        }
    }
}
