//! How a subreaper ends its descendants.

use std::io;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::events::{Event, Events};
use super::process_tree::{Process, descendants};
use super::reap::reap;

/// Sends the signal to the children, and waits until all have ended or the time is up. Reports those that
/// are late on standard error, since they will be killed. `next` waits for an event up to a deadline.
pub(crate) fn end_gracefully(
    signal: Signal,
    within: Duration,
    next: impl Fn(Instant) -> io::Result<Event>,
) {
    let deadline = Instant::now() + within;
    for child in descendants(Pid::this()).iter().filter(is_child) {
        child.signal(signal);
    }
    while reap(|_| {}) {
        match next(deadline) {
            Ok(Event::ChildEnded | Event::StopSignal | Event::Message) => {}
            Ok(Event::None) if Instant::now() < deadline => {}
            Ok(Event::None) => return report(&descendants(Pid::this()), signal, within),
            Ok(Event::Abandoned) | Err(_) => return,
        }
    }
}

fn is_child(process: &&Process) -> bool {
    process.parent == Pid::this()
}

fn report(late: &[Process], signal: Signal, within: Duration) {
    for Process { name, pid, .. } in late {
        eprintln!(
            "evenkeel: killed {name} (process {pid}), which was still running {within:?} after {signal}"
        );
    }
}

/// Kills all descendants of this process, including those that they start meanwhile.
pub(crate) fn kill_all(events: &Events) {
    loop {
        for process in descendants(Pid::this()) {
            process.signal(Signal::SIGKILL);
        }
        if !reap(|_| {}) {
            return;
        }
        // Orphans become children of this process, so it sees the end of the last one. If waiting
        // fails, the loop polls instead.
        let _event = events.next_signal(Some(Instant::now() + CHECK_EVERY));
    }
}

/// A process that was started while the others were listed is found by the next check.
const CHECK_EVERY: Duration = Duration::from_millis(20);
