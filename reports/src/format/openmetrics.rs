//! OpenMetrics text (<https://prometheus.io/docs/specs/om/open_metrics_spec/>): a gauge per metric,
//! in base units, over the valid blocks of each scenario and strategy.

use std::fmt::Write;

use super::measures::{Case, Measure, cases};
use super::{FormatInfo, Paint};
use crate::compare::Metric;
use crate::stats::{CostFigures, Side, Spread};
use crate::study::Study;

/// OpenMetrics text, for Prometheus.
pub(super) static OPENMETRICS: FormatInfo = FormatInfo {
    name: "openmetrics",
    file_name: "openmetrics.txt",
    summary: "OpenMetrics text, for Prometheus",
    paint: Paint::Study(|study| Ok(render(study))),
};

/// Seconds in a microsecond.
const S_PER_US: f64 = 1e-6;

/// A label, and what of a spread is told under it.
type Statistic = (&'static str, fn(&Spread) -> f64);

/// What of a spread is told.
const STATISTICS: [Statistic; 3] = [
    ("median", |spread| spread.median),
    ("min", |spread| spread.min),
    ("max", |spread| spread.max),
];

/// A gauge: its name without the unit, the unit, what makes it of ours, and what it is.
struct Gauge {
    name: &'static str,
    unit: &'static str,
    scale: f64,
    help: &'static str,
}

fn render(study: &Study) -> String {
    let cases = cases(study);
    let mut out = String::new();
    for metric in Metric::ALL {
        family(&mut out, metric, &cases);
    }
    modes(&mut out, &cases);
    costs(&mut out, &cases);
    out + "# EOF\n"
}

/// All samples of a family stand together, as the format demands.
fn family(out: &mut String, metric: Metric, cases: &[Case]) {
    let Gauge {
        name,
        unit,
        scale,
        help,
    } = gauge(metric);
    let full = format!("evenkeel_{name}_{unit}");
    head(out, &full, unit, help);
    for case in cases {
        let measure = case
            .measures
            .iter()
            .find(|measure| measure.metric == metric);
        let Some(Measure { spread, .. }) = measure else {
            continue;
        };
        let (scenario, strategy) = (escape(case.scenario), escape(case.strategy));
        for (statistic, value) in STATISTICS {
            let _ = writeln!(
                out,
                "{full}{{scenario=\"{scenario}\",strategy=\"{strategy}\",over_blocks=\"{statistic}\"}} {}",
                value(spread) * scale
            );
        }
    }
}

fn head(out: &mut String, full: &str, unit: &str, help: &str) {
    let _ = write!(
        out,
        "# TYPE {full} gauge\n# UNIT {full} {unit}\n# HELP {full} {help}\n"
    );
}

/// CPU time per request of each kind of process by where it was spent, all blocks together.
fn modes(out: &mut String, cases: &[Case]) {
    let full = "evenkeel_cpu_per_request_by_mode_seconds";
    head(
        out,
        full,
        "seconds",
        "CPU time in user code and in the kernel.",
    );
    for case in cases {
        let figures = case.summary.figures.as_ref();
        let Some(figures) = figures.filter(|_| case.summary.valid > 0) else {
            continue;
        };
        let (scenario, strategy) = (escape(case.scenario), escape(case.strategy));
        let known = [
            ("workers", figures.workers_cpu_modes_us_per_request),
            ("dispatcher", figures.dispatcher_cpu_modes_us_per_request),
        ];
        for (process, modes) in known {
            for (mode, us) in modes
                .iter()
                .flat_map(|m| [("user", m.user), ("system", m.system)])
            {
                let _ = writeln!(
                    out,
                    "{full}{{scenario=\"{scenario}\",strategy=\"{strategy}\",process=\"{process}\",mode=\"{mode}\"}} {}",
                    us * S_PER_US
                );
            }
        }
    }
}

/// A cost of each kind of process: its full name, its unit, what it is, and its figure.
type Cost = (
    &'static str,
    &'static str,
    &'static str,
    fn(&CostFigures) -> Option<Spread>,
);

const COSTS: [Cost; 5] = [
    (
        "evenkeel_voluntary_context_switches_per_request",
        "switches_per_request",
        "How often a thread gave up its CPU to wait.",
        |costs| costs.voluntary_switches_per_request,
    ),
    (
        "evenkeel_involuntary_context_switches_per_request",
        "switches_per_request",
        "How often the kernel took the CPU from a thread.",
        |costs| costs.involuntary_switches_per_request,
    ),
    (
        "evenkeel_system_calls_per_request",
        "calls_per_request",
        "System calls.",
        |costs| costs.system_calls_per_request,
    ),
    (
        "evenkeel_open_descriptors",
        "descriptors",
        "Open descriptors.",
        |costs| costs.descriptors,
    ),
    (
        "evenkeel_resident_memory_bytes",
        "bytes",
        "Resident memory.",
        |costs| costs.resident_bytes,
    ),
];

/// What each kind of process used besides CPU time, medians over valid blocks.
fn costs(out: &mut String, cases: &[Case]) {
    for (full, unit, help, figure) in COSTS {
        head(out, full, unit, help);
        for case in cases.iter().filter(|case| case.summary.valid > 0) {
            let (scenario, strategy) = (escape(case.scenario), escape(case.strategy));
            for side in Side::ALL {
                let figures = case.summary.figures.as_ref();
                let costs = figures.and_then(|figures| figures.costs(side));
                let Some(spread) = costs.and_then(|costs| figure(&costs)) else {
                    continue;
                };
                let _ = writeln!(
                    out,
                    "{full}{{scenario=\"{scenario}\",strategy=\"{strategy}\",process=\"{}\"}} {}",
                    side.name(),
                    spread.median
                );
            }
        }
    }
}

fn gauge(metric: Metric) -> Gauge {
    let (name, unit, scale, help) = match metric {
        Metric::Throughput => (
            "throughput",
            "requests_per_second",
            1.0,
            "Requests answered.",
        ),
        Metric::P50 => (
            "response_time_p50",
            "seconds",
            S_PER_US,
            "Median response time.",
        ),
        Metric::P99 => (
            "response_time_p99",
            "seconds",
            S_PER_US,
            "99th percentile of it.",
        ),
        Metric::P999 => (
            "response_time_p999",
            "seconds",
            S_PER_US,
            "99.9th percentile of it.",
        ),
        Metric::CpuPerRequest => (
            "cpu_per_request",
            "seconds",
            S_PER_US,
            "CPU time of workers and dispatcher.",
        ),
        Metric::Fairness => (
            "fairness",
            "ratio",
            1.0,
            "Jain's index of requests over workers.",
        ),
    };
    Gauge {
        name,
        unit,
        scale,
        help,
    }
}

/// Escapes the value of a label.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}
