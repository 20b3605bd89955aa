//! System calls of processes, counted with a tracepoint of the kernel.

use std::fs::{self, File};
use std::io::{self, Read};
use std::iter::Sum;

use nix::unistd::Pid;
use procfs::process::Process;
use thiserror::Error;

use crate::sys::perf::count;

/// Where tracefs is mounted: on its own, and inside debugfs on older kernels.
const TRACEFS: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Why system calls cannot be counted.
#[derive(Debug, Error)]
pub enum Uncounted {
    /// The tracepoint cannot be read.
    #[error(
        "the tracepoint raw_syscalls:sys_enter cannot be read ({0}); run evenkeel as root, with \
         tracefs mounted"
    )]
    NoTracepoint(io::Error),
    /// The kernel does not allow this user to count.
    #[error("perf_event_open(2) is refused ({0}); run evenkeel as root or with CAP_PERFMON")]
    Refused(io::Error),
}

/// Returns the number of the tracepoint that every system call passes, for perf_event_open(2).
///
/// # Errors
/// [`Uncounted`] if this process may not count with it.
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

/// Counts the system calls of processes while it exists. Each of these calls takes longer.
#[derive(Debug, Default)]
pub struct SystemCalls {
    /// One counter per thread. It includes threads that the thread starts.
    counters: Vec<File>,
}

impl SystemCalls {
    /// Starts to count the system calls of a process. Returns `None` if it is gone.
    pub(crate) fn of(pid: Pid, tracepoint: u64) -> Option<Self> {
        let threads = Process::new(pid.as_raw()).and_then(|process| process.tasks());
        let counters = threads
            .ok()?
            .map(|thread| count(tracepoint, Pid::from_raw(thread.ok()?.tid)).ok());
        Some(Self {
            counters: counters.collect::<Option<_>>()?,
        })
    }

    /// Returns the number of calls so far, or `None` if a counter cannot be read.
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
