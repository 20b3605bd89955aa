//! What a dispatcher knows of its workers, and its channels to them.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::epoll::{self, EventData, EventFlags};

use crate::channel::{HandOff, Sender};
use crate::policy::Tells;
use crate::scoreboard::Scoreboard;
use crate::workers::Workers;

/// The workers, as a policy sees them, and the way to each.
pub(crate) struct Roster {
    /// `None` once the worker is gone.
    channels: Vec<Option<Sender>>,
    workers: Workers,
    scoreboard: Scoreboard,
    tells: Tells,
    /// Whether connections wait here for a worker to become free.
    waiting: bool,
}

impl Roster {
    /// Workers by their channels, in the order of their numbers.
    pub(crate) fn new(
        channels: impl Iterator<Item = Sender>,
        scoreboard: Scoreboard,
        tells: Tells,
    ) -> Self {
        Self {
            channels: channels.map(Some).collect(),
            workers: Workers::counted_on(scoreboard.clone()),
            scoreboard,
            tells,
            waiting: false,
        }
    }

    /// Has `epoll` tell of acknowledgements and of the end of each worker, under a token.
    pub(crate) fn watch(&self, epoll: &OwnedFd, token: impl Fn(usize) -> u64) -> io::Result<()> {
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
    pub(crate) fn workers(&mut self) -> &mut Workers {
        &mut self.workers
    }

    /// Whether no worker is left.
    pub(crate) fn all_gone(&self) -> bool {
        self.channels.iter().all(Option::is_none)
    }

    /// Hands a connection to a worker. If that fails, the worker is unavailable from then on:
    /// for good if it is gone, until its channel has room if that is full.
    pub(crate) fn hand_over(&mut self, worker: usize, connection: BorrowedFd<'_>) -> HandOff {
        let slot = self.scoreboard.slot(worker);
        let Some(channel) = &self.channels[worker] else {
            return HandOff::Gone;
        };
        // The worker may take it in before `send` is back, so it is counted before.
        slot.assign();
        let outcome = channel.send(connection);
        match outcome {
            HandOff::Sent if self.tells == Tells::Intake => self.workers.begin(worker),
            HandOff::Sent => {}
            HandOff::Full | HandOff::Gone => {
                slot.unassign();
                self.workers.set_available(worker, false);
            }
        }
        if outcome == HandOff::Gone {
            self.strike_off(worker);
        }
        outcome
    }

    /// The channel as something to watch, while the worker is there.
    pub(crate) fn channel(&self, worker: usize) -> Option<&Sender> {
        self.channels[worker].as_ref()
    }

    /// The worker's channel has room again.
    pub(crate) fn has_room(&mut self, worker: usize) {
        let available = self.channels[worker].is_some();
        self.workers.set_available(worker, available);
    }

    /// Takes in what a worker has acknowledged.
    pub(crate) fn take_acknowledgements(&mut self, worker: usize) {
        let Some(channel) = &self.channels[worker] else {
            return;
        };
        let count = channel.acknowledgements();
        if count > 0 {
            self.workers.end(worker, count);
        }
    }

    /// Has workers ring when they have answered what they were given, or no longer. What was
    /// answered before can be seen after this call, so whoever waits looks once more.
    pub(crate) fn wait_for_answers(&mut self, waiting: bool) {
        if self.tells == Tells::Answer && self.waiting != waiting {
            self.waiting = waiting;
            self.scoreboard.wait(waiting);
        }
    }

    /// The worker is gone. Closing the channel also ends its being watched.
    pub(crate) fn strike_off(&mut self, worker: usize) {
        self.channels[worker] = None;
        self.workers.set_available(worker, false);
    }
}
