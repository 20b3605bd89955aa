//! ConnectionSource ownership of descriptors that the parent process left open.
#![allow(
    unsafe_code,
    reason = "a number from the environment becomes an owned descriptor"
)]

use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Owns `count` descriptors from `first` on. Only the first call in a process gets them.
pub(crate) fn take(first: RawFd, count: usize) -> Option<Vec<OwnedFd>> {
    let open = |fd: &RawFd| nix::fcntl::fcntl(borrow(*fd), nix::fcntl::FcntlArg::F_GETFD).is_ok();
    let range = first..first + RawFd::try_from(count).ok()?;
    if TAKEN.swap(true, Ordering::Relaxed) || !range.clone().all(|fd| open(&fd)) {
        return None;
    }
    Some(range.map(own).collect())
}

fn borrow(fd: RawFd) -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: used for one F_GETFD only, which tells a closed descriptor by its error.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) }
}

fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: `take` has checked that it is open and runs once in a process, as its first act,
    // so nobody else in the process owns it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
