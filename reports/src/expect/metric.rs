//! The figures of a trial that a predicate can name.

use std::time::Duration;

use evenkeel_common::duration;

use super::unit::Unit;
use crate::histogram::{NS_PER_US, decode};
use crate::losses::meaning;
use crate::record::{Latency, Measured, Trial, WorkerFigures};
use crate::stats::{MIN_BEYOND_IN_A_BLOCK, MIN_SAMPLES_BEYOND, Scale, beyond, jain, max_over_mean};

/// A figure of a trial.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Metric {
    /// One of [`METRICS`].
    Listed(&'static MetricInfo),
    /// Requests of a class of the account, as a share of all.
    Lost(String),
    /// Requests that were answered within a time, as a share of all.
    Within(Within),
}

/// A time for answers, with the name of its metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Within {
    name: String,
    time: Duration,
}

/// A figure of a trial, described where it is computed.
#[derive(Debug)]
pub struct MetricInfo {
    /// Its name in a predicate.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// What it is measured in.
    pub unit: Unit,
    /// The scale on which it varies from block to block.
    pub scale: Scale,
    /// The least and the greatest value that it can have.
    bounds: (f64, f64),
    /// Which trials count.
    trials: Trials,
    of: Source,
}

/// Which trials count for a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trials {
    /// Those whose figures may be compared.
    Valid,
    /// All that were measured: no request comes back because a trial was disturbed.
    Measured,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// In the unit of the metric.
    Figure(fn(&Measured) -> Option<f64>),
    /// A figure of response times, microseconds.
    Time(fn(&Latency) -> f64),
    /// A percentile of response times, microseconds, with its quantile.
    Percentile(fn(&Latency) -> f64, f64),
    /// A figure of waits, microseconds.
    Wait(fn(&Latency) -> f64),
    /// A time per answered request, microseconds.
    PerRequest(fn(&Measured) -> Option<f64>),
}

use Source::{Figure, PerRequest, Percentile, Time, Wait};

/// The record counts microseconds, and predicates seconds.
const S_PER_US: f64 = 1e-6;

/// Every metric but the classes of lost requests and `within-TIME`.
#[rustfmt::skip] // A table is easier to read with a line per metric.
pub static METRICS: [MetricInfo; 19] = [
    positive("throughput", Unit::Rate, "requests answered per second", Figure(|m| Some(m.throughput_rps))),
    positive("mean", Unit::Time, "mean response time", Time(|l| l.mean)),
    positive("p50", Unit::Time, "median response time", Percentile(|l| l.p50, 0.5)),
    positive("p90", Unit::Time, "90th percentile of response time", Percentile(|l| l.p90, 0.9)),
    positive("p99", Unit::Time, "99th percentile of response time", Percentile(|l| l.p99, 0.99)),
    positive("p99.9", Unit::Time, "99.9th percentile of response time", Percentile(|l| l.p999, 0.999)),
    positive("max", Unit::Time, "longest response time", Time(|l| l.max)),
    positive("stddev", Unit::Time, "standard deviation of response times", Figure(deviation_s)),
    count("wait", Unit::Time, "mean wait for a worker, in an open loop", Wait(|l| l.mean)),
    count("wait-p99", Unit::Time, "99th percentile of the wait for a worker", Wait(|l| l.p99)),
    positive("cpu-per-request", Unit::Time, "CPU time of workers and dispatcher per answered request",
        PerRequest(Measured::total_cpu_us_per_request)),
    positive("workers-cpu-per-request", Unit::Time, "the part of the workers",
        PerRequest(Measured::workers_cpu_us_per_request)),
    positive("dispatcher-cpu-per-request", Unit::Time, "the part of the dispatcher",
        PerRequest(Measured::dispatcher_cpu_us_per_request)),
    index("fairness", "Jain's index of requests over workers", Figure(|m| jain(&requests(m)?))),
    index("connection-fairness", "Jain's index of connections over workers", Figure(|m| jain(&connections(m)?))),
    at_least_one("busiest", "requests of the busiest worker in units of the mean",
        Figure(|m| max_over_mean(&requests(m)?))),
    at_least_one("busiest-connections", "connections of the worker that has most in units of the mean",
        Figure(|m| max_over_mean(&connections(m)?))),
    of_account("success", "answered requests as a share of those that ended", Figure(|m| Some(1.0 - lost(m)?))),
    of_account("lost", "requests without a whole answer as a share of those that ended", Figure(lost)),
];

