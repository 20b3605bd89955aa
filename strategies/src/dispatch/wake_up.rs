//! Wake-ups: eventfds by which workers wake the dispatchers that wait for them.

use std::io;
use std::os::fd::OwnedFd;

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::write;

/// The name under which processes inherit wake-ups; builds up to 0.1.0 know it.
pub(crate) const WAKE_UP: &str = "bell";

/// Creates a wake-up for one dispatcher, which must watch it edge-triggered and need not read it.
pub(crate) fn create() -> io::Result<OwnedFd> {
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    Ok(EventFd::from_flags(flags)?.into())
}

/// Wakes the dispatchers with these wake-ups.
pub(crate) fn wake_all(wake_ups: &[OwnedFd]) {
    for wake_up in wake_ups {
        // It fails only after 2^64 writes without a read.
        let _written = write(wake_up, &1_u64.to_ne_bytes());
    }
}
