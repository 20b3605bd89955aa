//! Records with known figures, derived from a record in the repository.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// The record in the repository.
pub(crate) const RECORD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/reports/tests/data/eight-strategies.jsonl"
);

/// Factors by which throughput differs from block to block.
const NOISE: [f64; 6] = [1.002, 0.999, 1.001, 0.998, 1.003, 0.997];

/// Labels of the builds in a study of two builds.
const BUILDS: [&str; 2] = ["baseline", "candidate"];

/// A study of `single` and `reuseport` under `short-lived`.
#[derive(Clone, Copy)]
pub(crate) struct Recorded {
    pub(crate) blocks: usize,
    /// Throughput of `reuseport`, relative to the stored record.
    pub(crate) speed: f64,
    pub(crate) valid: bool,
}

/// A study with enough blocks for verdicts.
pub(crate) const PLAIN: Recorded = Recorded {
    blocks: 12,
    speed: 1.0,
    valid: true,
};

impl Recorded {
    /// Writes the record; `edit` may change each line first.
    pub(crate) fn write_with(self, folder: &Path, mut edit: impl FnMut(&mut Value)) {
        let stored = fs::read_to_string(RECORD).expect("the stored record");
        let lines = stored.lines();
        let lines: Vec<Value> = lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let mut header = lines[0].clone();
        let plan = &mut header["plan"];
        plan["blocks"] = json!(self.blocks);
        retain(&mut plan["strategies"], "key", &["single", "reuseport"]);
        retain(&mut plan["scenarios"], "name", &["short-lived"]);
        let mut written = vec![header];
        for key in ["single", "reuseport"] {
            let is_it = |t: &&Value| t["strategy"] == key && t["scenario"] == "short-lived";
            let first = lines.iter().find(is_it).expect("a trial");
            written.extend((0..self.blocks).map(|block| self.trial(first, block)));
        }
        written.iter_mut().for_each(&mut edit);
        let text: String = written.iter().map(|line| format!("{line}\n")).collect();
        fs::create_dir_all(folder).expect("room");
        fs::write(folder.join("results.jsonl"), text).expect("room");
    }

    pub(crate) fn write(self, folder: &Path) {
        self.write_with(folder, |_| ());
    }

    /// Writes a study in which two builds serve `reuseport`: one at the stored speed, and one at
    /// `self.speed`. `edit` may change each line first.
    pub(crate) fn write_builds_with(self, folder: &Path, mut edit: impl FnMut(&mut Value)) {
        self.write(folder);
        let path = folder.join("results.jsonl");
        let text = fs::read_to_string(&path).expect("a record");
        let mut written = Vec::new();
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line).expect("JSON");
            if line["type"] == "study" {
                add_builds(&mut line["plan"]);
                written.push(line);
            } else if line["strategy"] == "reuseport" {
                let rps = line["throughput_rps"].as_f64().expect("a number");
                let mut baseline = line.clone();
                baseline["throughput_rps"] = json!(rps / self.speed);
                let served = BUILDS.into_iter().zip([baseline, line]);
                written.extend(served.map(|(build, mut trial)| {
                    trial["strategy"] = json!(format!("reuseport@{build}"));
                    trial
                }));
            }
        }
        written.iter_mut().for_each(&mut edit);
        let text: String = written.iter().map(|line| format!("{line}\n")).collect();
        fs::write(path, text).expect("room");
    }

    fn trial(self, stored: &Value, block: usize) -> Value {
        let mut trial = stored.clone();
        let is_slowed = trial["strategy"] == "reuseport";
        let speed = if is_slowed { self.speed } else { 1.0 };
        let rps = trial["throughput_rps"].as_f64().expect("a number");
        trial["block"] = json!(block);
        trial["throughput_rps"] = json!(rps * speed * NOISE[block % NOISE.len()]);
        trial["valid"] = json!(self.valid);
        trial
    }
}

fn add_builds(plan: &mut Value) {
    plan["strategies"] =
        json!(BUILDS.map(|build| json!({ "key": format!("reuseport@{build}"), "summary": build })));
    plan["executables"] = json!(BUILDS.map(|build| {
        json!({
            "label": build, "path": format!("/{build}"), "version": "0.1.0",
            "sha256": format!("{build:0<64}"),
        })
    }));
}

fn retain(list: &mut Value, name: &str, wanted: &[&str]) {
    let list = list.as_array_mut().expect("a list");
    list.retain(|item| wanted.iter().any(|wanted| item[name] == *wanted));
}
