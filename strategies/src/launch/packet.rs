//! Packets between two processes of a fleet: a value as JSON, with descriptors (SCM_RIGHTS), over a pair of
//! Unix sockets (SOCK_SEQPACKET). It uses rustix, as channels do, since nix returns descriptors as bare numbers.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::cmsg_space;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Maximum number of descriptors in a packet: two sockets and two pipes.
const DESCRIPTORS: usize = 6;

const DESCRIPTOR_BYTES: usize = cmsg_space!(ScmRights(DESCRIPTORS));

/// Creates a pair of ends.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    let (family, kind) = (AddressFamily::UNIX, SocketType::SEQPACKET);
    Ok(rustix::net::socketpair(family, kind, flags, None)?)
}

/// Sends a packet. With [`SendFlags::DONTWAIT`] it does not block.
pub(crate) fn send(
    socket: &OwnedFd,
    what: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
    flags: SendFlags,
) -> io::Result<()> {
    let packet = serde_json::to_vec(what).map_err(io::Error::other)?;
    let mut space = [MaybeUninit::uninit(); DESCRIPTOR_BYTES];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let flags = flags | SendFlags::NOSIGNAL;
    rustix::net::sendmsg(socket, &[IoSlice::new(&packet)], &mut control, flags)?;
    Ok(())
}

/// Receives a packet, by way of a buffer. With [`RecvFlags::DONTWAIT`] it does not block. Returns `None` at the
/// end.
///
/// # Errors
/// Also if the packet is longer than the buffer, or this process has too few free descriptors for those in it.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: &OwnedFd,
    buffer: &mut [u8],
    flags: RecvFlags,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); DESCRIPTOR_BYTES];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut buffers = [IoSliceMut::new(buffer)];
    let flags = flags | RecvFlags::CMSG_CLOEXEC;
    let received = rustix::net::recvmsg(socket, &mut buffers, &mut control, flags)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    if (received.flags).intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            "a packet was too long, or there were too few free descriptors for it",
        ));
    }
    let descriptors = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    let descriptors = descriptors.flatten().collect();
    let what = serde_json::from_slice(&buffer[..received.bytes])?;
    Ok(Some((what, descriptors)))
}
