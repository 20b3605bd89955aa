//! How far the bytes of a TCP connection have come (tcp(7)).
#![allow(
    unsafe_code,
    reason = "no safe wrapper knows the socket options TCP_INFO and SO_RCVLOWAT"
)]

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

use nix::errno::Errno;
use nix::libc::{self, socklen_t, tcp_info};

/// `TCP_CLOSE` of net/tcp_states.h.
const CLOSED: u8 = 7;

/// What a connection has carried so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// Bytes that have come. The end of the other side counts as one.
    pub(crate) received: u64,
    /// Bytes that were given to the connection to be sent.
    pub(crate) written: u64,
    /// Whether neither side can send any more: both have ended, or one has broken off.
    pub(crate) closed: bool,
}

/// What this connection has carried.
pub(crate) fn traffic(socket: impl AsFd) -> io::Result<Traffic> {
    let mut told = MaybeUninit::<tcp_info>::zeroed();
    let mut length = size_of::<tcp_info>() as socklen_t;
    // SAFETY: the kernel writes no more than the length that it is told.
    let outcome = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            told.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    Errno::result(outcome)?;
    // SAFETY: it is all numbers, and what the kernel has not written is 0.
    let told = unsafe { told.assume_init() };
    let sent = told.tcpi_bytes_sent.saturating_sub(told.tcpi_bytes_retrans);
    Ok(Traffic {
        received: told.tcpi_bytes_received,
        written: sent + u64::from(told.tcpi_notsent_bytes),
        closed: told.tcpi_state == CLOSED,
    })
}

/// Has the kernel look once more at what has come and nobody has taken, as if it had just come:
/// that is what setting the least number of bytes to tell of does (socket(7), SO_RCVLOWAT), to
/// what it is anyway.
pub(crate) fn look_again(socket: impl AsFd) -> io::Result<()> {
    let usual: c_int = 1;
    // SAFETY: the option is an `int`, and as long as one.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const usual).cast(),
            size_of::<c_int>() as socklen_t,
        )
    };
    Ok(Errno::result(outcome).map(drop)?)
}
