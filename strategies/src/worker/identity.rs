//! Which worker a thread is.

use std::cell::Cell;

use nix::unistd::gettid;

use crate::view::Scoreboard;

thread_local! {
    static WORKER: Cell<usize> = const { Cell::new(NOBODY) };
}

/// Of threads that are no worker.
const NOBODY: usize = usize::MAX;

/// The calling thread is this worker from now on, and the fleet may know it.
pub(super) fn assume(worker: usize, scoreboard: &Scoreboard) {
    WORKER.set(worker);
    scoreboard.slot(worker).run_on(gettid());
}

/// The worker that the calling thread is.
pub(super) fn current() -> usize {
    let worker = WORKER.get();
    debug_assert_ne!(worker, NOBODY, "only workers serve");
    worker
}
