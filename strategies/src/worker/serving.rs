//! ConnectionSource connections in, until the process is asked to end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::yield_now;

use super::connections::{Connections, Room, Tally};
use super::intake::Intake;
use crate::dispatch::drain::Drain;
use crate::launch::WorkerConfig;

/// What a runtime serves.
pub(super) struct Serving {
    intake: Intake,
    connections: Connections,
    drain: Drain,
    drain_within: Duration,
    shutdown_signal: Signal,
}

impl Serving {
    /// At most `room` connections of this intake at a time. Needs to be called within a runtime.
    pub(super) fn new(
        config: &WorkerConfig,
        intake: Intake,
        tally: &Arc<Tally>,
        room: usize,
    ) -> io::Result<Self> {
        let drain = Drain::new();
        let draining = drain.draining();
        Ok(Self {
            intake,
            connections: Connections::new(tally, draining, config.header_within, room),
            drain,
            drain_within: config.drain_within,
            // From here on, so that no thread of several is late for a signal to all.
            shutdown_signal: signal(SignalKind::terminate())?,
        })
    }

    /// Serves in a runtime of one thread.
    ///
    /// One connection at a time, so that a worker with requests to answer does not hoard what an
    /// idle sibling could have had. The event loop goes round twice before the next one: in the
    /// first round it hears that the request is there already, which it is if the connection had
    /// to wait, and in the second the request is served.
    pub(super) async fn on_one_thread(mut self) -> io::Result<()> {
        while let Some((connection, room)) = self.next().await? {
            tokio::spawn(self.connections.serve(connection, room));
            yield_now().await;
            yield_now().await;
        }
        self.end().await
    }

    /// Serves in a runtime of several threads. A connection is taken in by the first that runs
    /// its task, and is everybody's from then on.
    pub(super) async fn on_several_threads(mut self) -> io::Result<()> {
        while let Some((connection, room)) = self.next().await? {
            let connections = self.connections.clone();
            tokio::spawn(async move { connections.serve(connection, room).await });
        }
        self.end().await
    }

    /// The next connection, with room for it; `None` when there are to be no more.
    async fn next(&mut self) -> io::Result<Option<(TcpStream, Room)>> {
        let next = async {
            let room = self.connections.room().await;
            let connection = self.intake.next().await?;
            Ok(connection.map(|connection| (connection, room)))
        };
        tokio::select! {
            _ = self.shutdown_signal.recv() => Ok(None),
            next = next => next,
        }
    }

    /// Takes in what is queued, and finishes it all.
    async fn end(self) -> io::Result<()> {
        for late in self.intake.close()? {
            // It has come to a full house, maybe, and is served all the same.
            tokio::spawn(self.connections.serve(late, Room::default()));
        }
        drop(self.connections);
        self.drain.run(self.drain_within).await;
        Ok(())
    }
}
