//! How many connections the descriptors of a process suffice for.

use std::io;

use nix::sys::resource::{Resource, getrlimit};
use tokio::sync::Semaphore;

/// Number of descriptors that stay free for other uses.
const SPARE: u64 = 8;

/// Returns how many connections this process can hold at a time, if each needs `each` descriptors.
/// Descriptors that are open now stay open, and `reserve` more stay free.
///
/// With more connections it would lose some: an accepted connection without the other descriptors that
/// it needs, or one that is handed over without a free number (recvmsg(2) drops it silently).
pub(crate) fn room_for_connections(each: u64, reserve: u64) -> io::Result<usize> {
    let (limit, _hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let open = std::fs::read_dir("/proc/self/fd")?.count() as u64;
    let room = limit.saturating_sub(open + SPARE + reserve) / each;
    Ok(usize::try_from(room)
        .unwrap_or(usize::MAX)
        .clamp(1, Semaphore::MAX_PERMITS))
}

/// Returns the maximum limit of open files for a process, but at most Linux's default limit
/// (`fs.nr_open`, proc_sys_fs(5)), since some programs allocate memory for each possible file.
pub(crate) fn max_open_files() -> io::Result<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(hard.min(NR_OPEN))
}

const NR_OPEN: u64 = 1_048_576;
