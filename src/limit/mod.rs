//! Limits on the figures of a trial: `--fail-if` fails if one holds, `--find-capacity` searches for
//! the highest rate at which all hold.

mod grammar;

use std::fmt;

use evenkeel_common::units;
use evenkeel_loadgen::{Histogram, Outcome};

/// A figure and a bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    /// The limit as written.
    text: String,
    figure: Figure,
    comparison: Comparison,
    /// Bound in the unit of the figure.
    bound: f64,
}

/// A figure of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    /// A percentile of response time, nanoseconds.
    Percentile(f64),
    /// Mean response time, nanoseconds.
    Mean,
    /// Longest response time, nanoseconds.
    Max,
    /// How late the generator was, nanoseconds.
    Lag,
    /// Failed requests as a share of all.
    ErrorShare,
    /// Failed requests.
    ErrorCount,
    /// Answered requests per second.
    Throughput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// The part of a trial that limits test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimitInput<'a> {
    /// Answered requests.
    pub(crate) requests: u64,
    /// Failed requests.
    pub(crate) failures: u64,
    /// Answered requests per second.
    pub(crate) throughput_rps: f64,
    /// Response times, nanoseconds.
    pub(crate) response: &'a Histogram<u64>,
    /// Lag of the generator, nanoseconds; `None` in a closed loop.
    pub(crate) lag: Option<&'a Histogram<u64>>,
}

impl<'a> From<&'a Outcome> for LimitInput<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        Self {
            requests: outcome.requests,
            failures: outcome.failures(),
            throughput_rps: outcome.throughput_rps(),
            response: &outcome.response,
            lag: outcome.offered.as_ref().map(|_| &outcome.lag),
        }
    }
}

impl<'a> LimitInput<'a> {
    /// The trial without what the generator added to response times: with service times instead.
    pub(crate) fn of_service(outcome: &'a Outcome) -> Self {
        Self {
            response: &outcome.service,
            ..Self::from(outcome)
        }
    }
}

/// Result of testing a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether the comparison is true.
    pub(crate) holds: bool,
    /// The figure, for people: `p99 is 7.31 ms`.
    pub(crate) figure: String,
}

/// Histograms count nanoseconds, people see microseconds.
const NS_PER_US: f64 = 1e3;

/// Percentile of `lag`: the generator judges its own lag by it as well.
const LAG_PERCENTILE: f64 = 99.9;

impl Limit {
    /// Tests the limit on a trial.
    ///
    /// # Errors
    /// Why the trial does not have the figure. A percentile needs an answer beyond it; otherwise it
    /// would be the maximum.
    pub(crate) fn test(&self, input: LimitInput) -> Result<Finding, String> {
        let value = self
            .figure
            .of(input)
            .map_err(|why| format!("`{self}` cannot be tested: {why}"))?;
        let holds = match self.comparison {
            Comparison::Above => value > self.bound,
            Comparison::AtLeast => value >= self.bound,
            Comparison::Below => value < self.bound,
            Comparison::AtMost => value <= self.bound,
        };
        let figure = self.figure.show(value);
        Ok(Finding { holds, figure })
    }

    /// Number of answers that a trial needs for this figure.
    pub(crate) fn answers_needed(&self) -> u64 {
        match self.figure {
            Figure::Percentile(percent) => answers_needed(percent),
            Figure::Lag => answers_needed(LAG_PERCENTILE),
            _ => 1,
        }
    }
}

impl Figure {
    fn of(self, input: LimitInput) -> Result<f64, String> {
        let failures = input.failures as f64;
        let attempts = input.requests as f64 + failures;
        match self {
            Self::Percentile(percent) => percentile(input.response, percent),
            Self::Mean => some(input.response).map(Histogram::mean),
            Self::Max => some(input.response).map(|times| times.max() as f64),
            Self::Lag => {
                let lag = input
                    .lag
                    .ok_or("there is no lag in a closed loop; give a `--rate`")?;
                percentile(lag, LAG_PERCENTILE)
            }
            Self::ErrorShare if attempts == 0.0 => Err("nothing was requested".into()),
            Self::ErrorShare => Ok(failures / attempts),
            Self::ErrorCount => Ok(failures),
            Self::Throughput => Ok(input.throughput_rps),
        }
    }

    fn show(self, value: f64) -> String {
        let time = |ns: f64| units::duration(ns / NS_PER_US);
        match self {
            Self::Percentile(percent) => format!("p{percent} is {}", time(value)),
            Self::Mean => format!("the mean is {}", time(value)),
            Self::Max => format!("the maximum is {}", time(value)),
            Self::Lag => format!("p{LAG_PERCENTILE} of lag is {}", time(value)),
            Self::ErrorShare => format!("{:.3}% failed", value * 100.0),
            Self::ErrorCount => format!("{value} failed"),
            Self::Throughput => format!("{value:.1} requests/s"),
        }
    }
}

fn some(times: &Histogram<u64>) -> Result<&Histogram<u64>, String> {
    if times.is_empty() {
        return Err("nothing was answered".into());
    }
    Ok(times)
}

/// Number of answers of which one is beyond the percentile.
fn answers_needed(percent: f64) -> u64 {
    let beyond = 1.0 - percent / 100.0;
    // Rounded, since 1.0 - 0.99 is slightly more than a hundredth.
    (1.0 / beyond).round() as u64
}

fn percentile(times: &Histogram<u64>, percent: f64) -> Result<f64, String> {
    let answers = some(times)?.len();
    let needed = answers_needed(percent);
    if answers < needed {
        return Err(format!(
            "p{percent} needs {needed} answers, and there are {answers}; measure for longer"
        ));
    }
    Ok(times.value_at_percentile(percent) as f64)
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
