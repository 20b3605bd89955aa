//! What a dispatcher knows of its workers, and its channels to them.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::epoll::{self, EventData, EventFlags};

use super::connection::Connection;
use crate::dispatch::channel::{HandOff, MOST_IN_A_MESSAGE, Sender};
use crate::policy::FeedbackMode;
use crate::view::{Scoreboard, Workers};

/// The workers, as a policy sees them, and the way to each.
pub(super) struct WorkerChannels {
    /// `None` once the worker is gone.
    channels: Vec<Option<Sender>>,
    /// What each is given and not sent yet: a message at most.
    given: Vec<Vec<Connection>>,
    /// Those who are given something, each once.
    receivers: Vec<usize>,
    workers: Workers,
    scoreboard: Scoreboard,
    feedback: FeedbackMode,
    /// Whether connections wait here for a worker to become free.
    waiting: bool,
}

impl WorkerChannels {
    /// Workers by their channels, in the order of their numbers.
    pub(super) fn new(
        channels: impl Iterator<Item = Sender>,
        scoreboard: Scoreboard,
        feedback: FeedbackMode,
    ) -> Self {
        let message = |_| Vec::with_capacity(MOST_IN_A_MESSAGE);
        Self {
            channels: channels.map(Some).collect(),
            given: (0..scoreboard.workers()).map(message).collect(),
            receivers: Vec::with_capacity(scoreboard.workers()),
            workers: Workers::with_scoreboard(scoreboard.clone()),
            scoreboard,
            feedback,
            waiting: false,
        }
    }

    /// Has `epoll` tell of acknowledgements and of the end of each worker, under a token.
    pub(super) fn watch(&self, epoll: &OwnedFd, token: impl Fn(usize) -> u64) -> io::Result<()> {
        for (worker, channel) in self.channels.iter().enumerate() {
            if let Some(channel) = channel {
                epoll::add(
                    epoll,
                    channel,
                    EventData::new_u64(token(worker)),
                    EventFlags::IN,
                )?;
            }
        }
        Ok(())
    }

    /// The workers at this moment.
    pub(super) fn workers(&mut self) -> &mut Workers {
        &mut self.workers
    }

    /// Whether no worker is left.
    pub(super) fn all_gone(&self) -> bool {
        self.channels.iter().all(Option::is_none)
    }

    /// Gives a connection to a worker, which counts it from now on and gets it with the next
    /// message. Whether that is full, and has to be sent before the worker is given more.
    pub(super) fn give(&mut self, worker: usize, connection: Connection) -> bool {
        self.scoreboard.slot(worker).assign();
        if self.feedback == FeedbackMode::OnAccept {
            self.workers.begin(worker);
        }
        let given = &mut self.given[worker];
        if given.is_empty() {
            self.receivers.push(worker);
        }
        given.push(connection);
        given.len() == MOST_IN_A_MESSAGE
    }

    /// A worker that is given something and has not been sent it.
    pub(super) fn receiver(&self) -> Option<usize> {
        self.receivers.last().copied()
    }

    /// Sends a worker what it is given. If that fails, the worker is unavailable from then on, for
    /// good if it is gone, until its channel has room if that is full; and what it was given goes
    /// before those that wait.
    pub(super) fn send(&mut self, worker: usize, waiting: &mut VecDeque<Connection>) -> HandOff {
        self.receivers.retain(|receiver| *receiver != worker);
        let outcome = self.try_send(worker);
        let given = &mut self.given[worker];
        if outcome == HandOff::Sent {
            // Which closes this process's descriptors of them.
            given.clear();
            return outcome;
        }
        if self.feedback == FeedbackMode::OnAccept {
            self.workers.end(worker, given.len() as u32);
        }
        for connection in given.drain(..).rev() {
            self.scoreboard.slot(worker).unassign();
            waiting.push_front(connection);
        }
        match outcome {
            HandOff::Gone => self.strike_off(worker),
            _ => drop(self.workers.set_available(worker, false)),
        }
        outcome
    }

    fn try_send(&self, worker: usize) -> HandOff {
        let given = &self.given[worker];
        let (Some(channel), Some(first)) = (&self.channels[worker], given.first()) else {
            return HandOff::Gone;
        };
        let mut descriptors = [first.socket.as_fd(); MOST_IN_A_MESSAGE];
        for (descriptor, connection) in descriptors.iter_mut().zip(given) {
            *descriptor = connection.socket.as_fd();
        }
        channel.send(&descriptors[..given.len()])
    }

    /// The channel as something to watch, while the worker is there.
    pub(super) fn channel(&self, worker: usize) -> Option<&Sender> {
        self.channels[worker].as_ref()
    }

    /// The worker's channel has room again.
    pub(super) fn has_room(&mut self, worker: usize) {
        let available = self.channels[worker].is_some();
        self.workers.set_available(worker, available);
    }

    /// Takes in what a worker has acknowledged.
    pub(super) fn take_acknowledgements(&mut self, worker: usize) {
        let Some(channel) = &self.channels[worker] else {
            return;
        };
        let count = channel.acknowledgements();
        if count > 0 {
            self.workers.end(worker, count);
        }
    }

    /// Has workers ring when they have answered what they were given, or no longer. Whether that
    /// is a change: then what was answered before can be seen from now on, so whoever waits looks
    /// once more.
    pub(super) fn wait_for_answers(&mut self, waiting: bool) -> bool {
        let changes = self.feedback == FeedbackMode::OnAnswer && self.waiting != waiting;
        if changes {
            self.waiting = waiting;
            self.scoreboard.wait(waiting);
        }
        changes
    }

    /// The worker is gone. Closing the channel also ends its being watched.
    pub(super) fn strike_off(&mut self, worker: usize) {
        self.channels[worker] = None;
        self.workers.set_available(worker, false);
    }
}
