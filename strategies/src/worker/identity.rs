//! The number of the worker that runs on a thread.

use std::cell::Cell;

use nix::unistd::gettid;

use crate::view::Scoreboard;

thread_local! {
    static WORKER: Cell<usize> = const { Cell::new(NO_WORKER) };
}

const NO_WORKER: usize = usize::MAX;

/// Makes the calling thread this worker, and publishes its thread ID to the fleet.
pub(super) fn set_current(worker: usize, scoreboard: &Scoreboard) {
    WORKER.set(worker);
    scoreboard.slot(worker).set_thread(gettid());
}

/// Returns the number of the worker that runs on the calling thread.
pub(super) fn current() -> usize {
    let worker = WORKER.get();
    debug_assert_ne!(worker, NO_WORKER, "only workers serve");
    worker
}
