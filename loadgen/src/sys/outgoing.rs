//! What a socket has sent, and its peer has not taken (`SIOCOUTQ` in tcp(7) and unix(7)).
#![allow(unsafe_code, reason = "an ioctl on a socket")]

use std::os::fd::{AsRawFd, OwnedFd};

use nix::libc;

nix::ioctl_read_bad!(outgoing_bytes, libc::TIOCOUTQ, libc::c_int);

/// Whether all bytes that were written to the socket have arrived at the kernel of its peer while the
/// peer had the connection open. Bytes that arrive after a close are not acknowledged. A socket that
/// cannot tell has nothing outstanding.
pub(crate) fn is_acknowledged(socket: &OwnedFd) -> bool {
    let mut bytes = 0;
    // SAFETY: the call writes one int to `bytes`, which lives until it returns. TIOCOUTQ and SIOCOUTQ
    // are the same number.
    let asked = unsafe { outgoing_bytes(socket.as_raw_fd(), &raw mut bytes) };
    asked.is_err() || bytes == 0
}
