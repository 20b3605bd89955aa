//! The stages of the connections of a layer-4 proxy.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;

use tokio::sync::{mpsc, watch};

use crate::launch::ChildControl;

/// Counts the connections in each stage. Nothing is sent over the channels. A connection first holds a sender
/// of both, later only of `relaying`, and at its end of none.
pub(super) struct Stages {
    /// Changes when all connections are to be suspended, and is closed when draining begins.
    signal: watch::Sender<()>,
    connecting: Stage,
    relaying: Stage,
    entered: Cell<u64>,
}

/// What a connection holds.
pub(super) struct Senders {
    /// How many connections came before it.
    pub(super) number: u64,
    signal: watch::Receiver<()>,
    pub(super) connecting: Option<mpsc::Sender<Infallible>>,
    _relaying: mpsc::Sender<Infallible>,
}

type Stage = (mpsc::Sender<Infallible>, mpsc::Receiver<Infallible>);

impl Default for Stages {
    fn default() -> Self {
        Self {
            signal: watch::Sender::default(),
            connecting: mpsc::channel(1),
            relaying: mpsc::channel(1),
            entered: Cell::new(0),
        }
    }
}

impl Stages {
    pub(super) fn enter(&self) -> Senders {
        let number = self.entered.get();
        self.entered.set(number + 1);
        Senders {
            number,
            signal: self.signal.subscribe(),
            connecting: Some(self.connecting.0.clone()),
            _relaying: self.relaying.0.clone(),
        }
    }

    /// Waits until no connection is in the first stage, closes `control`, and waits until all have ended.
    pub(super) async fn finish(self, control: ChildControl) {
        drop(self.signal);
        let (connecting, mut connected) = self.connecting;
        drop(connecting);
        connected.recv().await;
        drop(control);
        wait_for_all(self.relaying).await;
    }

    /// Makes all connections suspend, and waits until they have.
    pub(super) async fn suspend(self) {
        self.signal.send_replace(());
        wait_for_all(self.relaying).await;
    }
}

async fn wait_for_all((sender, mut ended): Stage) {
    drop(sender);
    ended.recv().await;
}

/// What a connection is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To be given to another process, or to be continued later.
    Suspend,
    /// To end, unless it has a request.
    End,
}

impl Senders {
    /// Waits until the connection is asked for something.
    pub(super) async fn asked(&mut self) -> Asked {
        match self.signal.changed().await {
            Ok(()) => Asked::Suspend,
            Err(_closed) => Asked::End,
        }
    }

    /// Waits until the connection is to be suspended.
    pub(super) async fn suspended(&mut self) {
        if self.asked().await == Asked::End {
            pending().await
        }
    }
}
