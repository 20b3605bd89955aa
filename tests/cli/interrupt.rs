//! Interrupted and killed studies: the record stays, processes do not.

use std::path::Path;
use std::process::Child;

use nix::sys::signal::Signal;

use crate::processes::{children_of, eventually, is_alive};
use crate::program::{LONG, end_of, evenkeel, record, signal, start, trials_so_far};

/// Starts a study in `OUT` and waits until some trials are done and a fleet runs. Returns the study and
/// the processes of the fleet.
fn in_the_middle_of_a_study(folder: &Path) -> (Child, Vec<i32>) {
    let study = start(LONG, folder);
    let children = || children_of(study.id().cast_signed());
    eventually("two trials are done", || {
        trials_so_far(&folder.join("OUT")) >= 2
    });
    eventually("a fleet runs", || !children().is_empty());
    let fleet = children();
    (study, fleet)
}

fn assert_gone(fleet: &[i32]) {
    eventually("the fleet has ended", || {
        !fleet.iter().any(|pid| is_alive(*pid))
    });
}

#[test]
fn ctrl_c_keeps_the_record_and_the_message_says_how_to_resume() {
    for request in [Signal::SIGINT, Signal::SIGTERM] {
        let folder = tempfile::tempdir().expect("a folder");
        let (study, fleet) = in_the_middle_of_a_study(folder.path());
        signal(&study, request);
        let finished = end_of(study);
        assert_eq!(finished.code, Some(130), "{finished:?}");
        assert!(
            finished.err.contains("evenkeel run --resume OUT"),
            "{finished:?}"
        );
        assert!(
            finished.out.contains("keep-alive"),
            "the table of what was measured"
        );
        assert_gone(&fleet);
        let (_, trials) = record(&folder.path().join("OUT"));
        assert!((2..200).contains(&trials.len()));
        assert!(
            trials.iter().all(|trial| trial["requests"].is_u64()),
            "whole trials only"
        );
        assert!(folder.path().join("OUT/report.html").is_file());
        assert_eq!(
            evenkeel("run --resume OUT --dry-run", folder.path()).code,
            Some(0)
        );
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_leaves_no_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, fleet) = in_the_middle_of_a_study(folder.path());
    signal(&study, Signal::SIGINT);
    signal(&study, Signal::SIGTERM);
    assert_eq!(end_of(study).code, Some(130));
    assert_gone(&fleet);
}

#[test]
fn a_killed_study_leaves_a_record_and_no_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, fleet) = in_the_middle_of_a_study(folder.path());
    signal(&study, Signal::SIGKILL);
    assert_eq!(end_of(study).code, None);
    assert_gone(&fleet);
    assert!(trials_so_far(&folder.path().join("OUT")) >= 2);
    let finished = evenkeel("report OUT", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
}
