//! Context switches of processes.

use std::collections::BTreeMap;
use std::iter::Sum;

use nix::unistd::Pid;
use procfs::process::{Process, Status};

/// Number of context switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextSwitches {
    /// A thread waited for something.
    pub voluntary: u64,
    /// The kernel let another thread run.
    pub involuntary: u64,
}

/// Context switches of each thread of some processes, since the thread started
/// (`/proc/PID/task/*/status`, proc_pid_status(5)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadSwitches {
    by_thread: BTreeMap<i32, ContextSwitches>,
}

impl ThreadSwitches {
    /// Reads the context switches of all threads of a process. Returns `None` if it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        let threads = Process::new(pid.as_raw()).and_then(|process| process.tasks());
        let switches = threads.ok()?.filter_map(|thread| {
            let thread = thread.ok()?;
            // It fails for a thread that has just ended.
            let status = thread.status().ok()?;
            Some((thread.tid, ContextSwitches::from_status(&status)?))
        });
        let by_thread: BTreeMap<_, _> = switches.collect();
        (!by_thread.is_empty()).then_some(Self { by_thread })
    }

    /// Returns the number since an earlier reading. Returns `None` if a thread has ended since then,
    /// since its count is lost.
    pub fn since(&self, earlier: &Self) -> Option<ContextSwitches> {
        let of = |thread: &i32| self.by_thread.get(thread);
        if !earlier.by_thread.keys().all(|thread| of(thread).is_some()) {
            return None;
        }
        let before = |thread| earlier.by_thread.get(thread).copied().unwrap_or_default();
        let mut sum = ContextSwitches::default();
        for (thread, now) in &self.by_thread {
            let before = before(thread);
            sum.voluntary += now.voluntary.checked_sub(before.voluntary)?;
            sum.involuntary += now.involuntary.checked_sub(before.involuntary)?;
        }
        Some(sum)
    }
}

impl Sum for ThreadSwitches {
    fn sum<I: Iterator<Item = Self>>(processes: I) -> Self {
        let threads = processes.flat_map(|process| process.by_thread);
        Self {
            by_thread: threads.collect(),
        }
    }
}

impl ContextSwitches {
    fn from_status(status: &Status) -> Option<Self> {
        Some(Self {
            voluntary: status.voluntary_ctxt_switches?,
            involuntary: status.nonvoluntary_ctxt_switches?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(counts: &[(i32, u64, u64)]) -> ThreadSwitches {
        let switches = |&(thread, voluntary, involuntary)| {
            let switches = ContextSwitches {
                voluntary,
                involuntary,
            };
            (thread, switches)
        };
        ThreadSwitches {
            by_thread: counts.iter().map(switches).collect(),
        }
    }

    #[test]
    fn a_new_thread_counts_from_zero() {
        let earlier = threads(&[(1, 10, 1)]);
        let now = threads(&[(1, 15, 1), (2, 3, 4)]);
        let expected = ContextSwitches {
            voluntary: 8,
            involuntary: 4,
        };
        assert_eq!(now.since(&earlier), Some(expected));
    }

    #[test]
    fn after_the_end_of_a_thread_there_is_no_figure() {
        let earlier = threads(&[(1, 10, 1), (2, 3, 4)]);
        assert_eq!(threads(&[(1, 15, 1)]).since(&earlier), None);
        assert_eq!(threads(&[(1, 5, 1), (2, 3, 4)]).since(&earlier), None);
    }

    #[test]
    fn a_sum_has_the_threads_of_all_processes() {
        let sum = [threads(&[(1, 1, 1)]), threads(&[(7, 2, 2)])];
        let sum: ThreadSwitches = sum.into_iter().sum();
        assert_eq!(sum, threads(&[(1, 1, 1), (7, 2, 2)]));
    }
}
