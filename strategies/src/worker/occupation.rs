//! For how long requests take up the worker.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Attributes the time of a worker's only thread to the requests whose work takes it up.
///
/// A request takes the worker up from the moment at which it is free for it, because it wakes
/// or is done with the work before, until its own work is done. That is the service time of
/// queueing theory, since the next request waits for all of it: accepting, reading, a timer that
/// ends late, and the writing of the answer before, not only for the work that was asked for.
#[derive(Debug)]
pub(super) struct Occupation {
    /// What `free_at_ns` counts from.
    epoch: Instant,
    free_at_ns: AtomicU64,
}

impl Occupation {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            free_at_ns: AtomicU64::new(0),
        }
    }

    /// The worker wakes: what it does from now on is for a request that has come.
    pub(super) fn begin(&self) {
        self.free_at_ns.store(self.now_ns(), Relaxed);
    }

    /// Work is done. For how long its request took the worker up.
    pub(super) fn end(&self) -> Duration {
        let now_ns = self.now_ns();
        let began_ns = self.free_at_ns.swap(now_ns, Relaxed);
        Duration::from_nanos(now_ns.saturating_sub(began_ns))
    }

    /// Nanoseconds since the epoch; 64 bits hold 584 years of them.
    fn now_ns(&self) -> u64 {
        self.epoch.elapsed().as_nanos() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_time_between_waking_and_the_last_work_belongs_to_some_request() {
        let occupation = Occupation::new();
        occupation.begin();
        let woke_ns = occupation.free_at_ns.load(Relaxed);
        let sum: Duration = (0..5).map(|_| occupation.end()).sum();
        let done_ns = occupation.free_at_ns.load(Relaxed);
        assert_eq!(sum, Duration::from_nanos(done_ns - woke_ns));
    }
}
