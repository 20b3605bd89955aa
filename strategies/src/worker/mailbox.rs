//! What a worker process does on messages of the master.

use std::io;
use std::sync::Arc;

use super::counters::Counters;
use crate::dispatch::client_watch::ClientWatch;
use crate::launch::{Incoming, Share, ToMaster, ToWorker, WorkerEnd};

pub(super) struct Mailbox {
    incoming: Incoming,
    end: Arc<WorkerEnd>,
    counters: Arc<Counters>,
    /// The connections of all workers of this process.
    connections: Vec<Arc<ClientWatch>>,
}

impl Mailbox {
    /// Watches for messages, if the master sends some, to a process with these connections. Call it within a
    /// runtime.
    pub(super) fn watch(
        counters: &Arc<Counters>,
        connections: Vec<Arc<ClientWatch>>,
    ) -> io::Result<Option<Self>> {
        let Some(end) = &counters.messages else {
            return Ok(None);
        };
        Ok(Some(Self {
            incoming: end.watch()?,
            end: Arc::clone(end),
            counters: Arc::clone(counters),
            connections,
        }))
    }

    /// Carries out messages until the master is gone.
    pub(super) async fn run(self) {
        while let Some(message) = self.incoming.next().await {
            match message {
                ToWorker::Total(total) => self.counters.requests.learn(total),
                ToWorker::CloseShare(share) => self.close_share(share),
            }
        }
    }

    /// Lets a share of all connections end with their next answers.
    fn close_share(&self, share: Share) {
        let mut is_chosen = share.choice();
        let closing = self.connections.iter();
        let connections = closing.map(|watch| watch.end_some(&mut is_chosen)).sum();
        // If the master does not read, it does not wait for the number.
        let _sent = self.end.send(&ToMaster::Closing { connections });
    }
}
