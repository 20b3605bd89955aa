//! Go benchmark lines (<https://go.dev/design/14313-benchmark-format>), which benchstat reads: a
//! line per block, so that it can make statistics of its own.

use super::measures::{is_in, unit};
use super::{FormatInfo, Paint};
use crate::compare::Metric;
use crate::record::{Measured, Trial};
use crate::study::Study;

pub(super) static BENCHSTAT: FormatInfo = FormatInfo {
    name: "benchstat",
    file_name: "benchstat.txt",
    summary: "Go benchmark lines for benchstat, one per trial",
    paint: Paint::Study(|study| Ok(render(study))),
};

fn render(study: &Study) -> String {
    let header = &study.header;
    let cpu = header.host.cpu_model.as_deref().unwrap_or("unknown");
    let mut out = format!(
        "goos: linux\npkg: evenkeel\ncpu: {}\nkernel: {}\nworkers: {}\nseed: {}\n",
        line(cpu),
        line(&header.host.kernel),
        header.plan.workers,
        header.plan.seed
    );
    out.push_str("Unit requests/s better=higher\nUnit fairness better=higher\n\n");
    let mut trials: Vec<&Trial> = study.trials.iter().collect();
    trials.sort_by_key(|trial| trial.block);
    for trial in trials {
        if let Some(measured) = trial.valid() {
            out.push_str(&benchmark(study, trial, measured));
        }
    }
    out
}

/// `BenchmarkScenario/strategy=KEY 12345 678 requests/s 9 p50-us`
fn benchmark(study: &Study, trial: &Trial, measured: &Measured) -> String {
    let (scenario, strategy) = (word(&trial.scenario), word(&trial.strategy));
    let mut out = format!(
        "BenchmarkEvenkeel/scenario={scenario}/strategy={strategy} {}",
        measured.requests
    );
    for metric in Metric::ALL
        .into_iter()
        .filter(|m| is_in(study, &trial.scenario, *m))
    {
        if let Some(value) = metric.of(measured) {
            out.push_str(&format!(" {value} {}", unit_word(metric)));
        }
    }
    out + "\n"
}

/// The unit identifies a figure, so it names the metric where several share a unit.
fn unit_word(metric: Metric) -> String {
    match metric {
        Metric::Throughput => unit(metric).to_owned(),
        Metric::Fairness => metric.name().to_owned(),
        Metric::CpuPerRequest => "cpu-us/request".to_owned(),
        Metric::P50 | Metric::P99 | Metric::P999 => format!("{}-{}", metric.name(), unit(metric)),
    }
}

/// Part of a name: without blanks, which end it, and without what separates its parts.
fn word(text: &str) -> String {
    let separates = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '=');
    text.replace(separates, "_")
}

fn line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
