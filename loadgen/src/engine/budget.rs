//! A closed loop that ends after a number of requests.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::spec::LoadSpec;

/// The number of requests left to send, over all threads. It is not divided among the threads, so that
/// a slow thread does not hold up the others. Only a run with a number of requests pays for the shared
/// cache line.
pub(crate) struct Budget {
    left: AtomicU64,
    /// Number of threads that have not finished, and when the last of the others did.
    working: AtomicUsize,
    finished_at: AtomicU64,
}

impl Budget {
    /// Returns the budget of a closed loop that ends after a number of requests.
    pub(crate) fn of(spec: &LoadSpec) -> Option<Self> {
        let requests = spec.requests.filter(|_| !spec.offer.is_open())?;
        Some(Self::new(requests.get(), spec.busy_threads()))
    }

    fn new(requests: u64, threads: usize) -> Self {
        Self {
            left: AtomicU64::new(requests),
            working: AtomicUsize::new(threads),
            finished_at: AtomicU64::new(0),
        }
    }

    /// Takes one request; false if none is left.
    pub(super) fn claim(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// Notes that a thread has received the last of its answers now. When all threads have, returns
    /// when the last one did.
    pub(super) fn finish(&self, now: u64) -> Option<u64> {
        self.finished_at.fetch_max(now, Ordering::AcqRel);
        let last = self.working.fetch_sub(1, Ordering::AcqRel) == 1;
        last.then(|| self.finished_at.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_together_claim_all_requests() {
        let budget = Budget::new(10_000, 4);
        let claim_all = || (0..).take_while(|_| budget.claim()).count();
        let claimed: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(claim_all)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"))
                .sum()
        });
        assert_eq!(claimed, 10_000);
        assert!(budget.is_spent());
    }

    #[test]
    fn the_end_is_when_the_last_thread_finished() {
        let budget = Budget::new(1, 3);
        assert_eq!(budget.finish(5), None);
        assert_eq!(budget.finish(9), None);
        assert_eq!(budget.finish(7), Some(9));
    }
}
