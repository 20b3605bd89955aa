//! The way to a master from other threads.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::{read, write};

use super::change::{Change, ChangeError};
use super::{changes::Order, thread::MasterThread};

/// A running master. Dropping it ends its thread, but no process.
#[derive(Debug)]
pub(in crate::launch) struct Master {
    /// `None` once the thread is to end. A mutex, so that changes from several threads keep their order.
    orders: Option<Mutex<Sender<Order>>>,
    wake_up: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

/// Where a master finds its orders.
#[derive(Debug)]
pub(super) struct Inbox {
    orders: Receiver<Order>,
    /// Readable when there may be an order, or the master is to end.
    pub(super) wake_up: Arc<OwnedFd>,
}

impl Inbox {
    /// Returns all new orders, and makes the wake_up silent. It fails if the master is to end.
    pub(super) fn take(&self) -> Result<Vec<Order>, TryRecvError> {
        // It fails if the wake_up is silent already.
        let _read = read(&*self.wake_up, &mut [0; 8]);
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
    pub(in crate::launch) fn start(master: MasterThread) -> io::Result<Self> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let wake_up: Arc<OwnedFd> = Arc::new(EventFd::from_flags(flags)?.into());
        let (sender, orders) = mpsc::channel();
        let inbox = Inbox {
            orders,
            wake_up: Arc::clone(&wake_up),
        };
        let thread = std::thread::Builder::new()
            .name("master".into())
            .spawn(move || master.run(&inbox))?;
        Ok(Self {
            orders: Some(Mutex::new(sender)),
            wake_up,
            thread: Some(thread),
        })
    }

    /// Carries out a change, and returns when it is complete.
    pub(in crate::launch) fn change(&self, change: &Change) -> Result<(), ChangeError> {
        let (outcome, answer) = mpsc::sync_channel(1);
        self.order(Order::Make(change.clone(), outcome));
        // It fails if the master ends or abandons the change.
        answer.recv().map_err(|_gone| ChangeError::Abandoned)?
    }

    /// Ends all changes as soon as what has begun in a place is complete.
    pub(in crate::launch) fn abandon_changes(&self) {
        self.order(Order::Abandon);
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
            // It fails only if the thread of the master is gone.
            let _sent = orders.send(order);
        }
        self.ring();
    }

    fn ring(&self) {
        // It fails only if the counter overflows, and then the wake_up rings anyway.
        let _written = write(&*self.wake_up, &1_u64.to_ne_bytes());
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.orders = None;
        self.ring();
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
