//! What `critcmp --export` writes of criterion's results
//! (<https://github.com/BurntSushi/critcmp>), so that critcmp compares studies with each other and
//! against `cargo bench`: a benchmark `SCENARIO/STRATEGY` per closed loop, as benches have it, and
//! one per percentile and for the CPU time, all in nanoseconds per request.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::measures::{Case, cases};
use super::{FormatInfo, Paint, to_json};
use crate::compare::Metric;
use crate::error::RenderError;
use crate::stats::{Sample, median};
use crate::study::Study;
use crate::topic::utc;

pub(super) static CRITCMP: FormatInfo = FormatInfo {
    name: "critcmp",
    file_name: "critcmp.json",
    summary: "What `critcmp --export` writes",
    paint: Paint::Study(render),
};

/// Confidence of the intervals, as criterion has it.
const LEVEL: f64 = 0.95;

/// Samples drawn for an interval. A hundredth of what criterion draws by default: blocks are few.
const RESAMPLES: usize = 1_000;

const NS_PER_US: f64 = 1e3;
const NS_PER_S: f64 = 1e9;

#[derive(Serialize)]
struct Baseline {
    name: String,
    benchmarks: BTreeMap<String, Benchmark>,
}

#[derive(Serialize)]
struct Benchmark {
    baseline: String,
    fullname: String,
    criterion_benchmark_v1: Name,
    criterion_estimates_v1: Estimates,
}

#[derive(Serialize)]
struct Name {
    group_id: String,
    function_id: String,
    value_str: Option<&'static str>,
    throughput: Option<u64>,
    full_id: String,
    directory_name: String,
}

#[derive(Serialize)]
struct Estimates {
    mean: Estimate,
    median: Estimate,
    median_abs_dev: Estimate,
    slope: Option<Estimate>,
    std_dev: Estimate,
}

#[derive(Serialize)]
struct Estimate {
    confidence_interval: Interval,
    point_estimate: f64,
    standard_error: f64,
}

#[derive(Serialize)]
struct Interval {
    confidence_level: f64,
    lower_bound: f64,
    upper_bound: f64,
}

fn render(study: &Study) -> Result<String, RenderError> {
    let name = format!("evenkeel {}", utc(study.header.started_unix_s));
    let benchmarks = cases(study)
        .into_iter()
        .flat_map(|case| of_case(&case, &name));
    let benchmarks = benchmarks.map(|benchmark| {
        let id = benchmark.criterion_benchmark_v1.full_id.clone();
        (id, benchmark)
    });
    let baseline = Baseline {
        benchmarks: benchmarks.collect(),
        name,
    };
    to_json(&baseline)
}

/// The benchmarks of a strategy under a scenario, as far as two valid trials have the figure: of
/// fewer there is no deviation.
fn of_case(case: &Case, baseline: &str) -> Vec<Benchmark> {
    let of_metric = |metric: Metric| {
        let (suffix, to_ns): (_, fn(f64) -> f64) = match metric {
            Metric::Throughput => (None, |rps| NS_PER_S / rps),
            Metric::Fairness => return None,
            _ => (Some(metric.name()), |us| us * NS_PER_US),
        };
        let is_there = case.measures.iter().any(|m| m.metric == metric);
        let values = case.values(metric).filter(|_| is_there).map(to_ns);
        let sample = Sample::new(values.collect())?;
        let id = case.name() + &suffix.map_or(String::new(), |name| format!("/{name}"));
        Some(Benchmark {
            baseline: baseline.to_owned(),
            fullname: format!("{baseline}/{id}"),
            criterion_benchmark_v1: Name {
                group_id: case.scenario.to_owned(),
                function_id: case.strategy.to_owned(),
                value_str: suffix,
                throughput: None,
                directory_name: id.clone(),
                full_id: id,
            },
            criterion_estimates_v1: estimates(&sample)?,
        })
    };
    Metric::ALL.into_iter().filter_map(of_metric).collect()
}

fn estimates(sample: &Sample) -> Option<Estimates> {
    Some(Estimates {
        mean: estimate(sample, |sample| Some(sample.mean()))?,
        median: estimate(sample, |sample| median(sample.values().iter().copied()))?,
        median_abs_dev: estimate(sample, |sample| {
            let middle = median(sample.values().iter().copied())?;
            median(sample.values().iter().map(|value| (value - middle).abs()))
        })?,
        slope: None,
        std_dev: estimate(sample, |sample| Some(sample.variance().sqrt()))?,
    })
}

/// A statistic of the blocks, with the interval and the standard error that it has over samples
/// drawn from them with replacement (B. Efron, "Bootstrap methods", Annals of Statistics 7, 1979),
/// as criterion's have it.
fn estimate(sample: &Sample, statistic: fn(&Sample) -> Option<f64>) -> Option<Estimate> {
    let values = sample.values();
    // The same record gives the same file.
    let mut random = Pcg64Mcg::seed_from_u64(0);
    let mut drawn = || {
        let draw = |_| values[random.random_range(0..values.len())];
        Sample::new((0..values.len()).map(draw).collect()).and_then(|drawn| statistic(&drawn))
    };
    let mut drawn: Vec<f64> = (0..RESAMPLES).filter_map(|_| drawn()).collect();
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn.get((share * drawn.len() as f64) as usize).copied();
    let tail = (1.0 - LEVEL) / 2.0;
    Some(Estimate {
        confidence_interval: Interval {
            confidence_level: LEVEL,
            lower_bound: at(tail)?,
            upper_bound: at(1.0 - tail)?,
        },
        point_estimate: statistic(sample)?,
        standard_error: Sample::new(drawn)?.variance().sqrt(),
    })
}
