//! Built-in scenarios, from the files in `studies/`.

use std::path::Path;

use super::Scenario;
use evenkeel_common::toml_file;

/// Name and text of every built-in scenario. A new scenario is a file and a line here.
pub(crate) const BUILT_IN: [(&str, &str); 23] = [
    (
        "short-lived",
        include_str!("../../studies/short-lived.toml"),
    ),
    ("keep-alive", include_str!("../../studies/keep-alive.toml")),
    ("skewed", include_str!("../../studies/skewed.toml")),
    (
        "bare-short-lived",
        include_str!("../../studies/bare-short-lived.toml"),
    ),
    (
        "bare-keep-alive",
        include_str!("../../studies/bare-keep-alive.toml"),
    ),
    (
        "reload-short-lived",
        include_str!("../../studies/reload-short-lived.toml"),
    ),
    (
        "reload-keep-alive",
        include_str!("../../studies/reload-keep-alive.toml"),
    ),
    (
        "reload-websocket",
        include_str!("../../studies/reload-websocket.toml"),
    ),
    (
        "reload-stream",
        include_str!("../../studies/reload-stream.toml"),
    ),
    (
        "rolling-restart-short-lived",
        include_str!("../../studies/rolling-restart-short-lived.toml"),
    ),
    (
        "rolling-restart-keep-alive",
        include_str!("../../studies/rolling-restart-keep-alive.toml"),
    ),
    (
        "rolling-restart-websocket",
        include_str!("../../studies/rolling-restart-websocket.toml"),
    ),
    (
        "rolling-restart-stream",
        include_str!("../../studies/rolling-restart-stream.toml"),
    ),
    (
        "scale-out-short-lived",
        include_str!("../../studies/scale-out-short-lived.toml"),
    ),
    (
        "scale-out-keep-alive",
        include_str!("../../studies/scale-out-keep-alive.toml"),
    ),
    (
        "scale-out-websocket",
        include_str!("../../studies/scale-out-websocket.toml"),
    ),
    (
        "scale-out-stream",
        include_str!("../../studies/scale-out-stream.toml"),
    ),
    (
        "replace-dispatcher-short-lived",
        include_str!("../../studies/replace-dispatcher-short-lived.toml"),
    ),
    (
        "replace-dispatcher-keep-alive",
        include_str!("../../studies/replace-dispatcher-keep-alive.toml"),
    ),
    (
        "hang-short-lived",
        include_str!("../../studies/hang-short-lived.toml"),
    ),
    (
        "hang-keep-alive",
        include_str!("../../studies/hang-keep-alive.toml"),
    ),
    (
        "crash-short-lived",
        include_str!("../../studies/crash-short-lived.toml"),
    ),
    (
        "crash-keep-alive",
        include_str!("../../studies/crash-keep-alive.toml"),
    ),
];

/// A scenario for many loads: `sweep-70` is this file with a utilization of 0.7.
const SWEEP: &str = include_str!("../../studies/sweep.toml");
const SWEEP_PREFIX: &str = "sweep-";

/// Names of sets of scenarios.
pub(crate) const SETS: [(&str, &[&str]); 12] = [
    ("default", &["short-lived", "keep-alive", "skewed"]),
    ("bare", &["bare-short-lived", "bare-keep-alive"]),
    (
        "sweep",
        &[
            "sweep-10", "sweep-30", "sweep-50", "sweep-60", "sweep-70", "sweep-80", "sweep-90",
            "sweep-95",
        ],
    ),
    (
        "all",
        &[
            "short-lived",
            "keep-alive",
            "skewed",
            "bare-short-lived",
            "bare-keep-alive",
        ],
    ),
    (
        "reload",
        &[
            "reload-short-lived",
            "reload-keep-alive",
            "reload-websocket",
            "reload-stream",
        ],
    ),
    (
        "rolling-restart",
        &[
            "rolling-restart-short-lived",
            "rolling-restart-keep-alive",
            "rolling-restart-websocket",
            "rolling-restart-stream",
        ],
    ),
    (
        "scale-out",
        &[
            "scale-out-short-lived",
            "scale-out-keep-alive",
            "scale-out-websocket",
            "scale-out-stream",
        ],
    ),
    (
        "replace-dispatcher",
        &[
            "replace-dispatcher-short-lived",
            "replace-dispatcher-keep-alive",
        ],
    ),
    (
        "changes",
        &[
            "reload-short-lived",
            "reload-keep-alive",
            "reload-websocket",
            "reload-stream",
            "rolling-restart-short-lived",
            "rolling-restart-keep-alive",
            "rolling-restart-websocket",
            "rolling-restart-stream",
            "scale-out-short-lived",
            "scale-out-keep-alive",
            "scale-out-websocket",
            "scale-out-stream",
        ],
    ),
    ("hang", &["hang-short-lived", "hang-keep-alive"]),
    ("crash", &["crash-short-lived", "crash-keep-alive"]),
    (
        "faults",
        &[
            "hang-short-lived",
            "hang-keep-alive",
            "crash-short-lived",
            "crash-keep-alive",
        ],
    ),
];

pub(crate) fn built_in(name: &str) -> Option<Scenario> {
    if let Some(percent) = name.strip_prefix(SWEEP_PREFIX) {
        return at_load(name, percent.parse().ok()?);
    }
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    let path = Path::new("studies").join(name).with_extension("toml");
    Some(toml_file::parse(text, &path).expect("a test parses every built-in scenario"))
}

/// Returns the sweep at a load between 1% and 99%.
fn at_load(name: &str, percent: u32) -> Option<Scenario> {
    let path = Path::new("studies/sweep.toml");
    let sweep: Scenario = toml_file::parse(SWEEP, path).expect("a test parses every built-in");
    (1..=99).contains(&percent).then(|| Scenario {
        name: name.to_owned(),
        utilization: Some(f64::from(percent) / 100.0),
        ..sweep
    })
}
