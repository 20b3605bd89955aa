//! System calls of processes, counted by the kernel's own tracepoint.

use std::fs::{self, File};
use std::io::{self, Read};
use std::iter::Sum;

use nix::unistd::Pid;
use thiserror::Error;

use crate::sys::perf::count;

/// Where the tracepoints of the kernel are told: as it is mounted by itself, and as older kernels
/// have it.
const TRACEFS: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// System calls cannot be counted here.
#[derive(Debug, Error)]
pub enum Uncounted {
    /// The tracepoint is not to be had.
    #[error(
        "the tracepoint raw_syscalls:sys_enter cannot be read ({0}); it takes root and a mounted \
         tracefs"
    )]
    NoTracepoint(io::Error),
    /// The kernel does not let this user count.
    #[error("perf_event_open(2) is refused ({0}); run it as root, or with CAP_PERFMON")]
    Refused(io::Error),
}

/// The number by which perf_event_open(2) knows the tracepoint that every system call passes, if
/// this process may count with it.
///
/// # Errors
/// [`Uncounted`] with the reason.
pub fn system_call_tracepoint() -> Result<u64, Uncounted> {
    let id = || {
        let paths = TRACEFS.map(|root| format!("{root}/events/raw_syscalls/sys_enter/id"));
        let [first, second] = paths.map(fs::read_to_string);
        let text = first.or_else(|error| second.map_err(|_same| error))?;
        text.trim().parse().map_err(io::Error::other)
    };
    let id = id().map_err(Uncounted::NoTracepoint)?;
    count(id, Pid::this()).map_err(Uncounted::Refused)?;
    Ok(id)
}

/// Counts the system calls of processes from when it is made until it is dropped. Each of their
/// calls takes longer meanwhile.
#[derive(Debug, Default)]
pub struct SystemCalls {
    /// One for each thread; those that it starts are counted along.
    counters: Vec<File>,
}

impl SystemCalls {
    /// Begins to count those of a process; `None` if it is gone.
    pub(crate) fn of(pid: Pid, tracepoint: u64) -> Option<Self> {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        let counter = |thread: io::Result<fs::DirEntry>| {
            let number = thread.ok()?.file_name().to_str()?.parse().ok()?;
            count(tracepoint, Pid::from_raw(number)).ok()
        };
        let counters = threads.map(counter).collect::<Option<_>>()?;
        Some(Self { counters })
    }

    /// How many there were so far; `None` if the kernel does not tell.
    pub fn so_far(&self) -> Option<u64> {
        let read = |mut counter: &File| {
            let mut count = [0; size_of::<u64>()];
            counter.read_exact(&mut count).ok()?;
            Some(u64::from_ne_bytes(count))
        };
        self.counters.iter().map(read).sum()
    }
}

impl Sum for SystemCalls {
    fn sum<I: Iterator<Item = Self>>(processes: I) -> Self {
        Self {
            counters: processes.flat_map(|process| process.counters).collect(),
        }
    }
}
