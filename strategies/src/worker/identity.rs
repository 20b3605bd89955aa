//! The number of the worker that runs on a thread.

use std::cell::Cell;

use nix::unistd::gettid;

use super::counters::Counters;
use crate::view::Scoreboard;

thread_local! {
    static WORKER: Cell<usize> = const { Cell::new(NO_WORKER) };
}

const NO_WORKER: usize = usize::MAX;

/// Makes the calling thread this worker, and publishes its thread ID to the fleet, and its first turn if the fleet
/// looks for stalls.
pub(super) fn set_current(worker: usize, counters: &Counters) {
    WORKER.set(worker);
    let slot = counters.scoreboard.slot(worker);
    slot.set_thread(gettid());
    if counters.heartbeat {
        slot.turn(false);
    }
}

/// Notes that the event loop of the worker on the calling thread begins or ends to wait.
pub(super) fn turn(scoreboard: &Scoreboard, waits: bool) {
    scoreboard.slot(current()).turn(waits);
}

/// Returns the number of the worker that runs on the calling thread.
pub(super) fn current() -> usize {
    let worker = WORKER.get();
    debug_assert_ne!(worker, NO_WORKER, "only workers serve");
    worker
}
