//! The defences of a proxy, with what they remember. Those that are off cost a comparison.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::forward::within;
use crate::defence::{Count, Defences, Journal, Retry, RetryState};

pub(super) struct Guard {
    try_timeout: Option<Duration>,
    retries: Option<RefCell<RetryState>>,
    /// Where it is counted what they do.
    journal: Option<Journal>,
}

impl Guard {
    pub(super) fn new(defences: &Defences, journal: Option<Journal>) -> Self {
        Self {
            try_timeout: defences.try_timeout.map(|limit| limit.0),
            retries: defences.retries.map(|it| RefCell::new(RetryState::new(it))),
            journal,
        }
    }

    /// Counts a request that has arrived.
    pub(super) fn request(&self, now: Duration) {
        self.count(Count::Requests);
        if let Some(retries) = &self.retries {
            retries.borrow_mut().request(now);
        }
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
