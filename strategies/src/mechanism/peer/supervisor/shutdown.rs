//! How a supervisor ends all processes.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::children::reap;
use super::events::{Event, Events};
use super::link::{Instructions, Link};
use crate::mechanism::peer::process_tree::{Process, descendants};

/// Sends the stop signal to the children, and waits until all have ended or the time is up. Reports
/// those that are late on standard error, since they will be killed.
pub(super) fn graceful(instructions: &Instructions, events: &Events, link: &Link) {
    let deadline = Instant::now() + instructions.drain_within;
    let Ok(signal) = Signal::try_from(instructions.stop_signal) else {
        return;
    };
    for child in descendants(Pid::this()).iter().filter(is_child) {
        child.signal(signal);
    }
    while reap(|_| {}) {
        match events.next_but_messages(link, deadline) {
            Ok(Event::ChildEnded | Event::StopSignal | Event::Message) => {}
            Ok(Event::None) if Instant::now() < deadline => {}
            Ok(Event::None) => return report(&descendants(Pid::this()), signal, instructions),
            Ok(Event::Abandoned) | Err(_) => return,
        }
    }
}

fn is_child(process: &&Process) -> bool {
    process.parent == Pid::this()
}

fn report(late: &[Process], signal: Signal, instructions: &Instructions) {
    for Process { name, pid, .. } in late {
        eprintln!(
            "evenkeel: killed {name} (process {pid}), which was still running {:?} after {signal}",
            instructions.drain_within
        );
    }
}

/// Kills all descendants of this process, including those that they start meanwhile.
pub(super) fn kill_all(events: &Events) {
    loop {
        for process in descendants(Pid::this()) {
            process.signal(Signal::SIGKILL);
        }
        if !reap(|_| {}) {
            return;
        }
        // Orphans become children of this process, so it sees the end of the last one. If waiting
        // fails, the loop polls instead.
        let _event = events.next_signal(Instant::now() + CHECK_EVERY);
    }
}

/// A process that was started while the others were listed is found by the next check.
const CHECK_EVERY: Duration = Duration::from_millis(20);
