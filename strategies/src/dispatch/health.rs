//! The passive health of the workers of an asynchronous dispatcher.

use std::cell::RefCell;
use std::time::Duration;

use crate::defence::{Count, Defences, HealthState, Journal, What};
use crate::view::{Life, Reason, Workers};

/// What became of the tries of each worker, and where ejections are noted.
pub(crate) struct Health {
    state: RefCell<HealthState>,
    journal: Option<Journal>,
}

impl Health {
    /// Returns `None` if the defence is off.
    pub(crate) fn of(
        defences: &Defences,
        places: usize,
        journal: Option<&Journal>,
    ) -> Option<Self> {
        defences.passive_health.map(|spec| Self {
            state: RefCell::new(HealthState::new(spec, places)),
            journal: journal.cloned(),
        })
    }

    pub(super) fn succeeded(&self, life: Life, now: Duration) {
        self.state.borrow_mut().succeeded(life, now);
    }

    /// Takes a failure of a worker. Returns for how long it is ejected if it is that now.
    pub(super) fn failed(
        &self,
        life: Life,
        workers: &mut Workers,
        now: Duration,
    ) -> Option<Duration> {
        let time = self
            .state
            .borrow_mut()
            .failed(life, workers.present(), now)?;
        if let Some(journal) = &self.journal {
            journal.count(Count::Ejections);
        }
        self.note(What::Ejected, life, time.as_millis() as u64);
        self.apply(workers);
        Some(time)
    }

    /// Ends the ejection of a worker whose time is over.
    pub(super) fn end(&self, life: Life, workers: &mut Workers, now: Duration) {
        if self.state.borrow_mut().end(life, now) {
            self.note(What::Returned, life, 0);
            if workers.life(life.place) == life {
                workers.set_ineligible(life.place, Reason::Ejected, false);
            }
            self.apply(workers);
        }
    }

    /// Forgets the worker in whose place another one has come.
    pub(super) fn replace(&self, life: Life, workers: &mut Workers) {
        self.state.borrow_mut().replace(life);
        self.apply(workers);
    }

    /// Makes ejected workers unavailable, or available if too few are left.
    pub(super) fn apply(&self, workers: &mut Workers) {
        let state = self.state.borrow();
        let applies = !state.panics(workers.present());
        for life in state.ejected() {
            if workers.life(life.place) == life {
                workers.set_ineligible(life.place, Reason::Ejected, applies);
            }
        }
    }

    fn note(&self, what: What, life: Life, detail: u64) {
        if let Some(journal) = &self.journal {
            journal.note(what, life, detail);
        }
    }
}
