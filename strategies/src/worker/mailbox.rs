//! What a worker process does on messages of the master.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Weak};
use std::thread;

use tokio::runtime;
use tokio::sync::mpsc::UnboundedSender;

use super::counters::Counters;
use crate::dispatch::client_watch::ClientWatch;
use crate::launch::{Incoming, Misbehaviour, ToMaster, ToWorker, WorkerEnd, listener};
use crate::share::Share;

pub(super) struct Mailbox {
    incoming: Incoming,
    end: Arc<WorkerEnd>,
    counters: Arc<Counters>,
    /// The workers of this process, in the order of their numbers from the first one.
    workers: Vec<Reach>,
    first: usize,
}

/// What a mailbox needs to reach a worker.
pub(super) struct Reach {
    pub(super) connections: Arc<ClientWatch>,
    /// Where it takes connections that were given to other workers, if it does.
    pub(super) hand_on: Option<UnboundedSender<OwnedFd>>,
    /// Its listener, if it has one and it still accepts.
    pub(super) listener: Weak<OwnedFd>,
}

impl Mailbox {
    /// Watches for messages, if the master sends some, to a process with these workers, of which this is the number of
    /// the first one. Call it within a runtime.
    pub(super) fn watch(
        counters: &Arc<Counters>,
        workers: Vec<Reach>,
        first: usize,
    ) -> io::Result<Option<Self>> {
        let Some(end) = &counters.messages else {
            return Ok(None);
        };
        Ok(Some(Self {
            incoming: end.watch()?,
            end: Arc::clone(end),
            counters: Arc::clone(counters),
            workers,
            first,
        }))
    }

    /// Carries out messages on a thread of its own, so that no worker can keep the others from theirs.
    pub(super) fn start(
        counters: &Arc<Counters>,
        workers: Vec<Reach>,
        first: usize,
    ) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mailbox = {
            let _within = runtime.enter();
            Self::watch(counters, workers, first)?
        };
        if let Some(mailbox) = mailbox {
            let thread = thread::Builder::new().name("messages".into());
            thread.spawn(move || runtime.block_on(mailbox.run()))?;
        }
        Ok(())
    }

    /// Carries out messages until the master is gone.
    pub(super) async fn run(self) {
        while let Some((message, descriptors)) = self.incoming.next().await {
            match message {
                ToWorker::Total(total) => self.counters.requests.learn(total),
                ToWorker::CloseShare(share) => self.close_share(share),
                ToWorker::Serve { worker } => self.hand_on(worker, descriptors),
                ToWorker::Misbehave { worker, how } => self.misbehave(worker, how),
            }
        }
    }

    /// Lets a worker serve connections that another one has not taken in.
    fn hand_on(&self, worker: usize, connections: Vec<OwnedFd>) {
        if let Some(hand_on) = self
            .reach(worker)
            .and_then(|worker| worker.hand_on.as_ref())
        {
            for connection in connections {
                // A worker that drains has closed its end, and the master gives it nothing more.
                let _sent = hand_on.send(connection);
            }
        }
    }

    fn reach(&self, worker: usize) -> Option<&Reach> {
        self.workers.get(worker.checked_sub(self.first)?)
    }

    /// Lets a worker of this process misbehave, or no longer.
    fn misbehave(&self, worker: usize, how: Option<Misbehaviour>) {
        let Some(health) = self.counters.health.find(worker) else {
            return;
        };
        let before = health.change(how);
        let refuses = |how| how == Some(Misbehaviour::Refuse);
        if refuses(before) == refuses(how) {
            return;
        }
        let listener = self.reach(worker).and_then(|it| it.listener.upgrade());
        let outcome = listener.map_or(Ok(()), |listener| match refuses(how) {
            true => listener::stop_listening(&listener),
            false => listener::listen_again(&listener),
        });
        if let Err(error) = outcome {
            eprintln!("evenkeel: worker {worker} goes on as before: {error}");
        }
    }

    /// Lets a share of all connections end with their next answers.
    fn close_share(&self, share: Share) {
        let mut is_chosen = share.choice();
        let closing = self.workers.iter().map(|worker| &worker.connections);
        let connections = closing.map(|watch| watch.end_some(&mut is_chosen)).sum();
        // If the master does not read, it does not wait for the number.
        let _sent = self.end.send(&ToMaster::Closing { connections });
    }
}
