//! Costs other than CPU time in the record and the report of a study.

use serde_json::Value;

use crate::program::{evenkeel, record};

const STUDY: &str = "run -q --details -s single -s handoff:round-robin -S bare-keep-alive -d 1s \
                     --warmup 100ms -b 1 -w 2 -o OUT";

/// Runs a study with this number of connections. Returns the costs of each strategy, and why system
/// calls were not counted.
fn costs(connections: usize) -> (Vec<(String, Value)>, Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(&format!("{STUDY} -c {connections}"), folder.path());
    finished.assert_measured();
    let (header, trials) = record(&folder.path().join("OUT"));
    let costs = trials.iter().map(|trial| {
        let key = trial["strategy"].as_str().expect("a key");
        (key.to_owned(), trial["costs"].clone())
    });
    let uncounted = header["host"]["system_calls_uncounted"].clone();
    (costs.collect(), uncounted, finished.out)
}

fn descriptors(costs: &[(String, Value)], side: &str) -> u64 {
    let all = costs.iter().map(|(_, costs)| &costs[side]["descriptors"]);
    all.filter_map(Value::as_u64).sum()
}

#[test]
fn a_trial_records_the_costs_of_each_kind_of_process() {
    let (few, uncounted, finished) = costs(4);
    for (strategy, costs) in &few {
        let has_dispatcher = strategy == "handoff:round-robin";
        assert_eq!(costs["dispatcher"].is_object(), has_dispatcher, "{costs}");
        for figure in ["voluntary_switches", "descriptors", "resident_bytes"] {
            let known = costs["workers"][figure].as_u64();
            assert!(known.is_some_and(|count| count > 0), "{figure} in {costs}");
        }
        let is_counted = costs["workers"]["system_calls"].is_u64();
        assert_eq!(is_counted, uncounted.is_null(), "{uncounted} {costs}");
        assert_eq!(costs["requests_while_counting"].is_u64(), is_counted);
    }
    assert!(finished.contains("What each costs"), "{finished}");
    let explained = finished.contains("system calls were not counted");
    assert_eq!(explained, !uncounted.is_null(), "{finished}");
}

#[test]
fn workers_need_more_descriptors_for_more_connections() {
    let ((few, ..), (many, ..)) = (costs(4), costs(44));
    // Forty more for each of the two strategies, since both hand connections to workers.
    assert!(descriptors(&many, "workers") >= descriptors(&few, "workers") + 80);
}
