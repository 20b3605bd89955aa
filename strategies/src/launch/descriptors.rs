//! How many connections a process has descriptors for.

use std::io;

use nix::sys::resource::{Resource, getrlimit};
use tokio::sync::Semaphore;

/// Kept free for what a process opens now and then.
const SPARE: u64 = 8;

/// How many connections this process can hold at a time, if each takes so many descriptors,
/// counting what is open now as lasting and keeping some free besides.
///
/// A process that takes in more would lose some: an accepted one for which nothing else can be
/// opened, or one that was handed over and finds no number (recvmsg(2) drops it silently).
///
/// # Errors
/// If the limit or the open descriptors cannot be read.
pub(crate) fn room_for_connections(each: u64, free: u64) -> io::Result<usize> {
    let (limit, _hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let open = std::fs::read_dir("/proc/self/fd")?.count() as u64;
    let room = limit.saturating_sub(open + SPARE + free) / each;
    Ok(usize::try_from(room)
        .unwrap_or(usize::MAX)
        .clamp(1, Semaphore::MAX_PERMITS))
}

/// How many files a process may have open when it asks for as many as it may: up to Linux's own
/// limit for anybody (`fs.nr_open`, proc_sys_fs(5)), since some programs lay out what they may have.
pub(crate) fn most_open_files() -> io::Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(hard.min(NR_OPEN))
}

/// The default of `fs.nr_open`.
const NR_OPEN: u64 = 1_048_576;
