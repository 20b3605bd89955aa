//! A dispatcher's channels to its workers.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;

use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};

use super::connection::Connection;
use crate::dispatch::channel::{HandOff, MAX_PER_MESSAGE, Sender};
use crate::policy::FeedbackMode;
use crate::view::{Life, Reason, Scoreboard, Workers};

/// The workers as the policy sees them, and the channel to each.
pub(super) struct WorkerChannels {
    /// The channel to the worker in each place, if one is there.
    channels: Vec<Option<Sender>>,
    /// The channel to the worker that was there before, until that has ended.
    earlier: Vec<Option<Sender>>,
    /// For each worker, the connections that are not sent yet: at most one message.
    batches: Vec<Vec<Connection>>,
    /// The workers whose batch is not empty.
    receivers: Vec<usize>,
    workers: Workers,
    scoreboard: Scoreboard,
    feedback: FeedbackMode,
    /// Whether connections wait for a free worker.
    waiting: bool,
}

impl WorkerChannels {
    /// Creates it from the channels, in the order of the workers' numbers. The places after these are empty.
    pub(super) fn new(
        channels: impl Iterator<Item = Sender>,
        scoreboard: Scoreboard,
        feedback: FeedbackMode,
    ) -> Self {
        let places = scoreboard.workers();
        let message = |_| Vec::with_capacity(MAX_PER_MESSAGE);
        let mut channels: Vec<_> = channels.map(Some).collect();
        let mut workers = Workers::with_scoreboard(scoreboard.clone());
        for empty in channels.len()..places {
            workers.set_available(empty, false);
        }
        channels.resize_with(places, || None);
        Self {
            channels,
            earlier: (0..places).map(|_| None).collect(),
            batches: (0..places).map(message).collect(),
            receivers: Vec::with_capacity(places),
            workers,
            scoreboard,
            feedback,
            waiting: false,
        }
    }

    /// Makes `epoll` report acknowledgements and the end of each worker, with its token.
    pub(super) fn watch(&self, epoll: &Epoll, token: impl Fn(Life) -> u64) -> io::Result<()> {
        for (worker, channel) in self.channels.iter().enumerate() {
            if let Some(channel) = channel {
                let event = EpollEvent::new(EpollFlags::EPOLLIN, token(self.workers.life(worker)));
                epoll.add(channel, event)?;
            }
        }
        Ok(())
    }

    pub(super) fn workers(&mut self) -> &mut Workers {
        &mut self.workers
    }

    /// Returns the life in this place: the one that is there, or the next one.
    pub(super) fn life(&self, worker: usize) -> Life {
        self.workers.life(worker)
    }

    pub(super) fn all_gone(&self) -> bool {
        self.channels.iter().all(Option::is_none)
    }

    /// Adds a connection to the batch of a worker, and counts it for the worker. Returns whether the
    /// batch is full and must be sent before the next connection.
    pub(super) fn give(&mut self, worker: usize, connection: Connection) -> bool {
        self.scoreboard.life(self.workers.life(worker)).assign();
        if self.feedback == FeedbackMode::OnAccept {
            self.workers.begin(worker);
        }
        let batch = &mut self.batches[worker];
        if batch.is_empty() {
            self.receivers.push(worker);
        }
        batch.push(connection);
        batch.len() == MAX_PER_MESSAGE
    }

    /// Returns a worker whose batch is not empty.
    pub(super) fn receiver(&self) -> Option<usize> {
        self.receivers.last().copied()
    }

    /// Sends the batch of a worker. If that fails, the worker becomes unavailable, either for ever if it
    /// is gone, or until its channel has room. Its batch returns to the front of the waiting connections.
    pub(super) fn send(&mut self, worker: usize, waiting: &mut VecDeque<Connection>) -> HandOff {
        self.receivers.retain(|receiver| *receiver != worker);
        let outcome = self.try_send(worker);
        let batch = &mut self.batches[worker];
        if outcome == HandOff::Sent {
            // This closes the descriptors of this process.
            batch.clear();
            return outcome;
        }
        if self.feedback == FeedbackMode::OnAccept {
            self.workers.end(worker, batch.len() as u32);
        }
        for connection in batch.drain(..).rev() {
            self.scoreboard.life(self.workers.life(worker)).unassign();
            waiting.push_front(connection);
        }
        match outcome {
            HandOff::Gone => self.remove(worker),
            _ => drop(self.workers.set_ineligible(worker, Reason::Full, true)),
        }
        outcome
    }

