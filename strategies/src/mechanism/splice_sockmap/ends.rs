//! Waiting for the end of many connections.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;

use crate::sys::readiness;

const BATCH: usize = 64;

/// A separate epoll instance inside the runtime's. The runtime's would wake the dispatcher for every
/// arriving byte. It is one of rustix, since the runtime cannot watch nix's `Epoll`, which has no `AsRawFd`.
pub(super) struct Ends {
    epoll: AsyncFd<OwnedFd>,
    /// Waiting connections, by descriptor. A closed one stays until its number is used again.
    waiting: RefCell<HashMap<RawFd, oneshot::Sender<EventFlags>>>,
}

impl Ends {
    /// Creates the epoll instance. Call it within a runtime.
    pub(super) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self {
            epoll: readiness::watch(epoll)?,
            waiting: RefCell::default(),
        })
    }

    /// Waits until the other side of a connection has ended.
    pub(super) async fn of(&self, socket: impl AsFd) -> io::Result<()> {
        let (number, once) = (
            socket.as_fd().as_raw_fd(),
            EventFlags::RDHUP | EventFlags::ONESHOT,
        );
        let token = EventData::new_u64(number as u64);
        match epoll::add(&self.epoll, &socket, token, once) {
            // Somebody has waited for it before, and given up.
            Err(Errno::EXIST) => epoll::modify(&self.epoll, &socket, token, once)?,
            added => added?,
        }
        loop {
            let (sender, receiver) = oneshot::channel();
            self.waiting.borrow_mut().insert(number, sender);
            let flags = receiver.await.map_err(io::Error::other)?;
            match socket_error(&socket)? {
                // EPIPE does not come from the other side: the kernel tries to forward the end of
                // the opposite direction as if it were bytes, and reports that there are none. If
                // the other side breaks off after its own end, all bytes have arrived anyway.
                Ok(()) | Err(Errno::PIPE) if flags.contains(EventFlags::RDHUP) => return Ok(()),
                Ok(()) | Err(Errno::PIPE) => epoll::modify(&self.epoll, &socket, token, once)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reports ends to the waiting connections. It returns only with an error.
    pub(super) async fn run(&self) -> io::Result<Infallible> {
        let mut events: Vec<Event> = Vec::with_capacity(BATCH);
        let no_wait = Timespec::default();
        loop {
            let mut ready = self.epoll.readable().await?;
            events.clear();
            if epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&no_wait))? == 0 {
                ready.clear_ready();
            }
            for event in &events {
                // Copied, since the structure is packed.
                let (number, flags) = (event.data.u64() as RawFd, event.flags);
                if let Some(sender) = self.waiting.borrow_mut().remove(&number) {
                    // The receiver may be gone.
                    let _sent = sender.send(flags);
                }
            }
        }
    }
}
