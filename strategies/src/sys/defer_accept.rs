//! Accepting a connection only when its client has sent something.
#![allow(
    unsafe_code,
    reason = "no safe wrapper knows the socket option TCP_DEFER_ACCEPT"
)]

use std::ffi::c_int;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;

/// Keeps connections of the listener in the kernel while their clients are silent, for at most about
/// `limit` (whole seconds). Then they are accepted anyway (tcp(7)).
pub(crate) fn defer_accept(listener: &OwnedFd, limit: Duration) -> nix::Result<()> {
    let seconds = limit.as_secs() as c_int;
    // SAFETY: the option takes an int, and gets the address and size of one that lives.
    let outcome = unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const seconds).cast(),
            size_of::<c_int>() as libc::socklen_t,
        )
    };
    Errno::result(outcome).map(drop)
}
