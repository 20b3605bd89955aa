//! Workers that come and go: what the master tells the dispatcher.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use nix::sys::epoll::{EpollEvent, EpollFlags};

use super::dispatcher::{Dispatcher, token};
use crate::dispatch::channel::Sender;
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
                Ok(Some((message, channel))) => {
                    let outcome = self.carry_out(&message, channel);
                    // Connections may have waited for a worker that is there now.
                    self.deliver()?;
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

    fn carry_out(&mut self, message: &Message, channel: Option<OwnedFd>) -> io::Result<()> {
        let (Message::Admit { life, .. } | Message::Retire { life }) = *message;
        if life.place >= self.channels.workers().count() {
            return Err(no_place(life));
        }
        match message {
            Message::Admit { .. } => {
                let channel = channel.ok_or_else(|| lacks("a channel"))?;
                self.admit_worker(life, Sender::new(channel))
            }
            Message::Retire { .. } if life == self.channels.life(life.place) => {
                // What it acknowledges from now on does not matter, only its end does.
                self.watch_worker(life.place, EpollFlags::empty())?;
                self.channels.retire(life);
                Ok(())
            }
            // It gets nothing already.
            Message::Retire { .. } => Ok(()),
        }
    }

    fn admit_worker(&mut self, life: Life, channel: Sender) -> io::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token(life));
        self.epoll.add(&channel, event)?;
        self.watch_worker(life.place, EpollFlags::empty())?;
        self.channels.admit(life, channel);
        self.policy.replaced(life.place);
        Ok(())
    }
}
