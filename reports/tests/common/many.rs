//! More strategies than there are colours, all figures made up.

use evenkeel_reports::{LoopKind, Study};

use super::{figures, header, measured, time_series};

/// Mechanisms with their policies; the empty one stands for the mechanism alone.
const MECHANISMS: [(&str, &[&str]); 8] = [
    ("single", &[""]),
    (
        "shared-listener",
        &["", "herd", "exclusive", "blocking", "mutex"],
    ),
    ("reuseport", &["", "cpu", "random", "least"]),
    ("handoff", &POLICIES),
    ("splice", &POLICIES),
    ("proxy", &POLICIES),
    ("nat", &["round-robin", "random", "source-hash", "iptables"]),
    ("threads", &["work-stealing", "per-core"]),
];

const POLICIES: [&str; 8] = [
    "round-robin",
    "weighted",
    "idle",
    "late-binding",
    "least-connections",
    "two-choices",
    "sticky",
    "consistent",
];

/// The keys, in the order of a catalogue.
pub(crate) fn keys() -> Vec<String> {
    let key = |mechanism: &str, policy: &&str| match *policy {
        "" => mechanism.to_owned(),
        policy => format!("{mechanism}:{policy}"),
    };
    let of = |(mechanism, policies): &(&'static str, &'static [&'static str])| {
        let mechanism = *mechanism;
        policies.iter().map(move |policy| key(mechanism, policy))
    };
    MECHANISMS.iter().flat_map(of).collect()
}

/// Forty strategies under a closed loop in two blocks.
pub(crate) fn study() -> Study {
    let keys = keys();
    let names: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut trials = Vec::new();
    for block in 0..2 {
        for (index, key) in keys.iter().enumerate() {
            let wave = 1.0 + 0.4 * (index as f64 * 1.7).sin() + 0.01 * f64::from(block);
            let requests = (2_000.0 * wave) as u64;
            let per_worker = [requests, requests + 40, requests - 30, requests];
            let dispatcher_us = key.contains(':').then_some(9.0 * wave);
            let tail = 1.4 + 0.3 * wave;
            let mut made_up = figures(&per_worker, 900.0 / wave, tail, dispatcher_us);
            time_series::add_to(key, &mut made_up);
            trials.push(measured(key, SCENARIO, block, made_up));
        }
    }
    Study {
        header: header(&names, &[(SCENARIO, LoopKind::Closed)]),
        trials,
        warnings: Vec::new(),
    }
}

const SCENARIO: &str = "short-lived";
