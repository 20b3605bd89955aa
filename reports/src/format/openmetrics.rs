//! OpenMetrics text (<https://prometheus.io/docs/specs/om/open_metrics_spec/>): a gauge per metric,
//! in base units, over the valid blocks of each scenario and strategy.

use super::measures::{Case, Measure, cases};
use super::{FormatInfo, Paint};
use crate::compare::Metric;
use crate::stats::{CostFigures, Figures, Side, Spread};
use crate::study::Study;

pub(super) static OPENMETRICS: FormatInfo = FormatInfo {
    name: "openmetrics",
    file_name: "openmetrics.txt",
    summary: "OpenMetrics text, for Prometheus",
    paint: Paint::Study(|study| Ok(render(study))),
};

const S_PER_US: f64 = 1e-6;

/// A label, and the value of a spread under it.
type Statistic = (&'static str, fn(&Spread) -> f64);

/// The values of a spread that are written.
const STATISTICS: [Statistic; 3] = [
    ("mean", |spread| spread.mean),
    ("min", |spread| spread.min),
    ("max", |spread| spread.max),
];

/// A metric: its name without the unit, the unit, the factor from our unit to that, and what it is.
type Gauge = (Metric, &'static str, &'static str, f64, &'static str);

#[rustfmt::skip] // A table is easier to read with a line per metric.
const GAUGES: [Gauge; Metric::ALL.len()] = [
    (Metric::Throughput, "throughput", "requests_per_second", 1.0, "Requests answered."),
    (Metric::P50, "response_time_p50", "seconds", S_PER_US, "Median response time."),
    (Metric::P99, "response_time_p99", "seconds", S_PER_US, "99th percentile of it."),
    (Metric::P999, "response_time_p999", "seconds", S_PER_US, "99.9th percentile of it."),
    (Metric::CpuPerRequest, "cpu_per_request", "seconds", S_PER_US, "CPU time of workers and dispatcher."),
    (Metric::Fairness, "fairness", "ratio", 1.0, "Jain's index of requests over workers."),
];

fn render(study: &Study) -> String {
    let cases = cases(study);
    let mut out = String::new();
    for gauge in GAUGES {
        family(&mut out, gauge, &cases);
    }
    modes(&mut out, &cases);
    costs(&mut out, &cases);
    out + "# EOF\n"
}

/// Writes all samples of a family together, as the format requires.
fn family(out: &mut String, (metric, name, unit, scale, help): Gauge, cases: &[Case]) {
    let full = format!("evenkeel_{name}_{unit}");
    head(out, &full, unit, help);
    for case in cases {
        let of_metric = case.measures.iter().find(|one| one.metric == metric);
        let Some(Measure { spread, .. }) = of_metric else {
            continue;
        };
        for (statistic, value) in STATISTICS {
            let label = format!("over_blocks=\"{statistic}\"");
            sample(out, &full, case, &label, value(spread) * scale);
        }
    }
}

fn head(out: &mut String, full: &str, unit: &str, help: &str) {
    out.push_str(&format!(
        "# TYPE {full} gauge\n# UNIT {full} {unit}\n# HELP {full} {help}\n"
    ));
}

fn sample(out: &mut String, full: &str, case: &Case, label: &str, value: f64) {
    let (scenario, strategy) = (escape(case.scenario), escape(case.strategy));
    out.push_str(&format!(
        "{full}{{scenario=\"{scenario}\",strategy=\"{strategy}\",{label}}} {value}\n"
    ));
}

/// Writes CPU time per request of each kind of process by where it was spent, all blocks together.
fn modes(out: &mut String, cases: &[Case]) {
    let full = "evenkeel_cpu_per_request_by_mode_seconds";
    let help = "CPU time in user code and in the kernel.";
    head(out, full, "seconds", help);
    for (case, figures) in valid(cases) {
        let known = [
            ("workers", figures.workers_cpu_modes_us_per_request),
            ("dispatcher", figures.dispatcher_cpu_modes_us_per_request),
        ];
        for (process, modes) in known {
            let modes = modes.iter();
            for (mode, us) in modes.flat_map(|m| [("user", m.user), ("system", m.system)]) {
                let label = format!("process=\"{process}\",mode=\"{mode}\"");
                sample(out, full, case, &label, us * S_PER_US);
            }
        }
    }
}

fn valid<'c>(cases: &'c [Case]) -> impl Iterator<Item = (&'c Case<'c>, &'c Figures)> {
    let valid = cases.iter().filter(|case| case.summary.valid > 0);
    valid.filter_map(|case| Some((case, case.summary.figures.as_ref()?)))
}

/// A cost of each kind of process: its full name, its unit, what it is, and its figure.
type Cost = (
    &'static str,
    &'static str,
    &'static str,
    fn(&CostFigures) -> Option<Spread>,
);

#[rustfmt::skip]
const COSTS: [Cost; 5] = [
    ("evenkeel_voluntary_context_switches_per_request", "switches_per_request",
     "How often a thread gave up its CPU to wait.", |c| c.voluntary_switches_per_request),
    ("evenkeel_involuntary_context_switches_per_request", "switches_per_request",
     "How often the kernel took the CPU from a thread.", |c| c.involuntary_switches_per_request),
    ("evenkeel_system_calls_per_request", "calls_per_request", "System calls.", |c| c.system_calls_per_request),
    ("evenkeel_open_descriptors", "descriptors", "Open descriptors.", |c| c.descriptors),
    ("evenkeel_resident_memory_bytes", "bytes", "Resident memory.", |c| c.resident_bytes),
];

/// Writes what each kind of process used besides CPU time, means over valid blocks.
fn costs(out: &mut String, cases: &[Case]) {
    for (full, unit, help, figure) in COSTS {
        head(out, full, unit, help);
        for (case, figures) in valid(cases) {
            for side in Side::ALL {
                let spread = figures.costs(side).and_then(|costs| figure(&costs));
                if let Some(spread) = spread {
                    let label = format!("process=\"{}\"", side.name());
                    sample(out, full, case, &label, spread.mean);
                }
            }
        }
    }
}

fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}
