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
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::cmsg_space;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::view::Life;

pub(crate) use dispatchers::Dispatchers;
pub(crate) use inbox::{Inbox, Requests, lacks, no_place};

/// The name under which a dispatcher inherits its end.
pub(crate) const MEMBERSHIP: &str = "membership";

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
    /// From now on this worker gets nothing new. It is carried out when nothing is on its way there.
    Retire { life: Life },
}

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admit { life, .. } => write!(f, "admit {life}"),
            Self::Retire { life } => write!(f, "retire {life}"),
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

/// Creates a pair of ends.
pub(in crate::launch) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (family, kind) = (AddressFamily::UNIX, SocketType::SEQPACKET);
    Ok(rustix::net::socketpair(family, kind, flags, None)?)
}

/// Maximum length of a packet in bytes. A message takes about 150, and a reason why it failed a line more.
const PACKET: usize = 4096;

const DESCRIPTOR_BYTES: usize = cmsg_space!(ScmRights(1));

/// Sends a packet, without blocking. It uses rustix, as channels do, since nix returns descriptors as bare
/// numbers.
pub(in crate::launch) fn send(
    socket: &OwnedFd,
    what: &impl Serialize,
    descriptor: Option<&OwnedFd>,
) -> io::Result<()> {
    let packet = serde_json::to_vec(what).map_err(io::Error::other)?;
    let descriptors = descriptor.map(AsFd::as_fd);
    let mut space = [MaybeUninit::uninit(); DESCRIPTOR_BYTES];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if descriptors.is_some() {
        control.push(SendAncillaryMessage::ScmRights(descriptors.as_slice()));
    }
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    rustix::net::sendmsg(socket, &[IoSlice::new(&packet)], &mut control, flags)?;
    Ok(())
}

/// Receives a packet, without blocking. Returns `None` at the end.
pub(in crate::launch) fn receive<T: DeserializeOwned>(
    socket: &OwnedFd,
) -> io::Result<Option<(T, Option<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); DESCRIPTOR_BYTES];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut packet = [0; PACKET];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let mut buffers = [IoSliceMut::new(&mut packet)];
    let received = rustix::net::recvmsg(socket, &mut buffers, &mut control, flags)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    if received.flags.contains(ReturnFlags::TRUNC) {
        return Err(ErrorKind::InvalidData.into());
    }
    let descriptors = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptor = descriptors.flatten().next();
    Ok(Some((
        serde_json::from_slice(&packet[..received.bytes])?,
        descriptor,
    )))
}
