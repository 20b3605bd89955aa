//! How a supervisor ends all that there is.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::children::reap;
use super::events::{Event, Events};
use super::link::{Link, Orders};
use crate::mechanism::peer::process_tree::{Process, descendants};

/// Asks the children to end and waits until all have, or time is up. Whoever is late is told on
/// standard error, since it will be killed.
pub(super) fn in_good_order(orders: &Orders, events: &Events, link: &Link) {
    let deadline = Instant::now() + orders.drain_within;
    let Ok(signal) = Signal::try_from(orders.stop_signal) else {
        return;
    };
    for child in descendants(Pid::this()).iter().filter(is_a_child) {
        child.signal(signal);
    }
    while reap(|_| {}) {
        match events.next(link, Some(deadline)) {
            Ok(Event::ChildEnded | Event::AskedToEnd) => {}
            Ok(Event::Nothing) if Instant::now() < deadline => {}
            Ok(Event::Nothing) => return tell(&descendants(Pid::this()), signal, orders),
            Ok(Event::Abandoned) | Err(_) => return,
        }
    }
}

fn is_a_child(process: &&Process) -> bool {
    process.parent == Pid::this()
}

fn tell(late: &[Process], signal: Signal, orders: &Orders) {
    for Process { name, pid, .. } in late {
        eprintln!(
            "evenkeel: {name} (process {pid}) was killed: it was there {:?} after {signal}",
            orders.drain_within
        );
    }
}

/// Kills everything that descends from this process, and whatever that starts meanwhile.
pub(super) fn at_once(events: &Events) {
    loop {
        for process in descendants(Pid::this()) {
            process.signal(Signal::SIGKILL);
        }
        if !reap(|_| {}) {
            return;
        }
        // Those that others have left become children of this process, so the end of the last
        // is seen here. Should waiting fail, that is asked for again and again instead.
        let _looked = events.next_alone(Instant::now() + LOOK_AGAIN);
    }
}

/// A process that began while the others were listed is found by looking again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
