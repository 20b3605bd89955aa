//! The processes of this host.

use std::time::{Duration, Instant};

/// Waits until a condition holds. Panics with its description if that takes too long.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    // Most conditions hold very soon.
    let mut pause = Duration::from_micros(100);
    while !holds() {
        assert!(Instant::now() < deadline, "did not happen: {what}");
        std::thread::sleep(pause);
        pause = Duration::from_millis(5).min(pause * 2);
    }
}

/// Whether a process runs; a zombie does not.
pub fn is_alive(pid: i32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| state != 'Z')
}

/// Returns the children of a process, zombies included.
pub fn children_of(parent: i32) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").expect("Linux has /proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| state_and_parent(*pid).is_some_and(|(_, its)| its == parent))
        .collect()
}

fn state_and_parent(pid: i32) -> Option<(char, i32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may contain any character, so search for the last one.
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace();
    Some((
        after_name.next()?.chars().next()?,
        after_name.next()?.parse().ok()?,
    ))
}
