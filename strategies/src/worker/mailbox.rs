//! What a worker process does on messages of the master.

use std::io;
use std::sync::Arc;

use super::counters::Counters;
use crate::launch::{Incoming, ToWorker};

pub(super) struct Mailbox {
    incoming: Incoming,
    counters: Arc<Counters>,
}

impl Mailbox {
    /// Watches for messages, if the master sends some. Call it within a runtime.
    pub(super) fn watch(counters: &Arc<Counters>) -> io::Result<Option<Self>> {
        let Some(end) = &counters.messages else {
            return Ok(None);
        };
        Ok(Some(Self {
            incoming: end.watch()?,
            counters: Arc::clone(counters),
        }))
    }

    /// Carries out messages until the master is gone.
    pub(super) async fn run(self) {
        while let Some(message) = self.incoming.next().await {
            match message {
                ToWorker::Total(total) => self.counters.requests.learn(total),
            }
        }
    }
}
