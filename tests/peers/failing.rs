//! Peers that fail to start.

use std::path::Path;
use std::time::Duration;

use evenkeel_strategies::PeerError;

use super::processes_in;
use super::recipe::{SmallPeer, script, script_that_ends, server};

/// Timeout for steps that succeed: one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Timeout for steps that never succeed.
const SHORT: Duration = Duration::from_secs(1);

/// Output of a script, which shows whether any of its processes remains.
const WHERE: &str = "echo folder $PWD;";

/// Asserts that the folder in a message is removed and no process runs there.
fn assert_nothing_remains(message: &str) {
    let mut lines = message.lines().map(str::trim);
    let folder = lines.find_map(|line| line.strip_prefix("folder "));
    let folder = Path::new(folder.unwrap_or_else(|| panic!("no folder in {message}")));
    assert!(!folder.exists(), "{message}");
    assert_eq!(processes_in(folder), [0; 0], "{message}");
}

#[test]
fn a_peer_that_exits_at_once_is_reported_with_its_last_lines() {
    let text = format!("{WHERE} echo the moon is full >&2; exit 3");
    let refused = SmallPeer::of(&[script(&text)]).refusal(PATIENCE);
    assert!(matches!(refused, PeerError::GaveUp(_)), "{refused:?}");
    let message = refused.to_string();
    assert!(message.contains("ended with exit code 3"), "{message}");
    assert!(message.contains("the moon is full"), "{message}");
    assert_nothing_remains(&message);
}

#[test]
fn a_peer_that_exits_with_0_and_leaves_no_process_is_reported() {
    let refused = SmallPeer::of(&[script_that_ends(WHERE)]).refusal(PATIENCE);
    let message = refused.to_string();
    assert!(
        message.contains("exit code 0, and no process is left"),
        "{message}"
    );
    assert_nothing_remains(&message);
}

#[test]
fn a_missing_program_is_named() {
    let command = "[[start]]\ncommand = [\"/no/such/program\"]\n".to_owned();
    let message = SmallPeer::of(&[command]).refusal(PATIENCE).to_string();
    assert!(message.contains("/no/such/program"), "{message}");
    assert!(message.contains("No such file"), "{message}");
}

#[test]
fn no_command_runs_after_one_that_fails() {
    let first = format!("{WHERE} exit 4");
    let peer = SmallPeer::of(&[script_that_ends(&first), script("echo the second")]);
    let message = peer.refusal(PATIENCE).to_string();
    assert!(message.contains("ended with exit code 4"), "{message}");
    assert!(!message.contains("the second"), "{message}");
    assert_nothing_remains(&message);
}

#[test]
fn a_peer_that_never_answers_is_reported_with_its_output_and_the_time_waited() {
    let head = SmallPeer::head().replace("evenkeel worker {", "sleep 611");
    let text = format!("{WHERE} S=sleep; $S 611 & $S 611 & wait");
    let refused = SmallPeer::described(&head, &[script(&text)]).refusal(SHORT);
    assert!(
        matches!(refused, PeerError::Unanswered { .. }),
        "{refused:?}"
    );
    let message = refused.to_string();
    assert!(message.contains("within 1s"), "{message}");
    assert!(message.contains("refused"), "{message}");
    assert_nothing_remains(&message);
}

#[test]
fn a_command_that_should_end_and_does_not_is_reported() {
    let endless = script_that_ends(&format!("{WHERE} sleep 677"));
    let refused = SmallPeer::of(&[server(), endless]).refusal(SHORT);
    assert!(
        matches!(refused, PeerError::StillRunning { .. }),
        "{refused:?}"
    );
    assert_nothing_remains(&refused.to_string());
}

#[test]
fn a_peer_with_too_few_workers_is_reported_with_their_number() {
    let head = SmallPeer::head().replace("evenkeel worker {", "sleep 622");
    let text = format!("{WHERE} S=sleep; $S 622 & wait");
    let peer = SmallPeer::described(&head, &[script(&text)]);
    let refused = peer.refusal(SHORT);
    let PeerError::Workers {
        found, requested, ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((found, requested), (1, super::WORKERS));
    let message = refused.to_string();
    assert!(message.contains("1 of 2"), "{message}");
    assert!(message.contains("`sleep 622`"), "{message}");
    assert_nothing_remains(&message);
}
