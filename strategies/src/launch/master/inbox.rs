//! The orders to a master.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use nix::unistd::read;

use super::changes::Order;

/// Where a master finds its orders.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) orders: Receiver<Order>,
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
