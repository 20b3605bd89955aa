//! The defences of a proxy, with what they remember. Those that are off cost a comparison.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::forward::within;
use crate::defence::{Count, Defences, HedgeState, Journal, Retry, RetryState};

pub(super) struct Guard {
    try_timeout: Option<Duration>,
    retries: Option<RefCell<RetryState>>,
    hedges: Option<RefCell<HedgeState>>,
    /// Where it is counted what they do.
    journal: Option<Journal>,
}

impl Guard {
    pub(super) fn new(defences: &Defences, journal: Option<Journal>) -> Self {
        Self {
            try_timeout: defences.try_timeout.map(|limit| limit.0),
            retries: defences.retries.map(|it| RefCell::new(RetryState::new(it))),
            hedges: defences.hedging.map(|it| RefCell::new(HedgeState::new(it))),
            journal,
        }
    }

    /// Counts a request that has arrived.
    pub(super) fn request(&self, now: Duration) {
        self.count(Count::Requests);
        if let Some(retries) = &self.retries {
            retries.borrow_mut().request(now);
        }
        if let Some(hedges) = &self.hedges {
            hedges.borrow_mut().request(now);
        }
    }

    /// Whether a request may have a second try beside the first one.
    pub(super) fn hedges(&self) -> bool {
        self.hedges.is_some()
    }

    /// Takes the time in which a request was answered.
    pub(super) fn answered(&self, latency: impl FnOnce() -> Duration) {
        if let Some(hedges) = &self.hedges {
            hedges.borrow_mut().answered(latency());
        }
    }

    /// Waits for a try as long as most take. Returns `None` if it takes longer.
    pub(super) async fn before_hedge<T>(&self, tried: impl Future<Output = T>) -> Option<T> {
        let after = self.hedges.as_ref().and_then(|it| it.borrow().after());
        match after {
            None => Some(tried.await),
            Some(after) => timeout(after, tried).await.ok(),
        }
    }

    /// Whether the budget allows a second try, which is then used up.
    pub(super) fn may_hedge(&self, now: Duration) -> bool {
        let Some(hedges) = &self.hedges else {
            return false;
        };
        let may = hedges.borrow_mut().spend(now);
        if !may {
            self.count(Count::OverBudget);
        }
        may
    }

    /// Waits for a try. Returns `None` if it takes too long.
    pub(super) async fn try_plain<T>(&self, asked: impl Future<Output = T>) -> Option<T> {
        match self.try_timeout {
            None => Some(asked.await),
            Some(limit) => self.or_late(timeout(limit, asked).await.ok()),
        }
    }

    /// Like [`try_plain`](Self::try_plain), for a request with a body, of which each piece restarts the time.
    pub(super) async fn try_uploading<T>(
        &self,
        uploaded: &Cell<u64>,
        asked: impl Future<Output = T>,
    ) -> Option<T> {
        match self.try_timeout {
            None => Some(asked.await),
            Some(limit) => self.or_late(within(limit, uploaded, pin!(asked)).await),
        }
    }

    fn or_late<T>(&self, asked: Option<T>) -> Option<T> {
        if asked.is_none() {
            self.count(Count::TryTimeouts);
        }
        asked
    }

    /// Whether an answer that has failed may be kept from the client.
    pub(super) fn retries(&self) -> bool {
        self.retries.is_some()
    }

    /// Whether a request that has had a number of retries has another one.
    pub(super) fn retry(&self, had: u32, now: Duration) -> bool {
        let Some(retries) = &self.retries else {
            return false;
        };
        let retry = retries.borrow_mut().decide(had, now);
        if retry == Retry::OverBudget {
            self.count(Count::OverBudget);
        }
        retry == Retry::Yes
    }

    pub(super) fn count(&self, what: Count) {
        if let Some(journal) = &self.journal {
            journal.count(what);
        }
    }
}
