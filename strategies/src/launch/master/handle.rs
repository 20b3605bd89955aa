//! The way to a master from other threads.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::{read, write};

use super::change::{Change, ChangeError};
use super::{changes::Order, conductor::Conductor};

/// A running master. Dropping it ends its thread, but no process.
#[derive(Debug)]
pub(in crate::launch) struct Master {
    /// `None` once the thread is to end. A mutex, so that changes from several threads keep their order.
    orders: Option<Mutex<Sender<Order>>>,
    bell: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

/// Where a master finds its orders.
#[derive(Debug)]
pub(super) struct Inbox {
    orders: Receiver<Order>,
    /// Readable when there may be an order, or the master is to end.
    pub(super) bell: Arc<OwnedFd>,
}

impl Inbox {
    /// Returns all new orders, and makes the bell silent. It fails if the master is to end.
    pub(super) fn take(&self) -> Result<Vec<Order>, TryRecvError> {
        // It fails if the bell is silent already.
        let _read = read(&*self.bell, &mut [0; 8]);
        let mut orders = Vec::new();
        loop {
            match self.orders.try_recv() {
                Ok(order) => orders.push(order),
                Err(TryRecvError::Empty) => return Ok(orders),
                Err(end) => return Err(end),
            }
        }
    }
}

impl Master {
    /// Starts the thread of a master.
    pub(in crate::launch) fn start(conductor: Conductor) -> io::Result<Self> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let bell: Arc<OwnedFd> = Arc::new(EventFd::from_flags(flags)?.into());
        let (sender, orders) = mpsc::channel();
        let inbox = Inbox {
            orders,
            bell: Arc::clone(&bell),
        };
        let thread = std::thread::Builder::new()
            .name("master".into())
            .spawn(move || conductor.run(&inbox))?;
        Ok(Self {
            orders: Some(Mutex::new(sender)),
            bell,
            thread: Some(thread),
        })
    }

    /// Carries out a change, and returns when it is complete.
    pub(in crate::launch) fn change(&self, change: &Change) -> Result<(), ChangeError> {
        let (outcome, answer) = mpsc::sync_channel(1);
        let change = change.clone();
        let order = Order { change, outcome };
        let orders = self.orders.as_ref().ok_or(ChangeError::Ended)?;
        let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.send(order).map_err(|_gone| ChangeError::Ended)?;
        drop(orders);
        self.ring();
        answer.recv().map_err(|_gone| ChangeError::Ended)?
    }

    fn ring(&self) {
        // It fails only if the counter overflows, and then the bell rings anyway.
        let _written = write(&*self.bell, &1_u64.to_ne_bytes());
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.orders = None;
        self.ring();
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
