//! The server: it takes connections from the intake and serves them until SIGTERM.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::yield_now;

use super::handed_on::{self, HandedOn};
use super::mailbox::{Mailbox, Reach};
use super::{connections::Connections, connections::Permit, counters::Counters, intake::Intake};
use crate::dispatch::drain::Drain;
use crate::launch::WorkerConfig;
use crate::view::Waiting;

pub(super) struct Server {
    intake: Intake,
    connections: Connections,
    drain: Drain,
    drain_within: Duration,
    shutdown_signal: Signal,
    counters: Arc<Counters>,
    mailbox: Option<Mailbox>,
    /// `None` if the fleet does not look for stalls.
    handed_on: Option<HandedOn>,
}

impl Server {
    /// Creates a server for at most `room` connections at a time. Call it within a runtime.
    pub(super) fn new(
        config: &WorkerConfig,
        intake: Intake,
        counters: &Arc<Counters>,
        room: usize,
    ) -> io::Result<Self> {
        let drain = Drain::new();
        let draining = drain.draining();
        Ok(Self {
            intake,
            connections: Connections::new(counters, draining, config, room),
            drain,
            drain_within: config.drain_within,
            // Installed here, so that no thread misses a signal.
            shutdown_signal: signal(SignalKind::terminate())?,
            counters: Arc::clone(counters),
            mailbox: None,
            handed_on: config.heartbeat.then(HandedOn::default),
        })
    }

    /// Makes this server carry out the messages of the master to its process. Call it within a runtime.
    pub(super) fn take_messages(&mut self, mailbox: Option<Mailbox>) {
        self.mailbox = mailbox;
    }

    /// Returns what the mailbox of its process needs to reach it.
    pub(super) fn reach(&self) -> Reach {
        Reach {
            connections: self.connections.watched(),
            hand_on: self.handed_on.as_ref().map(HandedOn::sender),
            listener: self.intake.listener(),
        }
    }

    /// Serves in a single-threaded runtime.
    ///
    /// It takes one connection at a time, so that a busy worker does not take connections that an idle
    /// one could serve. The event loop turns twice before the next connection is taken. In the first
    /// turn it notices a request that has arrived already, as it has if the connection had to wait. In
    /// the second turn it serves that request.
    pub(super) async fn run_single_threaded(mut self) -> io::Result<()> {
        self.start_tasks();
        while let Some((connection, permit)) = self.next().await? {
            tokio::spawn(self.connections.serve(connection, permit));
            yield_now().await;
            yield_now().await;
        }
        self.end().await
    }

    /// Serves in a multi-threaded runtime. The first thread that runs the task of a connection counts
    /// as its worker. Any thread may answer its requests.
    pub(super) async fn run_multi_threaded(mut self) -> io::Result<()> {
        self.start_tasks();
        while let Some((connection, permit)) = self.next().await? {
            let connections = self.connections.clone();
            tokio::spawn(async move { connections.serve(connection, permit).await });
        }
        self.end().await
    }

    /// Starts what is done besides serving connections.
    fn start_tasks(&mut self) {
        tokio::spawn(self.connections.sweep());
        self.mailbox
            .take()
            .map(|mailbox| tokio::spawn(mailbox.run()));
    }

    /// Returns the next connection, or `None` after SIGTERM or the end of the intake.
    async fn next(&mut self) -> io::Result<Option<(TcpStream, Permit)>> {
        let next = async {
            let permit = self.connections.permit().await;
            let connection = self.intake.next().await?;
            Ok(connection.map(|connection| (connection, permit)))
        };
        tokio::select! {
            _ = self.shutdown_signal.recv() => Ok(None),
            next = next => next,
            // There may be no descriptors left for it, but it must not be lost.
            handed_on = handed_on::next(&mut self.handed_on) => {
                handed_on.map(|connection| Some((connection, Permit::default())))
            }
        }
    }

    /// Takes the queued connections, unless others do, and drains all of them.
    async fn end(mut self) -> io::Result<()> {
        let notice = self.connections.notice();
        let waiting = notice.map_or(Waiting::Taken, |notice| notice.waiting);
        let handed_on = self.handed_on.take();
        let handed_on = handed_on.map_or_else(Vec::new, |it| it.close(&self.counters));
        for late in self.intake.close(waiting)?.into_iter().chain(handed_on) {
            // There may be no descriptors left for it, but it must not be lost.
            tokio::spawn(self.connections.serve(late, Permit::default()));
        }
        drop(self.connections);
        match notice {
            Some(notice) => self.drain.run_until_clients_ask(notice.drain_within).await,
            None => self.drain.run(self.drain_within).await,
        }
        self.counters.requests.finish().await;
        Ok(())
    }
}
