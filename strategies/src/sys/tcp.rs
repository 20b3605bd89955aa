//! How many bytes a TCP connection has transferred (tcp(7)).
#![allow(
    unsafe_code,
    reason = "no safe wrapper for the socket options TCP_INFO and SO_RCVLOWAT"
)]

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::libc::{self, socklen_t, tcp_info};

/// `TCP_CLOSE` of net/tcp_states.h.
const CLOSED: u8 = 7;

/// What a connection has transferred so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// Bytes received. The end of the stream counts as one.
    pub(crate) received: u64,
    /// Bytes written to the connection.
    pub(crate) written: u64,
    /// Whether neither side can send any more.
    pub(crate) closed: bool,
}

/// Returns what this connection has transferred.
pub(crate) fn traffic(socket: impl AsFd) -> io::Result<Traffic> {
    let mut info = MaybeUninit::<tcp_info>::zeroed();
    let mut length = size_of::<tcp_info>() as socklen_t;
    // SAFETY: the kernel writes at most `length` bytes.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    Errno::result(outcome)?;
    // SAFETY: it contains only numbers, and those that the kernel has not written are 0.
    let info = unsafe { info.assume_init() };
    let sent = info.tcpi_bytes_sent.saturating_sub(info.tcpi_bytes_retrans);
    Ok(Traffic {
        received: info.tcpi_bytes_received,
        written: sent + u64::from(info.tcpi_notsent_bytes),
        closed: info.tcpi_state == CLOSED,
    })
}

/// Makes the kernel report unread bytes again, as if they had just arrived. Setting SO_RCVLOWAT
/// (socket(7)) has this effect, even to the value that it has already.
pub(crate) fn look_again(socket: impl AsFd) -> io::Result<()> {
    let default: c_int = 1;
    // SAFETY: the option is an `int`.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const default).cast(),
            size_of::<c_int>() as socklen_t,
        )
    };
    Ok(Errno::result(outcome).map(drop)?)
}
