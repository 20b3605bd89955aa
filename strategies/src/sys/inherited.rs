//! Taking ownership of descriptors that the parent process has left open.
#![allow(unsafe_code, reason = "a number becomes an owned descriptor")]

use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes ownership of `count` descriptors from `first` on. Only the first call in a process succeeds.
pub(crate) fn take(first: RawFd, count: usize) -> Option<Vec<OwnedFd>> {
    let open = |fd: &RawFd| nix::fcntl::fcntl(borrow(*fd), nix::fcntl::FcntlArg::F_GETFD).is_ok();
    let range = first..first + RawFd::try_from(count).ok()?;
    if TAKEN.swap(true, Ordering::Relaxed) || !range.clone().all(|fd| open(&fd)) {
        return None;
    }
    Some(range.map(own).collect())
}

fn borrow(fd: RawFd) -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: it is used for one F_GETFD only, which reports a closed descriptor as an error.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) }
}

fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: `take` has checked that it is open. It runs once, at the start of the process, so no
    // other code owns the descriptor.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
