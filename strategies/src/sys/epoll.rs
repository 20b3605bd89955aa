//! Replacing a registration in an epoll instance that belongs to the runtime.
#![allow(unsafe_code, reason = "only the number of the instance is known")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};

use rustix::event::epoll::{self, EventData, EventFlags};

/// Replaces the registration of `source` in the epoll instance of this number.
pub(crate) fn replace_registration(
    instance: RawFd,
    source: impl AsFd,
    token: u64,
    flags: EventFlags,
) -> io::Result<()> {
    // SAFETY: it is borrowed for the two calls below only. The number was an epoll instance a moment
    // ago. If it is another file by now, the calls fail with EINVAL and change nothing.
    let instance = unsafe { BorrowedFd::borrow_raw(instance) };
    // nix's `Epoll` owns its descriptor, so this is rustix.
    epoll::delete(instance, &source)?;
    epoll::add(instance, &source, EventData::new_u64(token), flags)?;
    Ok(())
}
