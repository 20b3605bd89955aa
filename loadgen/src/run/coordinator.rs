//! What the calling thread does while the load threads run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::clock::{Clock, Window};
use crate::engine::{ProgressCounts, Shared, ThreadProgress};
use crate::outcome::{Collector, Observer, Phase, Progress};

/// How often a stop is checked for.
const CHECK_NS: u64 = 10_000_000;

/// How often progress is reported: ten times a second looks smooth on a terminal.
const PROGRESS_NS: u64 = 100_000_000;

/// Reports the window and the progress to the observer, and halts the threads on request.
pub(super) struct Coordinator<'run> {
    pub(super) clock: Clock,
    /// The window as planned.
    pub(super) window: Window,
    pub(super) shared: &'run Shared,
    pub(super) threads: &'run [ThreadProgress],
    pub(super) phase: Phase,
}

impl Coordinator<'_> {
    /// Returns when all threads have ended; `finished` returns how many have.
    pub(super) fn watch(
        mut self,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
        collector: &mut Collector<'_>,
        finished: &dyn Fn() -> usize,
    ) {
        let mut progress_at = 0;
        loop {
            let ended = finished();
            let now = self.clock.now();
            // A thread that ends before the window could not be set up.
            let cut_short = ended > 0 && now < self.shared.end();
            if stop.load(Ordering::Relaxed) || cut_short {
                self.shared.halt(now);
            }
            let counts: ProgressCounts = self.threads.iter().map(ThreadProgress::read).sum();
            self.shared.give_up(now, counts.connect_failures);
            self.pass_edges(now, observer);
            collector.collect(observer);
            if now >= progress_at {
                observer.progress(&self.progress(now, counts));
                progress_at = now + PROGRESS_NS;
            }
            if ended == self.threads.len() {
                return;
            }
            sleep(Duration::from_nanos(self.next_check(now) - now));
        }
    }

    fn pass_edges(&mut self, now: u64, observer: &mut dyn Observer) {
        let end = self.shared.end();
        if self.phase == Phase::WarmingUp && (self.window.begin..end).contains(&now) {
            self.phase = Phase::Measuring;
            observer.window_opened();
        }
        if self.phase == Phase::Measuring && now >= end {
            self.phase = Phase::Draining;
            observer.window_closed();
        }
    }

    /// When to check next: at the next edge of the window, or at the next regular time.
    fn next_check(&self, now: u64) -> u64 {
        let edge = match self.phase {
            Phase::WarmingUp => self.window.begin,
            Phase::Measuring => self.window.end,
            Phase::Draining => u64::MAX,
        };
        edge.clamp(now, now + CHECK_NS)
    }

    fn progress(&self, now: u64, counts: ProgressCounts) -> Progress {
        Progress {
            phase: self.phase,
            elapsed: Duration::from_nanos(now),
            planned: (self.window.end < u64::MAX).then(|| Duration::from_nanos(self.window.end)),
            requests: counts.requests,
            failures: counts.failures,
            connect_failures: counts.connect_failures,
        }
    }
}