    fn try_send(&self, worker: usize) -> HandOff {
        let batch = &self.batches[worker];
        let (Some(channel), Some(first)) = (&self.channels[worker], batch.first()) else {
            return HandOff::Gone;
        };
        let mut descriptors = [first.socket.as_fd(); MAX_PER_MESSAGE];
        for (descriptor, connection) in descriptors.iter_mut().zip(batch) {
            *descriptor = connection.socket.as_fd();
        }
        channel.send(&descriptors[..batch.len()])
    }

    /// Returns the workers that are there, the channel to each, and the number of connections that it has not
    /// acknowledged.
    pub(super) fn present(&self) -> impl Iterator<Item = (Life, &Sender, u32)> {
        let channels = self.channels.iter().enumerate();
        channels.filter_map(|(worker, channel)| {
            let (life, outstanding) = (self.life(worker), self.workers.outstanding(worker));
            channel.as_ref().map(|channel| (life, channel, outstanding))
        })
    }

    /// Returns the channel of a worker, unless the worker is gone.
    pub(super) fn channel(&self, worker: usize) -> Option<&Sender> {
        self.channels[worker].as_ref()
    }

    /// Makes a worker available whose channel has room again.
    pub(super) fn set_has_room(&mut self, worker: usize) {
        self.workers.set_ineligible(worker, Reason::Full, false);
    }

    pub(super) fn read_acknowledgements(&mut self, worker: usize) {
        let Some(channel) = &self.channels[worker] else {
            return;
        };
        let count = channel.acknowledgements();
        if count > 0 {
            self.workers.end(worker, count);
        }
    }

    /// Starts or stops wake-ups by workers that have answered. Returns whether that is a change. After a
    /// start, earlier answers are visible, so the caller must pick once more.
    pub(super) fn wait_for_answers(&mut self, waiting: bool) -> bool {
        let changes = self.feedback == FeedbackMode::OnAnswer && self.waiting != waiting;
        if changes {
            self.waiting = waiting;
            self.scoreboard.wait(waiting);
        }
        changes
    }

    /// Makes a worker that is in its place get nothing until it resumes, or resume.
    pub(super) fn suspend(&mut self, life: Life, applies: bool) {
        if self.life(life.place) == life {
            self.workers
                .set_ineligible(life.place, Reason::Stalled, applies);
        }
    }

    pub(super) fn is_suspended(&self, worker: usize) -> bool {
        self.workers.is_ineligible(worker, Reason::Stalled)
    }

    /// Counts connections that were taken back from the channel to a worker, and wakes it when it can receive, since
    /// what has woken it may be gone.
    pub(super) fn rescued(&mut self, life: Life, connections: u32) {
        let slot = self.scoreboard.life(life);
        slot.rescue(u64::from(connections));
        (0..connections).for_each(|_| slot.unassign());
        if self.life(life.place) != life {
            return;
        }
        if self.feedback == FeedbackMode::OnAccept && connections > 0 {
            self.workers.end(life.place, connections);
        }
        if let Some(channel) = &self.channels[life.place] {
            channel.wake();
        }
    }

    /// Removes a worker that is gone. Closing its channel also removes it from epoll.
    pub(super) fn remove(&mut self, worker: usize) {
        self.channels[worker] = None;
        self.workers.set_available(worker, false);
    }

    /// Forgets the worker that was in this place before, and is gone now.
    pub(super) fn forget_earlier(&mut self, worker: usize) {
        self.earlier[worker] = None;
    }

    /// Makes a new worker available. Call this and [`retire`](Self::retire) when every batch is sent.
    pub(super) fn admit(&mut self, life: Life, channel: Sender) {
        // A worker from before the earlier one has ended, or is about to. It can still take what is in its channel.
        self.earlier[life.place] = self.channels[life.place].replace(channel);
        self.workers.admit(life);
    }

    /// Gives nothing more to the worker that is in its place. The channel stays open until the worker has ended, so that the worker
    /// takes all that is in it.
    pub(super) fn retire(&mut self, life: Life) {
        if let Some(channel) = self.channels[life.place].take() {
            self.earlier[life.place] = Some(channel);
        }
        self.workers.retire(life);
    }
}

#[cfg(test)]
mod tests;
