//! The window of a run, as one thread sees it: when it opens and closes, and how many requests it may
//! still have.

use super::shared::{PATIENCE, Shared};
use crate::clock::{Clock, CpuUse, Window, nanos};
use crate::spec::LoadSpec;

/// The window of a run in one thread.
pub(super) struct ThreadWindow<'run> {
    pub(super) shared: &'run Shared,
    /// When the window opens and closes.
    pub(super) bounds: Window,
    /// Time to wait for answers after the window has closed, in nanoseconds.
    timeout: u64,
    opened: Option<Snapshot>,
    pub(super) closed: Option<Snapshot>,
    /// With a number of requests: this thread has received all its answers.
    finished: bool,
}

/// What is read when the window opens and when it closes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Snapshot {
    cpu: CpuUse,
    missing: usize,
}

impl<'run> ThreadWindow<'run> {
    pub(super) fn new(spec: &LoadSpec, shared: &'run Shared) -> Self {
        Self {
            shared,
            bounds: shared.window(spec),
            timeout: nanos(spec.timeout),
            opened: None,
            closed: None,
            finished: false,
        }
    }

    /// Notes that the window opens or closes, if it does. `missing` returns the number of connections
    /// that are not open now.
    pub(super) fn pass_edges(&mut self, now: u64, missing: impl Fn() -> usize) {
        self.bounds.end = self.shared.end();
        let snapshot = || Snapshot {
            cpu: CpuUse::of_thread(),
            missing: missing(),
        };
        if self.opened.is_none() && now >= self.bounds.begin {
            self.opened = Some(snapshot());
        }
        if self.closed.is_none() && now >= self.bounds.end {
            self.closed = Some(snapshot());
        }
    }

    /// When answers are no longer awaited after the window has closed.
    pub(super) fn drain_deadline(&self) -> u64 {
        self.bounds.end.saturating_add(self.timeout)
    }

    /// The next edge of the window, or the end of its drain.
    pub(super) fn next_edge(&self) -> u64 {
        match (self.opened, self.closed) {
            (None, _) => self.bounds.begin,
            (_, None) => self.bounds.end,
            _ => self.drain_deadline(),
        }
    }

    /// Whether the closed loop may send one more request. The warm-up does not count.
    pub(super) fn claim(&self, now: u64) -> bool {
        let budget = self.shared.budget.as_ref();
        self.closed.is_none()
            && budget.is_none_or(|budget| now < self.bounds.begin || budget.claim())
    }

    /// Whether a failed connect takes the place of a request, since none has succeeded since
    /// `open_at`. Otherwise a run with a number of requests would not end.
    pub(super) fn claims_in_vain(&self, open_at: u64, now: u64) -> bool {
        let is_vain = now.saturating_sub(open_at) >= nanos(PATIENCE);
        self.shared.budget.is_some() && is_vain && self.bounds.contains(now) && self.claim(now)
    }

    /// With a number of requests, closes the window when those of all threads are answered.
    pub(super) fn finish(&mut self, outstanding: u64, clock: &Clock) {
        let Some(budget) = &self.shared.budget else {
            return;
        };
        if self.finished || outstanding > 0 || !budget.is_spent() {
            return;
        }
        let now = clock.now();
        if now < self.bounds.begin {
            return;
        }
        self.finished = true;
        if let Some(last) = budget.finish(now) {
            self.shared.close(last + 1);
        }
    }

    /// How the thread spent the window, and the most connections that were missing at one
    /// of its edges.
    pub(super) fn usage(&self) -> (CpuUse, usize) {
        match (self.opened, self.closed) {
            (Some(opened), Some(closed)) => (
                closed.cpu.since(opened.cpu),
                opened.missing.max(closed.missing),
            ),
            // Stopped before the window opened.
            _ => (CpuUse::default(), 0),
        }
    }
}