/// A metric that is never zero.
const fn positive(name: &'static str, unit: Unit, meaning: &'static str, of: Source) -> MetricInfo {
    MetricInfo {
        name,
        meaning,
        unit,
        scale: Scale::Ratio,
        bounds: (0.0, f64::INFINITY),
        trials: Trials::Valid,
        of,
    }
}

/// A metric that may well be zero.
const fn count(name: &'static str, unit: Unit, meaning: &'static str, of: Source) -> MetricInfo {
    MetricInfo {
        scale: Scale::Count,
        ..positive(name, unit, meaning, of)
    }
}

const fn index(name: &'static str, meaning: &'static str, of: Source) -> MetricInfo {
    MetricInfo {
        bounds: (0.0, 1.0),
        scale: Scale::Index,
        ..positive(name, Unit::Number, meaning, of)
    }
}

const fn at_least_one(name: &'static str, meaning: &'static str, of: Source) -> MetricInfo {
    MetricInfo {
        bounds: (1.0, f64::INFINITY),
        ..positive(name, Unit::Number, meaning, of)
    }
}

const fn of_account(name: &'static str, meaning: &'static str, of: Source) -> MetricInfo {
    MetricInfo {
        bounds: (0.0, 1.0),
        trials: Trials::Measured,
        ..count(name, Unit::Share, meaning, of)
    }
}

/// What all classes of lost requests have in common.
static OF_A_CLASS: MetricInfo = of_account(
    "CLASS",
    "requests of this class as a share of those that ended",
    Figure(|_| None),
);

/// What the metrics `within-TIME` have in common. They need right times, so only valid trials count.
static WITHIN: MetricInfo = MetricInfo {
    trials: Trials::Valid,
    ..of_account(
        "within-TIME",
        "requests answered within this time as a share of those that ended",
        Figure(|_| None),
    )
};

impl Metric {
    /// Returns the metric with this name, if there is one.
    pub(super) fn named(name: &str) -> Option<Metric> {
        let listed = METRICS.iter().find(|info| info.name == name);
        let is_class = meaning(name).is_some() || is_status(name);
        let class = || is_class.then(|| Metric::Lost(name.to_owned()));
        let within = || Within::named(name).map(Metric::Within);
        listed.map(Metric::Listed).or_else(class).or_else(within)
    }

    /// Returns its name in a predicate.
    pub(super) fn name(&self) -> &str {
        match self {
            Metric::Listed(info) => info.name,
            Metric::Lost(class) => class,
            Metric::Within(within) => &within.name,
        }
    }

    /// Returns what it is measured in.
    pub(super) fn unit(&self) -> Unit {
        self.info().unit
    }

    /// Whether it is never zero, so that it has ratios.
    pub(super) fn has_ratios(&self) -> bool {
        self.info().scale != Scale::Count
    }

    /// Whether it can have no value beyond this one, on one of the sides.
    pub(super) fn ends_at(&self, value: f64) -> bool {
        let (least, most) = self.info().bounds;
        value == least || value == most
    }

    /// Returns the part of an interval that it can have.
    pub(super) fn clamp(&self, value: f64) -> f64 {
        let (least, most) = self.info().bounds;
        value.clamp(least, most)
    }

