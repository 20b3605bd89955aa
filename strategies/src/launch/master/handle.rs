//! The way to a master from other threads.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::write;

use super::change::{Change, ChangeError};
use super::{changes::Order, inbox::Inbox, thread::MasterThread};
use crate::launch::control::ParentControl;

/// A running master. Dropping it ends its thread, but no process.
#[derive(Debug)]
pub(in crate::launch) struct Master {
    /// `None` once the thread is to end. A mutex, so that changes from several threads keep their order.
    orders: Option<Mutex<Sender<Order>>>,
    wake_up: Arc<OwnedFd>,
    thread: Option<JoinHandle<Vec<ParentControl>>>,
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

    /// Ends its thread. Returns the control channels of the dispatchers.
    pub(in crate::launch) fn end(mut self) -> Vec<ParentControl> {
        self.end_thread()
    }

    fn end_thread(&mut self) -> Vec<ParentControl> {
        self.orders = None;
        self.ring();
        let ended = self.thread.take().map(JoinHandle::join);
        ended.and_then(Result::ok).unwrap_or_default()
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
        self.end_thread();
    }
}
