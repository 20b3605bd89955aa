//! Options of TCP sockets (socket(7), tcp(7)).
#![allow(unsafe_code, reason = "socket options without a safe wrapper")]

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, socklen_t, tcp_info};

/// `TCP_CLOSE` of net/tcp_states.h.
const CLOSED: u8 = 7;

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
    set_option(socket, libc::SOL_SOCKET, libc::SO_RCVLOWAT, 1)
}

/// Keeps connections of the listener in the kernel while their clients are silent, for at most about
/// `limit` (whole seconds). Then they are accepted anyway (tcp(7)).
pub(crate) fn defer_accept(listener: impl AsFd, limit: Duration) -> io::Result<()> {
    let seconds = limit.as_secs() as c_int;
    set_option(listener, libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, seconds)
}

/// Makes the kernel take no more bytes of a connection while more than this number are not sent yet (tcp(7)
/// has no entry; see `tcp_notsent_lowat` of the kernel's ip-sysctl). Accepted sockets inherit it.
pub(crate) fn limit_unsent(socket: impl AsFd, bytes: u32) -> io::Result<()> {
    let bytes = c_int::try_from(bytes).unwrap_or(c_int::MAX);
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, bytes)
}

/// Sets a socket option whose value is an `int`.
pub(super) fn set_option(
    socket: impl AsFd,
    level: c_int,
    option: c_int,
    value: c_int,
) -> io::Result<()> {
    // SAFETY: the kernel reads an `int` that lives, whatever the option.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            option,
            (&raw const value).cast(),
            size_of::<c_int>() as socklen_t,
        )
    };
    Ok(Errno::result(outcome).map(drop)?)
}
