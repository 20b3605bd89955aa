//! Eight strategies under three scenarios in three blocks, all figures made up.

use evenkeel_reports::{LoopKind, Measured, Study, Trial};

use super::{failed, figures, header, measured, skipped};

/// Key, requests in two seconds, how uneven the workers are, CPU of the dispatcher in
/// microseconds per request.
const STRATEGIES: [(&str, u64, f64, Option<f64>); 8] = [
    ("single", 13_400, 0.0, None),
    ("shared-listener", 45_000, 0.5, None),
    ("reuseport", 47_100, 0.15, None),
    ("handoff:round-robin", 38_800, 0.0, Some(21.0)),
    ("handoff:idle", 38_100, 0.08, Some(22.5)),
    ("handoff:random", 38_300, 0.04, Some(21.4)),
    ("handoff:sticky", 37_600, 0.25, Some(22.0)),
    ("proxy:round-robin", 21_500, 0.0, Some(64.0)),
];

const SCENARIOS: [(&str, LoopKind); 3] = [
    ("short-lived", LoopKind::Closed),
    ("keep-alive", LoopKind::Closed),
    ("skewed", LoopKind::Open),
];

/// The study that is stored as `eight-strategies.jsonl`.
pub(crate) fn study() -> Study {
    let keys = STRATEGIES.map(|(key, ..)| key);
    let mut trials = Vec::new();
    for block in 0..3 {
        for (index, (scenario, _)) in SCENARIOS.into_iter().enumerate() {
            trials.extend((0..STRATEGIES.len()).map(|s| one_trial(s, index, scenario, block)));
        }
    }
    Study {
        header: header(&keys, &SCENARIOS),
        trials,
        warnings: Vec::new(),
    }
}

fn one_trial(strategy: usize, index: usize, scenario: &str, block: u32) -> Trial {
    let (key, requests, uneven, dispatcher_us) = STRATEGIES[strategy];
    if (scenario, key) == ("skewed", "reuseport") {
        return skipped(
            key,
            scenario,
            block,
            "made up: the kernel is too old; use 6.1 or later",
        );
    }
    if (scenario, key, block) == ("keep-alive", "handoff:random", 1) {
        let reason = "made up: worker 2 did not start within 5 s";
        return failed(key, scenario, block, reason);
    }
    let chance_factor = [0.0, 0.011, -0.008][(block as usize + strategy) % 3];
    let scale = [1.0, 1.35, 0.04][index] * (1.0 + chance_factor);
    let workers = if key == "single" { 1 } else { 4 };
    let per_worker = split((requests as f64 * scale) as u64, workers, uneven);
    let p50_us = 64e6 / (requests as f64 / 2.0) / scale.max(0.5);
    let mut figures = figures(&per_worker, p50_us, 1.7 + uneven, dispatcher_us);
    remark(&mut figures, scenario, key, block);
    measured(key, scenario, block, figures)
}

/// Shares that fall from the first worker to the last.
fn split(requests: u64, workers: u64, uneven: f64) -> Vec<u64> {
    let even = requests as f64 / workers as f64;
    let tilt = |worker: u64| 1.5 - worker as f64;
    (0..workers)
        .map(|worker| (even * (1.0 + uneven * tilt(worker) / 1.5)) as u64)
        .collect()
}

fn remark(figures: &mut Measured, scenario: &str, key: &str, block: u32) {
    match (scenario, key, block) {
        ("skewed", _, _) => figures.offered_rps = Some(800.0),
        ("short-lived", "handoff:sticky", 1) => {
            figures.valid = false;
            figures.invalid_because = vec!["made up: only 61 of 64 connections were open".into()];
        }
        ("keep-alive", "proxy:round-robin", _) => {
            figures.errors = [("status 502".into(), 3 + u64::from(block))].into();
        }
        ("keep-alive", _, 0) => {
            let note = format!("made up: load CPUs were {}% busy", 90 + key.len() % 9);
            figures.notes = vec![note];
        }
        _ => {}
    }
}
