//! Who of many is told by the other side that it has ended.

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

/// Ends that are told at a time.
const BATCH: usize = 64;

/// An epoll instance of its own within the runtime's, since that one would wake the dispatcher
/// for every byte that comes.
pub(super) struct Ends {
    epoll: AsyncFd<OwnedFd>,
    /// Those who wait, by their descriptors. One that was closed meanwhile stays until its number
    /// is given anew.
    waiting: RefCell<HashMap<RawFd, oneshot::Sender<EventFlags>>>,
}

impl Ends {
    /// To be called within a runtime.
    pub(super) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self {
            epoll: readiness::watch(epoll)?,
            waiting: RefCell::default(),
        })
    }

    /// Waits until the other side of that connection has ended.
    ///
    /// # Errors
    /// If it has broken off.
    pub(super) async fn of(&self, socket: impl AsFd) -> io::Result<()> {
        let (number, once) = (
            socket.as_fd().as_raw_fd(),
            EventFlags::RDHUP | EventFlags::ONESHOT,
        );
        let token = EventData::new_u64(number as u64);
        epoll::add(&self.epoll, &socket, token, once)?;
        loop {
            let (tell, told) = oneshot::channel();
            self.waiting.borrow_mut().insert(number, tell);
            let flags = told.await.map_err(io::Error::other)?;
            match socket_error(&socket)? {
                // Not of the other side's making: the kernel tries to pass on the end of the way
                // to here as if it were bytes, finds none, and takes that for an error. Whoever
                // breaks off behind an end of its own makes the same, which has all come.
                Ok(()) | Err(Errno::PIPE) if flags.contains(EventFlags::RDHUP) => return Ok(()),
                Ok(()) | Err(Errno::PIPE) => epoll::modify(&self.epoll, &socket, token, once)?,
                Err(broken_off) => return Err(broken_off.into()),
            }
        }
    }

    /// Tells them, for ever.
    ///
    /// # Errors
    /// If the kernel refuses something unforeseen.
    pub(super) async fn tell(&self) -> io::Result<Infallible> {
        let mut events: Vec<Event> = Vec::with_capacity(BATCH);
        let at_once = Timespec::default();
        loop {
            let mut ready = self.epoll.readable().await?;
            events.clear();
            if epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&at_once))? == 0 {
                ready.clear_ready();
            }
            for event in &events {
                // Copied, as the structure is packed.
                let (number, flags) = (event.data.u64() as RawFd, event.flags);
                if let Some(tell) = self.waiting.borrow_mut().remove(&number) {
                    // Whoever does not wait any more need not be told.
                    let _told = tell.send(flags);
                }
            }
        }
    }
}