    /// Returns the figure of a trial in seconds, per second, as a share of one or as a number.
    pub(super) fn of(&self, measured: &Measured) -> Option<f64> {
        let figure = match self {
            Metric::Listed(info) => info.of.figure(measured)?,
            Metric::Lost(class) => {
                share(measured, measured.errors.get(class).copied().unwrap_or(0))?
            }
            Metric::Within(within) => share(measured, within.answered(measured)?)?,
        };
        (figure.is_finite() && !(self.has_ratios() && figure <= 0.0)).then_some(figure)
    }

    /// Returns the figures of a trial that count: of one that is not valid, only lost requests do.
    pub(super) fn counted<'t>(&self, trial: &'t Trial) -> Option<&'t Measured> {
        match self.info().trials {
            Trials::Valid => trial.valid(),
            Trials::Measured => trial.measured(),
        }
    }

    /// Whether enough answers of these trials lie beyond it, if it is a percentile.
    pub(super) fn is_supported<'m>(&self, trials: impl Iterator<Item = &'m Measured>) -> bool {
        let answers = trials.map(|measured| measured.requests).sum();
        match self.info().of {
            Percentile(_, quantile) => beyond(quantile, answers) >= MIN_SAMPLES_BEYOND,
            _ => true,
        }
    }

    fn info(&self) -> &'static MetricInfo {
        match self {
            Metric::Listed(info) => info,
            Metric::Lost(_) => &OF_A_CLASS,
            Metric::Within(_) => &WITHIN,
        }
    }
}

impl Within {
    /// Reads `within-TIME`, such as `within-200ms`.
    fn named(name: &str) -> Option<Within> {
        let time = duration::parse(name.strip_prefix("within-")?).ok()?;
        let name = name.to_owned();
        Some(Within { name, time })
    }

    /// Returns how many requests of a trial were answered in time.
    fn answered(&self, measured: &Measured) -> Option<u64> {
        let times = decode(measured.histogram.as_ref()?).ok()?;
        let most_ns = u64::try_from(self.time.as_nanos()).ok()?;
        Some(times.count_between(0, most_ns))
    }
}

impl Source {
    fn figure(self, measured: &Measured) -> Option<f64> {
        match self {
            Figure(of) => of(measured),
            Time(of) => Some(of(measured.latency_us.as_ref()?) * S_PER_US),
            Percentile(of, quantile) => {
                let is_enough = beyond(quantile, measured.requests) >= MIN_BEYOND_IN_A_BLOCK;
                is_enough.then(|| Time(of).figure(measured))?
            }
            Wait(of) => Some(of(&measured.waiting_us.as_ref()?.measured) * S_PER_US),
            PerRequest(of) => Some(of(measured)? * S_PER_US),
        }
    }
}

/// Compared by name, since figures are computed by functions.
impl PartialEq for MetricInfo {
    fn eq(&self, other: &MetricInfo) -> bool {
        self.name == other.name
    }
}

/// Whether it is a class of answers with an unexpected status.
fn is_status(name: &str) -> bool {
    let digits = name.strip_prefix("status-");
    digits.is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn deviation_s(measured: &Measured) -> Option<f64> {
    let times = decode(measured.histogram.as_ref()?).ok()?;
    Some(times.stdev() / NS_PER_US * S_PER_US)
}

fn lost(measured: &Measured) -> Option<f64> {
    share(measured, measured.errors.values().sum())
}

/// Of the requests that were answered or lost; `None` without any.
fn share(measured: &Measured, part: u64) -> Option<f64> {
    let all = measured.requests + measured.errors.values().sum::<u64>();
    (all > 0).then(|| part as f64 / all as f64)
}

fn requests(measured: &Measured) -> Option<Vec<f64>> {
    over_workers(measured, |worker| worker.requests)
}

fn connections(measured: &Measured) -> Option<Vec<f64>> {
    over_workers(measured, |worker| worker.connections)
}

fn over_workers(measured: &Measured, count: fn(&WorkerFigures) -> Option<u64>) -> Option<Vec<f64>> {
    let counts = measured.per_worker.iter().map(count);
    counts.map(|known| Some(known? as f64)).collect()
}
