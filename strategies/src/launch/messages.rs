//! Messages between the master and the workers of a running fleet.
//!
//! The master and each life of a worker have a pair of Unix sockets (SOCK_SEQPACKET), and each packet is a
//! message. Nobody waits for the other side: the kernel keeps some hundred messages for each socket, and one
//! that finds no room is refused. A worker from a build up to 0.1.0 closes its end.

mod ends;
mod error;
mod inbox;
mod reader;
#[cfg(test)]
mod tests;
mod totals;
mod worker_end;

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{RecvFlags, SendFlags};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{fault::Misbehaviour, packet};
use crate::share::Share;
use crate::view::Life;

pub use error::MessageError;

pub(crate) use ends::Ends;
pub(in crate::launch) use reader::Reader;
pub(crate) use worker_end::{Incoming, WorkerEnd};

/// The name under which a worker inherits its end.
const MESSAGES: &str = "messages";

/// What the master sends to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToWorker {
    /// How many requests all workers have answered, as far as the master knows.
    Total(u64),
    /// End this share of the kept connections gracefully: the next answer on each is the last one.
    CloseShare(Share),
    /// Let this worker serve the connections that come with the message, which another one has not taken in. Only the
    /// master can send connections.
    Serve {
        /// The number of the worker.
        worker: usize,
    },
    /// From now on the worker with this number misbehaves, or no longer does. With workers that are threads, the
    /// others go on.
    Misbehave {
        /// The number of the worker.
        worker: usize,
        /// What it does wrong; `None` if nothing.
        how: Option<Misbehaviour>,
    },
}

/// What a worker sends to the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToMaster {
    /// How many requests this life has answered. A later message replaces an earlier one.
    Answered(u64),
    /// How many connections end after a [`ToWorker::CloseShare`].
    Closing {
        /// Their number.
        connections: usize,
    },
}

/// A message that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The life that has sent it. With workers that are threads, the first one speaks for all of them.
    pub from: Life,
    /// The message.
    pub message: ToMaster,
}

/// Maximum length of a message in bytes. Most take about 40.
const LONGEST: usize = 1024;

/// Sends a message, without blocking.
fn send(socket: &OwnedFd, message: &impl Serialize) -> io::Result<()> {
    packet::send(socket, message, &[], SendFlags::DONTWAIT)
}

/// A message, and the descriptors that have come with it.
type Packet<T> = (T, Vec<OwnedFd>);

/// Receives a message, without blocking. Returns `None` at the end.
fn receive<T: DeserializeOwned>(socket: &OwnedFd) -> io::Result<Option<Packet<T>>> {
    packet::receive(socket, &mut [0; LONGEST], RecvFlags::DONTWAIT)
}
