//! Connections that were given to another worker, which has not taken them in, and that the master gives to this one.

use std::future::pending;
use std::io;
use std::net;
use std::os::fd::OwnedFd;

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::counters::Counters;
use crate::launch::ToWorker;

/// Where a worker takes them. The master accepts only as many as it can give, so this needs no limit.
pub(super) struct HandedOn {
    sender: UnboundedSender<OwnedFd>,
    connections: UnboundedReceiver<OwnedFd>,
}

impl Default for HandedOn {
    fn default() -> Self {
        let (sender, connections) = unbounded_channel();
        Self {
            sender,
            connections,
        }
    }
}

impl HandedOn {
    pub(super) fn sender(&self) -> UnboundedSender<OwnedFd> {
        self.sender.clone()
    }

    /// Returns the connections that have arrived, also those whose messages are not read. The master gives this worker
    /// no others.
    pub(super) fn close(mut self, counters: &Counters) -> Vec<TcpStream> {
        self.connections.close();
        let mut late: Vec<OwnedFd> =
            std::iter::from_fn(|| self.connections.try_recv().ok()).collect();
        for (message, descriptors) in counters.messages.iter().flat_map(|end| end.waiting()) {
            match message {
                ToWorker::Serve { .. } => late.extend(descriptors),
                ToWorker::Total(total) => counters.requests.learn(total),
                // All connections are about to end.
                ToWorker::CloseShare(_) | ToWorker::Misbehave { .. } => {}
            }
        }
        // One that cannot be watched is closed.
        late.into_iter()
            .filter_map(|socket| watched(socket).ok())
            .collect()
    }
}

/// Waits for the next one.
pub(super) async fn next(handed_on: &mut Option<HandedOn>) -> io::Result<TcpStream> {
    match handed_on {
        Some(HandedOn { connections, .. }) => match connections.recv().await {
            Some(connection) => watched(connection),
            None => pending().await,
        },
        None => pending().await,
    }
}

/// Lets the runtime watch a connection. It was accepted as non-blocking.
fn watched(connection: OwnedFd) -> io::Result<TcpStream> {
    TcpStream::from_std(net::TcpStream::from(connection))
}
