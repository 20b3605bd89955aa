//! A registration in somebody else's epoll instance.
#![allow(
    unsafe_code,
    reason = "the runtime's epoll instance is known by its number only"
)]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};

use rustix::event::epoll::{self, EventData, EventFlags};

/// Replaces the registration of `source` in the epoll instance of this number.
pub(crate) fn register_anew(
    instance: RawFd,
    source: impl AsFd,
    token: u64,
    flags: EventFlags,
) -> io::Result<()> {
    // SAFETY: borrowed for the two calls below only. The number was an epoll instance a moment
    // ago; were it another file by now, the calls would fail with EINVAL and change nothing.
    let instance = unsafe { BorrowedFd::borrow_raw(instance) };
    epoll::delete(instance, &source)?;
    epoll::add(instance, &source, EventData::new_u64(token), flags)?;
    Ok(())
}
