//! The maps and the program with which the kernel forwards bytes.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::net::sockopt::socket_cookie;

use crate::dispatch::succession::take;
use crate::sys::{
    assembly::{FRAME, PSEUDO_MAP, add, address, call, copy, leave, set, store},
    bpf::{self, Instruction},
    tcp::look_again,
};

/// There are two maps, since a socket must be a known target before the kernel forwards anything to it,
/// and may become a source only after that.
pub(super) struct Maps {
    /// For the cookie of each socket, the socket that gets what it receives.
    targets: OwnedFd,
    /// Sockets by their own cookies. The program handles what they receive.
    sources: OwnedFd,
}

impl Maps {
    /// Creates maps for a number of connections, with two sockets each.
    pub(super) fn new(connections: u32) -> io::Result<Self> {
        let sockets = connections.saturating_mul(2);
        let targets = bpf::socket_hash(sockets)?;
        let sources = bpf::socket_hash(sockets)?;
        // The map keeps the program loaded, and the program keeps the map of targets.
        bpf::attach_verdict(&sources, &program(targets.as_raw_fd()))?;
        Ok(Self { targets, sources })
    }

    /// Returns the maps, for another process that forwards.
    pub(super) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        vec![self.targets.as_fd(), self.sources.as_fd()]
    }

    /// Uses the maps of another process. The program stays attached.
    pub(super) fn of_descriptors(descriptors: Vec<OwnedFd>) -> io::Result<Self> {
        let mut descriptors = descriptors.into_iter();
        Ok(Self {
            targets: take(&mut descriptors)?,
            sources: take(&mut descriptors)?,
        })
    }

    /// Makes the kernel forward what one socket receives, and has received already, to the other, until
    /// one of them is closed. Nothing may have been read from the first one before.
    ///
    /// # Errors
    /// If the maps are full, or one of the sockets has reached its end. Then nothing is forwarded.
    pub(super) fn join(&self, from: impl AsFd, to: impl AsFd) -> io::Result<()> {
        let cookie = socket_cookie(&from)?;
        bpf::put_socket(&self.targets, cookie, to)?;
        bpf::put_socket(&self.sources, cookie, &from)?;
        look_again(from)
    }
}

// Helpers of linux/bpf.h.
const SOCKET_COOKIE: i32 = 46;
const REDIRECT_BY_HASH: i32 = 72;

/// Offset of the socket's cookie in the stack frame.
const COOKIE: i16 = -8;

/// Redirects what a socket has received to the socket in the map of targets. If that is gone, the bytes
/// are dropped.
fn program(targets: RawFd) -> [Instruction; 11] {
    const CONTEXT: u8 = 6;
    let [low, high] = address(2, PSEUDO_MAP, targets);
    [
        copy(CONTEXT, 1),
        call(SOCKET_COOKIE),
        store(FRAME, 0, COOKIE),
        copy(1, CONTEXT),
        low,
        high,
        copy(3, FRAME),
        add(3, COOKIE as i32),
        set(4, 0),
        call(REDIRECT_BY_HASH),
        leave(),
    ]
}
