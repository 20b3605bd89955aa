//! How many connections a process has descriptors for.

use std::io;

use nix::sys::resource::{Resource, getrlimit};
use tokio::sync::Semaphore;

/// A client's socket, and what serving it may open besides: a proxy's connection to a worker, a
/// worker's timer for `/sleep`.
const PER_CONNECTION: u64 = 2;

/// Kept free for what a process opens now and then.
const SPARE: u64 = 8;

/// How many connections this process can hold at a time, counting what is open now as lasting.
///
/// A process that takes in more would lose some: an accepted one for which nothing else can be
/// opened, or one that was handed over and finds no number (recvmsg(2) drops it silently).
///
/// # Errors
/// If the limit or the open descriptors cannot be read.
pub(crate) fn room_for_connections() -> io::Result<usize> {
    let (limit, _hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let open = std::fs::read_dir("/proc/self/fd")?.count() as u64;
    let room = limit.saturating_sub(open + SPARE) / PER_CONNECTION;
    Ok(usize::try_from(room)
        .unwrap_or(usize::MAX)
        .clamp(1, Semaphore::MAX_PERMITS))
}
