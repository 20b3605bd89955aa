//! Workers that come and go: what the master tells the dispatcher.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use nix::sys::epoll::{EpollEvent, EpollFlags};

use super::dispatcher::{Dispatcher, token};
use crate::dispatch::channel::{self, Sender};
use crate::launch::membership::{Message, lacks, no_place};
use crate::view::Life;

impl Dispatcher {
    /// Carries out the messages of the master that have arrived. Call it at the end of a turn: every batch is
    /// sent then, so nothing is on its way to a worker that retires, and no event waits to be handled.
    pub(super) fn carry_out_messages(&mut self) -> io::Result<()> {
        let Some(inbox) = self.membership.take() else {
            return Ok(());
        };
        loop {
            match inbox.next() {
                Ok(Some((message, descriptor))) => {
                    let outcome = self.carry_out(&message, descriptor);
                    if !self.is_succeeded {
                        // Connections may have waited for a worker that is there now.
                        self.deliver()?;
                    }
                    inbox.answer(message, outcome);
                }
                // The master is gone.
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.membership = Some(inbox);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn carry_out(&mut self, message: &Message, descriptor: Option<OwnedFd>) -> io::Result<()> {
        match *message {
            Message::Admit { life, .. } => {
                let channel = descriptor.ok_or_else(|| lacks("a channel"))?;
                self.admit_worker(life, Sender::new(channel))
            }
            Message::Retire { life } => {
                if let Some(workers_end) = descriptor {
                    self.rescue(life, &workers_end)?;
                }
                self.retire_worker(life)
            }
            Message::Suspend { life } => self.suspend_worker(life, descriptor.as_ref()),
            Message::Resume { life } => {
                self.channels.suspend(life, false);
                Ok(())
            }
            Message::Deserted => {
                self.is_deserted = true;
                Ok(())
            }
            Message::HandOver { .. } => {
                self.hand_over(descriptor.ok_or_else(|| lacks("a successor"))?)
            }
        }
    }

    fn retire_worker(&mut self, life: Life) -> io::Result<()> {
        self.check_place(life)?;
        if life == self.channels.life(life.place) {
            // What it acknowledges from now on does not matter, only its end does.
            self.watch_worker(life.place, EpollFlags::empty())?;
            self.channels.retire(life);
        }
        // Otherwise it gets nothing already.
        Ok(())
    }

    /// Gives nothing to a worker until it resumes.
    fn suspend_worker(&mut self, life: Life, workers_end: Option<&OwnedFd>) -> io::Result<()> {
        self.check_place(life)?;
        self.channels.suspend(life, true);
        workers_end.map_or(Ok(()), |end| self.rescue(life, end))
    }

    /// Takes back what is in the channel to a worker, before all that waits.
    fn rescue(&mut self, life: Life, workers_end: &OwnedFd) -> io::Result<()> {
        let mut sockets = VecDeque::new();
        let outcome = channel::take_back(workers_end, self.room(), &mut sockets);
        self.channels.rescued(life, sockets.len() as u32);
        for socket in sockets.into_iter().rev() {
            let connection = self.arrived_again(socket);
            self.waiting.push_front(connection);
        }
        outcome
    }

    fn check_place(&mut self, life: Life) -> io::Result<()> {
        let has_place = life.place < self.channels.workers().count();
        has_place.then_some(()).ok_or_else(|| no_place(life))
    }

    pub(super) fn admit_worker(&mut self, life: Life, channel: Sender) -> io::Result<()> {
        self.check_place(life)?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token(life));
        self.epoll.add(&channel, event)?;
        self.watch_worker(life.place, EpollFlags::empty())?;
        self.channels.admit(life, channel);
        self.is_deserted = false;
        self.policy.replaced(life.place);
        Ok(())
    }
}
