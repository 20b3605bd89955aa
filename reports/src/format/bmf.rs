//! Bencher Metric Format (<https://bencher.dev/docs/reference/bencher-metric-format>): a benchmark
//! per scenario and strategy, its measures with the ends of their intervals over blocks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::measures::cases;
use super::{FormatInfo, Paint, to_json};
use crate::compare::Metric;
use crate::error::RenderError;
use crate::study::Study;

pub(super) static BMF: FormatInfo = FormatInfo {
    name: "bmf",
    file_name: "bmf.json",
    summary: "Bencher Metric Format",
    paint: Paint::Study(render),
};

/// Nanoseconds, Bencher's unit of latency, in a microsecond.
const NS_PER_US: f64 = 1e3;

#[derive(Serialize)]
struct Value {
    value: f64,
    lower_value: f64,
    upper_value: f64,
}

fn render(study: &Study) -> Result<String, RenderError> {
    let mut benchmarks: BTreeMap<String, BTreeMap<&str, Value>> = BTreeMap::new();
    for case in cases(study) {
        let measures = case.measures.iter().map(|measure| {
            let (name, scale) = slug(measure.metric);
            let mean = measure.spread.mean;
            let (low, high) =
                (measure.spread.interval).map_or((mean, mean), |of| (of.low, of.high));
            let value = Value {
                value: mean * scale,
                lower_value: low * scale,
                upper_value: high * scale,
            };
            (name, value)
        });
        let measures: BTreeMap<_, _> = measures.collect();
        if !measures.is_empty() {
            benchmarks.insert(case.name(), measures);
        }
    }
    to_json(&benchmarks)
}

/// The slug of a measure, and what makes its unit of ours: Bencher has `throughput` in operations
/// per second and `latency` in nanoseconds, to which the percentiles keep.
fn slug(metric: Metric) -> (&'static str, f64) {
    match metric {
        Metric::Throughput => ("throughput", 1.0),
        Metric::P50 => ("latency-p50", NS_PER_US),
        Metric::P99 => ("latency-p99", NS_PER_US),
        Metric::P999 => ("latency-p99-9", NS_PER_US),
        Metric::CpuPerRequest => ("cpu-per-request", NS_PER_US),
        Metric::Fairness => ("fairness", 1.0),
    }
}
