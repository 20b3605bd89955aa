//! Trials that were disturbed are made again.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::program::{Finished, attempts, end_of, evenkeel, record, signal, start};

const SCENARIO: &str = "\
name = 'steady'
loop = 'open'
rate_rps = 500.0
connections = 64
work = '/'
";

/// How long the load generator stands still, and how long it runs, in turn. A lag counts beside the
/// response times, which are long on a busy machine, so it stands still for long.
const TURNS: [(Signal, Duration); 2] = [
    (Signal::SIGSTOP, Duration::from_millis(300)),
    (Signal::SIGCONT, Duration::from_millis(100)),
];

/// Runs a study of two trials per block with a load generator that is always late.
fn with_a_late_generator(blocks: u32, folder: &Path) -> Finished {
    fs::write(folder.join("steady.toml"), SCENARIO).expect("room");
    let options = format!("-S steady.toml -d 800ms --warmup 20ms -w 2 -b {blocks} -o OUT");
    let line = format!("run -s single -s reuseport {options}");
    let mut study = start(&line, folder);
    while study.try_wait().expect("a child").is_none() {
        for (request, time) in TURNS {
            signal(&study, request);
            sleep(time);
        }
    }
    end_of(study)
}

#[test]
fn a_trial_with_a_late_generator_is_made_again_at_the_end_of_its_block_and_the_record_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = with_a_late_generator(2, folder.path());
    let (_, attempts) = attempts(&folder.path().join("OUT"));
    let attempt = |trial: &Value| trial["again"]["attempt"].as_u64().unwrap_or(1);
    let of_block = |block: u64| -> Vec<u64> {
        let trials = attempts.iter().filter(|trial| trial["block"] == block);
        trials.map(attempt).collect()
    };
    // At most a quarter of a block is made again, rounded up: one of two.
    assert_eq!((of_block(0), of_block(1)), (vec![1, 1, 2], vec![1, 1, 2]));
    assert!(attempts.is_sorted_by_key(|trial| trial["block"].as_u64()));
    for trial in attempts.iter().filter(|trial| attempt(trial) > 1) {
        assert_eq!(trial["again"]["because"], "the generator was late");
    }
    for words in [
        "is made again (attempt 2): the generator was late",
        "not valid",
    ] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
    let note = "made again, since the generator was late";
    assert!(finished.out.contains(note), "{finished:?}");
    assert_eq!(finished.code, Some(3), "{finished:?}");
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 4, "of each trial the last attempt counts");
}

#[test]
fn a_finished_study_makes_nothing_again_when_it_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    with_a_late_generator(1, folder.path());
    let path = folder.path().join("OUT/results.jsonl");
    let before = fs::read_to_string(&path).expect("a record");
    assert_eq!(evenkeel("run --resume OUT", folder.path()).code, Some(3));
    assert_eq!(fs::read_to_string(&path).expect("a record"), before);
}
