//! A connection on its way through the dispatcher.

use std::os::fd::OwnedFd;

use crate::policy::Arrival;

pub(super) struct Connection {
    pub(super) socket: OwnedFd,
    pub(super) arrival: Arrival,
}
