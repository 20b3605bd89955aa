//! Counting events of a thread (perf_event_open(2)).
#![allow(unsafe_code, reason = "a system call that no safe wrapper covers")]

use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use nix::unistd::Pid;
use perf_event_open_sys::bindings::{PERF_FLAG_FD_CLOEXEC, PERF_TYPE_TRACEPOINT, perf_event_attr};
use perf_event_open_sys::perf_event_open;

const ANY_CPU: i32 = -1;

const NO_GROUP: i32 = -1;

/// Starts to count how often a thread, and the threads that it starts, pass a tracepoint. A read of the
/// file returns the number as a `u64` in native byte order.
pub(crate) fn count(tracepoint: u64, thread: Pid) -> io::Result<File> {
    let mut attributes = perf_event_attr {
        type_: PERF_TYPE_TRACEPOINT,
        size: size_of::<perf_event_attr>() as u32,
        config: tracepoint,
        ..perf_event_attr::default()
    };
    attributes.set_inherit(1);
    // SAFETY: the attributes are initialised, and the kernel accesses them during the call only.
    let counter = unsafe {
        perf_event_open(
            &raw mut attributes,
            thread.as_raw(),
            ANY_CPU,
            NO_GROUP,
            PERF_FLAG_FD_CLOEXEC.into(),
        )
    };
    if counter < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just returned this descriptor, so nothing else owns it.
    let counter = unsafe { OwnedFd::from_raw_fd(counter) };
    Ok(counter.into())
}
