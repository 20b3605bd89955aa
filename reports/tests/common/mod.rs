//! Studies with made-up figures, and golden files.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod changes;
pub(crate) mod crowd;
pub(crate) mod eight;
pub(crate) mod many;
pub(crate) mod peers;
pub(crate) mod shown;
pub(crate) mod time_series;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evenkeel_reports::histogram::{self, Histogram};
use evenkeel_reports::{
    CpuTime, Header, HostRecord, Latency, LoopKind, Measured, PlanRecord, SCHEMA_VERSION,
    ScenarioRecord, StrategyRecord, Study, Style, Trial, TrialResult, WorkerFigures,
};

/// Set to anything, it makes the tests rewrite `tests/data` instead of comparing with it.
const UPDATE: &str = "EVENKEEL_UPDATE_GOLDEN";

/// A file of `tests/data`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Compares with the stored text of that name, or stores it.
pub(crate) fn assert_golden(name: &str, actual: &str) {
    let path = data(name);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        actual, expected,
        "{name} differs; if it should, run the tests with {UPDATE}=1 and look at the difference"
    );
}

/// The style in which text has all tables.
pub(crate) fn detailed() -> Style<'static> {
    Style {
        details: true,
        ..Style::default()
    }
}

/// The stored study of eight strategies.
pub(crate) fn stored() -> Study {
    Study::read(&data("eight-strategies.jsonl")).unwrap()
}

/// A header with a plan of these strategies and scenarios.
pub(crate) fn header(strategies: &[&str], scenarios: &[(&str, LoopKind)]) -> Header {
    Header {
        schema: SCHEMA_VERSION,
        evenkeel: "0.1.0".into(),
        sha256: None,
        started_unix_s: 1_767_225_600,
        command: ["evenkeel", "run", "--made-up"].map(String::from).into(),
        plan: PlanRecord {
            worker_command: None,
            keep_awake: false,
            expectations: Vec::new(),
            extensions: Vec::new(),
            further: serde_json::Map::new(),
            strategies: strategies.iter().map(|key| strategy(key)).collect(),
            peers: Vec::new(),
            executables: Vec::new(),
            variants: Vec::new(),
            scenarios: scenarios
                .iter()
                .map(|(n, kind)| scenario(n, *kind))
                .collect(),
            blocks: 3,
            precision: None,
            max_time_s: None,
            margin: None,
            workers: 4,
            dispatchers: 1,
            max_in_flight: None,
            weights: Vec::new(),
            duration_s: 2.0,
            warmup_s: 0.5,
            seed: 7,
            server_cpus: vec![0, 1],
            load_cpus: vec![2, 3],
        },
        host: HostRecord {
            kernel: "6.0.0-made-up".into(),
            cpu_model: Some("Made-up fixture, not a measurement".into()),
            cpus: 4,
            memory_bytes: Some(16 << 30),
            migrates: None,
            system_calls_uncounted: None,
            warnings: Vec::new(),
        },
    }
}

fn strategy(key: &str) -> StrategyRecord {
    StrategyRecord {
        key: key.into(),
        mechanism: None,
        family: None,
        summary: format!("A made-up sentence on {key}."),
        counterparts: Vec::new(),
    }
}

fn scenario(name: &str, loop_kind: LoopKind) -> ScenarioRecord {
    ScenarioRecord {
        name: name.into(),
        summary: format!("A made-up sentence on {name}."),
        loop_kind,
        load: String::new(),
        overrides: Vec::new(),
        duration_s: None,
        warmup_s: None,
        toml: format!("name = \"{name}\"\n"),
    }
}

/// A trial with this result.
pub(crate) fn trial(strategy: &str, scenario: &str, block: u32, result: TrialResult) -> Trial {
    Trial {
        strategy: strategy.into(),
        scenario: scenario.into(),
        block,
        workers: None,
        peer: None,
        again: None,
        timeline: Vec::new(),
        changes: Vec::new(),
        faults: Vec::new(),
        result,
    }
}

/// A trial that was not run.
pub(crate) fn skipped(strategy: &str, scenario: &str, block: u32, reason: &str) -> Trial {
    let result = TrialResult::Skipped(reason.into());
    trial(strategy, scenario, block, result)
}

/// A trial that broke off.
pub(crate) fn failed(strategy: &str, scenario: &str, block: u32, reason: &str) -> Trial {
    let result = TrialResult::Failed(reason.into());
    trial(strategy, scenario, block, result)
}

/// A valid trial with these figures.
pub(crate) fn measured(strategy: &str, scenario: &str, block: u32, figures: Measured) -> Trial {
    Trial {
        workers: Some(figures.per_worker.len() as u32),
        ..trial(strategy, scenario, block, figures.into())
    }
}

/// Figures of two seconds: requests per worker, and a median response time from which the
/// others rise by `tail` per nine.
pub(crate) fn figures(
    per_worker: &[u64],
    p50_us: f64,
    tail: f64,
    dispatcher_us: Option<f64>,
) -> Measured {
    let requests: u64 = per_worker.iter().sum();
    let histogram = falling_tail(requests, p50_us, tail);
    let latency_us = Latency::from_histogram(&histogram);
    let cpu_s = |requests: u64, us: f64| requests as f64 * us / 1e6;
    Measured {
        statuses: BTreeMap::new(),
        requests,
        duration_s: 2.0,
        throughput_rps: requests as f64 / 2.0,
        offered_rps: None,
        latency_us,
        service_us: latency_us,
        lag_us: None,
        histogram: latency_us.map(|_| histogram::encode(&histogram).unwrap()),
        intervals: Vec::new(),
        waiting_us: None,
        errors: BTreeMap::new(),
        connect_errors: BTreeMap::new(),
        defences: None,
        repeated: None,
        moved: None,
        account: None,
        unfinished: None,
        per_worker: (0..)
            .zip(per_worker)
            .map(|(worker, &requests)| WorkerFigures {
                worker,
                connections: Some(requests),
                requests: Some(requests),
                cpu_s: Some(cpu_s(requests, 62.0)),
            })
            .collect(),
        dispatcher_cpu: dispatcher_us.map(|us| cpu_time(cpu_s(requests, us))),
        workers_cpu: Some(cpu_time(cpu_s(requests, 62.0))),
        master_cpu_s: None,
        served: None,
        costs: None,
        loadgen_cpu_s: 3.1,
        late: false,
        valid: true,
        invalid_because: Vec::new(),
        notes: Vec::new(),
    }
}

/// A total of which the parts are not known.
fn cpu_time(total_s: f64) -> CpuTime {
    CpuTime {
        total_s,
        user_s: None,
        system_s: None,
    }
}

/// About `requests` response times, half of them up to the median, and `tail` times longer
/// with each further nine.
fn falling_tail(requests: u64, p50_us: f64, tail: f64) -> Histogram<u64> {
    let mut histogram = Histogram::new(3).unwrap();
    let mut left = requests;
    let mut nines: f64 = -0.2;
    while left > 0 {
        let beyond = requests as f64 * 10f64.powf(-nines - 0.3);
        let here = left
            .saturating_sub(beyond as u64)
            .max(u64::from(nines > 5.0));
        let value_ns = p50_us * 1e3 * tail.powf(nines);
        histogram.record_n(value_ns as u64, here).unwrap();
        left -= here;
        nines += 0.1;
    }
    histogram
}
