//! Membership: how dispatchers learn that workers come and go while they run.
//!
//! The master and each dispatcher have a pair of Unix sockets (SOCK_SEQPACKET). Each packet of the master is
//! a [`Message`], and may carry a descriptor (SCM_RIGHTS). The dispatcher answers it when it has carried it
//! out. A dispatcher without such a socket, from a master of 0.1.0, keeps the workers that it starts with.

mod dispatchers;
mod inbox;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::net::{RecvFlags, SendFlags};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::packet;
use crate::view::Life;

pub(crate) use dispatchers::Dispatchers;
pub(crate) use inbox::{Inbox, Requests, lacks, no_place};

/// The name under which a dispatcher inherits its end.
pub(crate) const MEMBERSHIP: &str = "membership";

/// The name under which the successor of a dispatcher inherits its end of the socket to its predecessor.
pub(crate) const PREDECESSOR: &str = "predecessor";

/// What the master tells a dispatcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Message {
    /// From now on this worker may be picked. An earlier one in its place gets nothing new.
    Admit {
        life: Life,
        /// Its address, if dispatchers connect to workers. Otherwise the packet carries the dispatcher's end
        /// of the channel.
        upstream: Option<SocketAddr>,
    },
    /// From now on this worker gets nothing new. It is carried out when nothing is on its way there. If the packet
    /// carries the worker's end of the channel, what the worker has not taken in goes to others.
    Retire { life: Life },
    /// Until it resumes, this worker gets nothing new. If the packet carries the worker's end of the channel, what
    /// the worker has not taken in goes to others.
    Suspend { life: Life },
    /// This worker gets something again.
    Resume { life: Life },
    /// No worker is left, and none will come unless one is admitted. So nothing is to wait for one.
    Deserted,
    /// From now on the successor at the other end of the socket in this packet dispatches. It is carried out
    /// when the successor has taken over. Then this dispatcher finishes what it has kept, and ends.
    HandOver { drain_within: Duration },
}

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admit { life, .. } => write!(f, "admit {life}"),
            Self::Retire { life } => write!(f, "retire {life}"),
            Self::Suspend { life } => write!(f, "suspend {life}"),
            Self::Resume { life } => write!(f, "resume {life}"),
            Self::Deserted => f.write_str("give up waiting for workers"),
            Self::HandOver { .. } => f.write_str("hand over to its successor"),
        }
    }
}

/// What a dispatcher answers.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    /// The message, since an answer may come when the master no longer waits for it.
    to: Message,
    /// Why it could not be carried out.
    failed: Option<String>,
}

/// Maximum length of a packet in bytes. A message takes about 150, and a reason why it failed a line more.
const PACKET: usize = 4096;

/// Sends a packet, without blocking.
fn send(socket: &OwnedFd, what: &impl Serialize, descriptor: Option<&OwnedFd>) -> io::Result<()> {
    let descriptors = descriptor.map(AsFd::as_fd);
    packet::send(socket, what, descriptors.as_slice(), SendFlags::DONTWAIT)
}

/// Receives a packet, without blocking. Returns `None` at the end.
fn receive<T: DeserializeOwned>(socket: &OwnedFd) -> io::Result<Option<(T, Option<OwnedFd>)>> {
    let received = packet::receive(socket, &mut [0; PACKET], RecvFlags::DONTWAIT)?;
    Ok(received.map(|(what, descriptors)| (what, descriptors.into_iter().next())))
}
