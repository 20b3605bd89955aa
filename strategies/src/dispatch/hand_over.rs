//! Handing over by an asynchronous dispatcher: one task learns of it, and another one carries it out.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use super::succession::Successor;
use crate::launch::membership::lacks;
use crate::view::Life;

/// What an asynchronous dispatcher gives its successor.
#[derive(Serialize, Deserialize)]
pub(crate) enum Given<C> {
    /// A worker that may be picked.
    Worker { life: Life, address: SocketAddr },
    /// A client, with its sockets.
    Client(C),
}

/// A request of the master to hand over.
#[derive(Debug)]
pub(crate) struct HandOver {
    drain_within: Duration,
    successor: Successor,
    outcome: oneshot::Sender<io::Result<()>>,
}

impl HandOver {
    /// Passes a request on, and waits until it is carried out.
    pub(super) async fn request(
        drain_within: Duration,
        successor: Option<OwnedFd>,
        to: &mpsc::Sender<Self>,
    ) -> io::Result<()> {
        let successor = successor.ok_or_else(|| lacks("a successor"))?;
        let (outcome, answer) = oneshot::channel();
        let request = Self {
            drain_within,
            successor: Successor::new(successor)?,
            outcome,
        };
        to.send(request).await.map_err(io::Error::other)?;
        answer.await.map_err(io::Error::other)?
    }

    /// Hands over what the function gives. Returns the drain time if the successor has taken over. Otherwise
    /// this dispatcher goes on.
    pub(crate) fn carry_out(
        self,
        give: impl FnOnce(&Successor) -> io::Result<()>,
    ) -> Option<Duration> {
        let given = give(&self.successor);
        let outcome = given.and_then(|()| self.successor.confirmed());
        let is_done = outcome.is_ok();
        // The task that passed the request on waits for it.
        let _sent = self.outcome.send(outcome);
        is_done.then_some(self.drain_within)
    }
}
