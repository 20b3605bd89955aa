//! Metrics: the figures in which strategies are compared.

use std::str::FromStr;

use serde::Serialize;

use crate::record::{Latency, LoopKind, Measured};
use crate::stats::{MIN_BEYOND_IN_A_BLOCK, MIN_SAMPLES_BEYOND, Scale, beyond, jain};

/// A figure of a trial in which strategies are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Requests answered per second.
    Throughput,
    /// Median response time.
    P50,
    /// 99th percentile of response time.
    P99,
    /// 99.9th percentile of response time.
    P999,
    /// CPU time of workers and dispatcher per answered request.
    CpuPerRequest,
    /// Jain's index of requests over workers.
    Fairness,
}

/// Which direction of a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// Unknown name of a metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown metric `{0}`; use one of throughput, p50, p99, p99.9, cpu-per-request, fairness")]
pub struct UnknownMetric(String);

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Metric, UnknownMetric> {
        Metric::ALL
            .into_iter()
            .find(|metric| metric.name() == name)
            .ok_or_else(|| UnknownMetric(name.to_owned()))
    }
}

impl Metric {
    /// All metrics, in the order of the reports.
    pub const ALL: [Metric; 6] = [
        Metric::Throughput,
        Metric::P50,
        Metric::P99,
        Metric::P999,
        Metric::CpuPerRequest,
        Metric::Fairness,
    ];

    /// Returns its name on a command line, in a file, and as the heading of a column.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Throughput => "throughput",
            Metric::P50 => "p50",
            Metric::P99 => "p99",
            Metric::P999 => "p99.9",
            Metric::CpuPerRequest => "cpu-per-request",
            Metric::Fairness => "fairness",
        }
    }

    /// Returns the scale on which it varies.
    pub fn scale(self) -> Scale {
        match self {
            Metric::Fairness => Scale::Index,
            _ => Scale::Ratio,
        }
    }

    /// Returns which direction is better.
    pub fn better(self) -> Direction {
        match self {
            Metric::Throughput | Metric::Fairness => Direction::Up,
            Metric::P50 | Metric::P99 | Metric::P999 | Metric::CpuPerRequest => Direction::Down,
        }
    }

    /// Whether it depends on the strategy. In an open loop the schedule sets the throughput.
    pub fn applies_to(self, loop_kind: LoopKind) -> bool {
        self != Metric::Throughput || loop_kind == LoopKind::Closed
    }

    /// Returns the metrics that decide a scenario, the first choice first: throughput in a closed loop;
    /// in an open loop the wait of the slower users or, in trials too short for that, the median.
    pub fn leading(loop_kind: LoopKind) -> &'static [Metric] {
        match loop_kind {
            LoopKind::Closed => &[Metric::Throughput],
            LoopKind::Open => &[Metric::P99, Metric::P50],
        }
    }

    /// Returns the quantile of response times that it is, if it is one.
    fn quantile(self) -> Option<f64> {
        match self {
            Metric::P50 => Some(0.5),
            Metric::P99 => Some(0.99),
            Metric::P999 => Some(0.999),
            Metric::Throughput | Metric::CpuPerRequest | Metric::Fairness => None,
        }
    }

    /// Whether it is more than an anecdote over these blocks: no percentile beyond which fewer than
    /// [`MIN_SAMPLES_BEYOND`] of their answers lie.
    pub fn is_supported<'m>(self, blocks: impl IntoIterator<Item = &'m Measured>) -> bool {
        let answers = blocks.into_iter().map(|measured| measured.requests).sum();
        let is_enough = |quantile| beyond(quantile, answers) >= MIN_SAMPLES_BEYOND;
        self.quantile().is_none_or(is_enough)
    }

    /// Returns the figure of a trial: above 0 and finite. `None` if it was not measured, or is a
    /// percentile beyond which fewer than [`MIN_BEYOND_IN_A_BLOCK`] answers lie.
    pub fn of(self, measured: &Measured) -> Option<f64> {
        let is_too_few = |quantile| beyond(quantile, measured.requests) < MIN_BEYOND_IN_A_BLOCK;
        if self.quantile().is_some_and(is_too_few) {
            return None;
        }
        let latency = |pick: fn(&Latency) -> f64| measured.latency_us.as_ref().map(pick);
        let value = match self {
            Metric::Throughput => Some(measured.throughput_rps),
            Metric::P50 => latency(|l| l.p50),
            Metric::P99 => latency(|l| l.p99),
            Metric::P999 => latency(|l| l.p999),
            Metric::CpuPerRequest => measured.total_cpu_us_per_request(),
            Metric::Fairness => {
                let requests = measured.per_worker.iter().map(|w| w.requests);
                let requests = requests.map(|known| known.map(|n| n as f64));
                jain(&requests.collect::<Option<Vec<_>>>()?)
            }
        };
        value.filter(|v| v.is_finite() && *v > 0.0)
    }
}

impl Direction {
    /// 1 if more is better, −1 if less is.
    pub(super) fn sign(self) -> f64 {
        match self {
            Direction::Up => 1.0,
            Direction::Down => -1.0,
        }
    }
}
