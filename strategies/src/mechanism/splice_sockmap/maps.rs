//! The maps by which the kernel knows what goes where.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};

use rustix::net::sockopt::socket_cookie;

use crate::sys::{
    assembly::{FRAME, PSEUDO_MAP, add, address, call, copy, leave, set, store},
    bpf::{self, Instruction},
    tcp::look_again,
};

/// Two maps rather than one: a socket must be known as where something goes to before anything
/// goes there, and as where it comes from only then.
pub(super) struct Maps {
    /// By the number of each socket the one that gets what it receives.
    targets: OwnedFd,
    /// Sockets by their own numbers. What they receive is judged by the program.
    sources: OwnedFd,
}

impl Maps {
    /// For so many connections that pass through, each of two sockets.
    ///
    /// # Errors
    /// Where the kernel does not let this process have such maps, or the program.
    pub(super) fn new(connections: u32) -> io::Result<Self> {
        let sockets = connections.saturating_mul(2);
        let targets = bpf::socket_hash(sockets)?;
        let sources = bpf::socket_hash(sockets)?;
        // The map holds the program, and the program holds the map of the targets.
        bpf::attach_verdict(&sources, &program(targets.as_raw_fd()))?;
        Ok(Self { targets, sources })
    }

    /// Has the kernel pass on what comes by the one socket, and what has come already, to the
    /// other, until one of them is closed. Nobody must have read from the first one before.
    ///
    /// # Errors
    /// Nothing is passed on where there is no room, or one of the sockets has reached its end.
    pub(super) fn join(&self, from: impl AsFd, to: impl AsFd) -> io::Result<()> {
        let number = socket_cookie(&from)?;
        bpf::put_socket(&self.targets, number, to)?;
        bpf::put_socket(&self.sources, number, &from)?;
        look_again(from)
    }
}

// Of the helpers of linux/bpf.h.
const SOCKET_COOKIE: i32 = 46;
const REDIRECT_BY_HASH: i32 = 72;

/// Place of the socket's number in the frame.
const NUMBER: i16 = -8;

/// Gives what a socket has received to the one that stands beside its number. Where there is
/// none any more nobody waits for it, and it is dropped.
fn program(targets: RawFd) -> [Instruction; 11] {
    const CONTEXT: u8 = 6;
    let [low, high] = address(2, PSEUDO_MAP, targets);
    [
        copy(CONTEXT, 1),
        call(SOCKET_COOKIE),
        store(FRAME, 0, NUMBER),
        copy(1, CONTEXT),
        low,
        high,
        copy(3, FRAME),
        add(3, NUMBER as i32),
        set(4, 0),
        call(REDIRECT_BY_HASH),
        leave(),
    ]
}
