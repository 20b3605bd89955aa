//! Trials that were disturbed are made again.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use evenkeel_common::units::plural;
use nix::sys::signal::Signal;
use serde_json::json;

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
    assert!(attempts.is_sorted_by_key(|trial| trial["block"].as_u64()));
    let mut again = 0;
    for block in 0..2 {
        let trials = attempts.iter().filter(|trial| trial["block"] == block);
        let (first, more): (Vec<_>, Vec<_>) = trials.partition(|trial| trial["again"].is_null());
        let late = first.iter().filter(|trial| trial["late"] == true).count();
        // At most a quarter of a block is made again, rounded up: one of two.
        assert_eq!((first.len(), more.len()), (2, late.min(1)), "{attempts:?}");
        for trial in more {
            let because = "the generator was late";
            assert_eq!(trial["again"], json!({ "attempt": 2, "because": because }));
            again += 1;
        }
    }
    assert!(again > 0, "it stood still for three quarters of the time");
    for words in [
        "is made again (attempt 2): the generator was late".to_owned(),
        format!("{} made again", plural(again, "disturbed trial")),
    ] {
        assert!(
            finished.err.contains(&words),
            "{words} is missing in {finished:?}"
        );
    }
    let details = evenkeel("report OUT --details", folder.path());
    let note = "made again, since the generator was late";
    assert!(details.out.contains(note), "{details:?}");
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 4, "of each trial the last attempt counts");
    let has_valid = |strategy: &str| {
        let mut of_it = trials.iter().filter(|trial| trial["strategy"] == strategy);
        of_it.any(|trial| trial["valid"] == true)
    };
    let bears_an_answer = has_valid("single") && has_valid("reuseport");
    assert_eq!(finished.code, Some(if bears_an_answer { 0 } else { 3 }));
}

#[test]
fn a_finished_study_makes_nothing_again_when_it_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    with_a_late_generator(1, folder.path());
    let path = folder.path().join("OUT/results.jsonl");
    let before = fs::read_to_string(&path).expect("a record");
    evenkeel("run -q --resume OUT", folder.path());
    assert_eq!(fs::read_to_string(&path).expect("a record"), before);
}
