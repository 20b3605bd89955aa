//! Context switches of processes.

use std::collections::BTreeMap;
use std::fs;
use std::iter::Sum;

use nix::unistd::Pid;

use super::field;

/// How often threads gave up a CPU, or had to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextSwitches {
    /// To wait for something.
    pub voluntary: u64,
    /// Because the kernel let somebody else run.
    pub involuntary: u64,
}

/// Context switches of every thread of some processes since it was started
/// (`/proc/PID/task/*/status`, proc_pid_status(5)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadSwitches {
    by_thread: BTreeMap<i32, ContextSwitches>,
}

impl ThreadSwitches {
    /// Of all threads of a process; `None` once it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        let switches = threads.filter_map(|thread| {
            let thread = thread.ok()?;
            let number = thread.file_name().to_str()?.parse().ok()?;
            // One that has ended meanwhile has none.
            let status = fs::read_to_string(thread.path().join("status")).ok()?;
            Some((number, ContextSwitches::parse(&status)?))
        });
        let by_thread: BTreeMap<_, _> = switches.collect();
        (!by_thread.is_empty()).then_some(Self { by_thread })
    }

    /// How many there were since an earlier look; `None` if a thread has ended since then, which
    /// took its count along.
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
    fn parse(status: &str) -> Option<Self> {
        Some(Self {
            voluntary: field(status, "voluntary_ctxt_switches")?,
            involuntary: field(status, "nonvoluntary_ctxt_switches")?,
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
    fn a_thread_that_began_meanwhile_counts_from_nothing() {
        let earlier = threads(&[(1, 10, 1)]);
        let now = threads(&[(1, 15, 1), (2, 3, 4)]);
        let expected = ContextSwitches {
            voluntary: 8,
            involuntary: 4,
        };
        assert_eq!(now.since(&earlier), Some(expected));
    }

    #[test]
    fn a_thread_that_ended_meanwhile_leaves_nothing_to_tell() {
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
