//! CPU time of processes and threads, in the program and in the kernel.

use std::iter::Sum;
use std::time::Duration;

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use procfs::process::{Process, Schedstat, Stat};
use procfs::ticks_per_second;

/// CPU time of processes or threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTime {
    /// Total, with a resolution of nanoseconds: of processes from their CPU clocks
    /// (clock_getcpuclockid(3)), of threads from `/proc`.
    pub total: Duration,
    /// Its parts. `None` if `/proc` does not have them.
    pub modes: Option<CpuModes>,
}

/// CPU time in the program and in the kernel, with a resolution of one clock tick of
/// proc_pid_stat(5), usually 10 ms.
///
/// The sum is up to one tick less than the CPU clock. A kernel that does not account each entry
/// (`CONFIG_TICK_CPU_ACCOUNTING`) divides the time by what its timer ticks interrupted, so over a
/// short time the parts are a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuModes {
    /// Time in the program.
    pub user: Duration,
    /// Time in the kernel: system calls, and interrupts that arrived meanwhile.
    pub system: Duration,
}

impl CpuTime {
    /// Reads the CPU time of a process since it was started. Returns `None` if it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        let stat = Process::new(pid.as_raw()).and_then(|process| process.stat());
        Some(Self {
            total: total(pid)?,
            modes: stat.ok().as_ref().map(CpuModes::from),
        })
    }

    /// Reads the CPU time of a thread of another process since the thread was started. Returns `None`
    /// if it is gone.
    ///
    /// Only its own process can read its clock (clock_getcpuclockid(3)). The statistics of the
    /// scheduler have the same resolution, but lack the time since the last tick or switch.
    pub(crate) fn of_thread(process: Pid, thread: Pid) -> Option<Self> {
        let process = Process::new(process.as_raw());
        let thread = process.and_then(|process| process.task_from_tid(thread.as_raw()));
        let thread = thread.ok()?;
        let modes = CpuModes::from(&thread.stat().ok()?);
        let scheduled = thread.schedstat().ok().and_then(|it| time_on_cpu(&it));
        let total = scheduled.unwrap_or(modes.user + modes.system);
        Some(Self {
            total,
            modes: Some(modes),
        })
    }

    /// Reads the CPU time of the children of a process that have ended and that it has waited for, and of the
    /// children that they had waited for, with a resolution of one clock tick. Returns `None` if the process is
    /// gone.
    pub(crate) fn of_ended_children(pid: Pid) -> Option<Self> {
        let stat = Process::new(pid.as_raw()).and_then(|process| process.stat());
        let stat = stat.ok()?;
        let modes = CpuModes::of_ticks(stat.cutime.cast_unsigned(), stat.cstime.cast_unsigned());
        Some(Self {
            total: modes.user + modes.system,
            modes: Some(modes),
        })
    }

    /// Returns the CPU time since an earlier reading, or `None` if the readings are of different
    /// processes.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Self> {
        let modes = self.modes.zip(earlier.modes);
        Some(Self {
            total: self.total.checked_sub(earlier.total)?,
            modes: modes.map(|(now, then)| CpuModes {
                user: now.user.saturating_sub(then.user),
                system: now.system.saturating_sub(then.system),
            }),
        })
    }
}

/// Returns the CPU time of a process since it was started, or `None` if it is gone. It costs one
/// system call.
pub(crate) fn total(pid: Pid) -> Option<Duration> {
    let clock = clock_getcpuclockid(pid).ok()?;
    clock.now().ok().map(Duration::from)
}

impl Sum for CpuTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        let none = Self {
            total: Duration::ZERO,
            modes: Some(CpuModes::default()),
        };
        times.fold(none, |sum, time| Self {
            total: sum.total + time.total,
            modes: sum.modes.zip(time.modes).map(|(a, b)| CpuModes {
                user: a.user + b.user,
                system: a.system + b.system,
            }),
        })
    }
}

impl CpuModes {
    fn of_ticks(user: u64, system: u64) -> Self {
        let ticks_per_s = ticks_per_second() as f64;
        let time = |ticks: u64| Duration::from_secs_f64(ticks as f64 / ticks_per_s);
        Self {
            user: time(user),
            system: time(system),
        }
    }
}

impl From<&Stat> for CpuModes {
    fn from(stat: &Stat) -> Self {
        Self::of_ticks(stat.utime, stat.stime)
    }
}

/// Returns the CPU time in the statistics of the scheduler. A kernel that keeps none writes zeros.
fn time_on_cpu(statistics: &Schedstat) -> Option<Duration> {
    let ns = statistics.sum_exec_runtime;
    (ns > 0).then(|| Duration::from_nanos(ns))
}

#[cfg(test)]
mod tests {
    use procfs::FromRead;

    use super::*;

    fn time(total_ms: u64, modes_ms: Option<(u64, u64)>) -> CpuTime {
        CpuTime {
            total: Duration::from_millis(total_ms),
            modes: modes_ms.map(|(user, system)| CpuModes {
                user: Duration::from_millis(user),
                system: Duration::from_millis(system),
            }),
        }
    }

    #[test]
    fn zeros_of_the_scheduler_mean_that_it_keeps_no_statistics() {
        let time = |text: &str| time_on_cpu(&Schedstat::from_read(text.as_bytes()).expect(text));
        assert_eq!(
            time("1234567 89 10\n"),
            Some(Duration::from_nanos(1_234_567))
        );
        assert_eq!(time("0 0 0\n"), None);
    }

    #[test]
    fn a_thread_uses_no_more_than_its_process() {
        let (this, thread) = (Pid::this(), nix::unistd::gettid());
        let thread_used = CpuTime::of_thread(this, thread).expect("this thread");
        let process_used = CpuTime::of(this).expect("this process");
        assert!(thread_used.total <= process_used.total);
        assert_eq!(CpuTime::of_thread(this, Pid::from_raw(1)), None);
    }

    #[test]
    fn a_sum_has_parts_only_if_all_summands_have_them() {
        let known = time(30, Some((20, 10)));
        assert_eq!(
            [known, known].into_iter().sum::<CpuTime>(),
            time(60, Some((40, 20)))
        );
        assert_eq!(
            [known, time(5, None)].into_iter().sum::<CpuTime>(),
            time(35, None)
        );
    }

    #[test]
    fn the_time_between_two_readings_is_never_negative() {
        let (then, now) = (time(30, Some((20, 10))), time(50, Some((20, 30))));
        assert_eq!(now.since(then), Some(time(20, Some((0, 20)))));
        assert_eq!(then.since(now), None);
        assert_eq!(now.since(time(30, None)), Some(time(20, None)));
    }

    #[test]
    fn a_running_process_has_its_parts() {
        let this = CpuTime::of(Pid::this()).expect("this process");
        assert!(this.modes.is_some(), "{this:?}");
    }
}
