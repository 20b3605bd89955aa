//! What a dispatcher knows of its workers, and its channels to them.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::epoll::{self, EventData, EventFlags};

use crate::channel::{HandOff, Sender};
use crate::policy::WorkerLoad;
use crate::scoreboard::Scoreboard;

/// The workers, as a policy sees them, and the way to each.
pub(crate) struct Roster {
    /// `None` once the worker is gone.
    channels: Vec<Option<Sender>>,
    loads: Vec<WorkerLoad>,
    scoreboard: Scoreboard,
    /// Whether workers acknowledge hand-offs.
    acknowledged: bool,
    /// All acknowledgements so far: the next one's place in their order.
    acknowledgements: u64,
}

impl Roster {
    /// Workers by their channels, in the order of their numbers.
    pub(crate) fn new(
        channels: impl Iterator<Item = Sender>,
        scoreboard: Scoreboard,
        acknowledged: bool,
    ) -> Self {
        let fresh = WorkerLoad {
            available: true,
            ..WorkerLoad::default()
        };
        let channels: Vec<_> = channels.map(Some).collect();
        Self {
            loads: vec![fresh; channels.len()],
            channels,
            scoreboard,
            acknowledged,
            acknowledgements: 0,
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

    /// The state of all workers at this moment.
    pub(crate) fn loads(&mut self) -> &[WorkerLoad] {
        for (worker, load) in self.loads.iter_mut().enumerate() {
            let slot = self.scoreboard.slot(worker);
            load.connections_open = slot.connections_open() as u32;
            load.requests_in_flight = slot.requests_in_flight() as u32;
        }
        &self.loads
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
            HandOff::Sent => self.loads[worker].unacknowledged += u32::from(self.acknowledged),
            HandOff::Full | HandOff::Gone => {
                slot.unassign();
                self.loads[worker].available = false;
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
        self.loads[worker].available = self.channels[worker].is_some();
    }

    /// Takes in what a worker has acknowledged.
    pub(crate) fn take_acknowledgements(&mut self, worker: usize) {
        let Some(channel) = &self.channels[worker] else {
            return;
        };
        let count = channel.acknowledgements();
        if count > 0 {
            self.acknowledgements += 1;
            let load = &mut self.loads[worker];
            load.unacknowledged = load.unacknowledged.saturating_sub(count);
            load.acknowledged_at = self.acknowledgements;
        }
    }

    /// The worker is gone. Closing the channel also ends its being watched.
    pub(crate) fn strike_off(&mut self, worker: usize) {
        self.channels[worker] = None;
        self.loads[worker].available = false;
    }
}
