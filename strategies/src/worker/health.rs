//! Whether a worker is well, and what it does wrong while it is not.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::watch;

use crate::launch::Misbehaviour;

/// The health of each worker of a process.
pub(super) struct HealthOfAll {
    /// The number of the first worker.
    first: usize,
    all: Box<[Health]>,
}

/// The health of a worker.
pub(super) struct Health {
    /// Read for each request, so that a worker that is well needs nothing else.
    is_ill: AtomicBool,
    fault: watch::Sender<Option<Misbehaviour>>,
}

impl HealthOfAll {
    /// Workers with these numbers, all of them well.
    pub(super) fn new(numbers: Range<usize>) -> Self {
        Self {
            first: numbers.start,
            all: numbers.map(|_| Health::good()).collect(),
        }
    }

    /// Returns the health of the worker with this number, which is one of the process.
    pub(super) fn of(&self, worker: usize) -> &Health {
        &self.all[worker - self.first]
    }

    /// The same, if there is such a worker in this process.
    pub(super) fn find(&self, worker: usize) -> Option<&Health> {
        self.all.get(worker.checked_sub(self.first)?)
    }
}

impl Health {
    fn good() -> Self {
        Self {
            is_ill: AtomicBool::new(false),
            fault: watch::Sender::new(None),
        }
    }

    /// Returns what the worker does wrong, if it does.
    pub(super) fn fault(&self) -> Option<Misbehaviour> {
        let is_ill = self.is_ill.load(Relaxed);
        is_ill.then(|| *self.fault.borrow()).flatten()
    }

    /// Returns what it did wrong before.
    pub(super) fn change(&self, fault: Option<Misbehaviour>) -> Option<Misbehaviour> {
        let before = self.fault.send_replace(fault);
        self.is_ill.store(fault.is_some(), Relaxed);
        before
    }

    /// Waits until this fault is over.
    pub(super) async fn until_over(&self, fault: Misbehaviour) {
        let mut now = self.fault.subscribe();
        // The sender lives as long as this.
        let _over = now.wait_for(|now| *now != Some(fault)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_worker_of_a_process_has_a_health_of_its_own() {
        let all = HealthOfAll::new(4..6);
        let changed = all
            .find(5)
            .map(|health| health.change(Some(Misbehaviour::Reset)));
        assert_eq!(changed, Some(None));
        assert_eq!(all.of(4).fault(), None);
        assert_eq!(all.of(5).fault(), Some(Misbehaviour::Reset));
        assert_eq!(all.of(5).change(None), Some(Misbehaviour::Reset));
        assert_eq!(all.of(5).fault(), None);
        assert!(all.find(3).is_none() && all.find(6).is_none());
    }
}
