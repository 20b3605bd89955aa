//! Systems that do not come up.

use std::path::Path;
use std::time::Duration;

use evenkeel_strategies::PeerError;

use super::processes_in;
use super::recipe::{System, script, script_that_ends, server};

/// Nothing in these tests takes so long, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// For what never comes about.
const SHORT: Duration = Duration::from_secs(1);

/// What a script says of itself, so that it can be seen whether anything of it is left.
const WHERE: &str = "echo folder $PWD;";

/// The folder that a message names is gone, and so is every process that ran there.
fn assert_nothing_is_left(told: &str) {
    let mut lines = told.lines().map(str::trim);
    let folder = lines.find_map(|line| line.strip_prefix("folder "));
    let folder = Path::new(folder.unwrap_or_else(|| panic!("no folder in {told}")));
    assert!(!folder.exists(), "{told}");
    assert_eq!(processes_in(folder), [0; 0], "{told}");
}

#[test]
fn one_that_exits_at_once_is_told_with_its_last_lines() {
    let text = format!("{WHERE} echo the moon is full >&2; exit 3");
    let refused = System::of(&[script(&text)]).refusal(PATIENCE);
    assert!(matches!(refused, PeerError::GaveUp(_)), "{refused:?}");
    let told = refused.to_string();
    assert!(told.contains("ended with exit code 3"), "{told}");
    assert!(told.contains("the moon is full"), "{told}");
    assert_nothing_is_left(&told);
}

#[test]
fn one_that_ends_with_success_but_leaves_nobody_is_told_too() {
    let refused = System::of(&[script_that_ends(WHERE)]).refusal(PATIENCE);
    let told = refused.to_string();
    assert!(
        told.contains("exit code 0, and no process is left"),
        "{told}"
    );
    assert_nothing_is_left(&told);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let command = "[[start]]\ncommand = [\"/no/such/program\"]\n".to_owned();
    let told = System::of(&[command]).refusal(PATIENCE).to_string();
    assert!(told.contains("/no/such/program"), "{told}");
    assert!(told.contains("No such file"), "{told}");
}

#[test]
fn after_a_command_that_fails_no_other_is_run() {
    let first = format!("{WHERE} exit 4");
    let system = System::of(&[script_that_ends(&first), script("echo the second")]);
    let told = system.refusal(PATIENCE).to_string();
    assert!(told.contains("ended with exit code 4"), "{told}");
    assert!(!told.contains("the second"), "{told}");
    assert_nothing_is_left(&told);
}

#[test]
fn one_that_never_answers_is_told_with_what_it_wrote_and_how_long_was_waited() {
    let head = System::head().replace("evenkeel worker {", "sleep 611");
    let text = format!("{WHERE} S=sleep; $S 611 & $S 611 & wait");
    let refused = System::described(&head, &[script(&text)]).refusal(SHORT);
    assert!(
        matches!(refused, PeerError::Unanswered { .. }),
        "{refused:?}"
    );
    let told = refused.to_string();
    assert!(told.contains("within 1s"), "{told}");
    assert!(told.contains("refused"), "{told}");
    assert_nothing_is_left(&told);
}

#[test]
fn a_command_that_does_not_end_though_it_should_is_told_as_such() {
    let endless = script_that_ends(&format!("{WHERE} sleep 677"));
    let refused = System::of(&[server(), endless]).refusal(SHORT);
    assert!(
        matches!(refused, PeerError::StillRunning { .. }),
        "{refused:?}"
    );
    assert_nothing_is_left(&refused.to_string());
}

#[test]
fn one_with_fewer_workers_than_ordered_is_told_how_many_there_are() {
    let head = System::head().replace("evenkeel worker {", "sleep 622");
    let text = format!("{WHERE} S=sleep; $S 622 & wait");
    let system = System::described(&head, &[script(&text)]);
    let refused = system.refusal(SHORT);
    let PeerError::Workers {
        found, requested, ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((found, requested), (1, super::WORKERS));
    let told = refused.to_string();
    assert!(told.contains("1 of 2"), "{told}");
    assert!(told.contains("`sleep 622`"), "{told}");
    assert_nothing_is_left(&told);
}
