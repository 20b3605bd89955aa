//! Defences against ill workers, from the command line and study files to the record.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::evenkeel;

#[test]
fn a_defence_that_no_strategy_can_use_is_refused() {
    for (line, problem) in [
        (
            "serve -s handoff:idle --retries 2",
            "handoff:idle cannot use retries (`retries`), as proxy can",
        ),
        (
            "run -s single --try-timeout 1s",
            "single cannot use a timeout per try (`try_timeout`), as proxy can",
        ),
        (
            "run -s nat --eject-after 5",
            "as splice, splice-sockmap, proxy can",
        ),
        (
            "serve -s proxy:idle --retry-budget 5%",
            "give `--retries`, too",
        ),
        (
            "serve -s proxy:idle --eject-time 5s",
            "give `--eject-after`, too",
        ),
        ("serve -s proxy:idle --try-timeout 0s", "give 1ms or more"),
    ] {
        let finished = evenkeel(line, Path::new("/"));
        assert!(finished.err.contains(problem), "{line}: {}", finished.err);
    }
}

const STUDY: &str = "strategies = ['single', 'proxy:round-robin']\nscenarios = ['keep-alive']\n\
                     [[variant]]\nname = 'bare'\n[[variant]]\nname = 'defended'\n\
                     fleet.defences.try_timeout = '5s'\nfleet.defences.retries.most = 2\n\
                     fleet.defences.passive_health.consecutive = 5\n";

#[test]
fn the_record_has_the_defences_and_what_they_did() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("study.toml"), STUDY).expect("room");
    let line = "run -q --study study.toml -d 300ms --warmup 50ms -b 1 -w 2 -o OUT";
    evenkeel(line, folder.path()).assert_measured();
    let record = fs::read_to_string(folder.path().join("OUT/results.jsonl")).expect("a record");
    let lines: Vec<Value> = record
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines[0]["plan"]["variants"][1]["defences"],
        json!({
            "try_timeout_s": 5.0,
            "retries": { "most": 2, "budget": 0.2, "per_second": 10 },
            "passive_health": { "consecutive": 5, "time_s": 30.0, "at_most": 0.1, "panic_below": 0.5 },
        })
    );
    let trial = |key: &str| {
        let trial = lines.iter().find(|line| line["strategy"] == key);
        trial.unwrap_or_else(|| panic!("{key} took part")).clone()
    };
    assert_eq!(trial("proxy:round-robin@bare")["defences"], Value::Null);
    let defended = trial("proxy:round-robin@defended");
    assert!(defended["defences"]["requests"].is_u64(), "{defended}");
    assert_eq!(defended["defences"]["retries"], 0, "{defended}");
    let single = trial("single@defended");
    assert_eq!(single["defences"], Value::Null, "it has none");
    let notes = single["notes"].to_string();
    assert!(notes.contains("single cannot use retries"), "{notes}");
}
