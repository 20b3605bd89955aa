//! CPU time of processes and threads, and how much of it the kernel took.

use std::fs;
use std::iter::Sum;
use std::time::Duration;

use nix::time::clock_getcpuclockid;
use nix::unistd::{Pid, SysconfVar, sysconf};

/// CPU time that processes or threads have used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTime {
    /// All of it, to the nanosecond: of processes by their CPU clocks (clock_getcpuclockid(3)),
    /// of threads by `/proc`.
    pub total: Duration,
    /// What became of it; `None` where `/proc` does not say.
    pub modes: Option<CpuModes>,
}

/// CPU time by where it was spent, to the clock tick of proc_pid_stat(5), usually 10 ms.
///
/// The sum is that of the CPU clock, less up to a tick. A kernel that does not account for each
/// entry (`CONFIG_TICK_CPU_ACCOUNTING`) divides it as the ticks of its timer found the process,
/// so over a short time the parts are a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuModes {
    /// In the program itself.
    pub user: Duration,
    /// In the kernel on the process's account: system calls, and interrupts that came meanwhile.
    pub system: Duration,
}

impl CpuTime {
    /// Of a process since it was started; `None` once it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        Some(Self {
            total: total(pid)?,
            modes: CpuModes::read(&format!("/proc/{pid}/stat")),
        })
    }

    /// Of a thread of another process since it was started; `None` once it is gone.
    ///
    /// Its clock is for its own process only (clock_getcpuclockid(3)). What the scheduler writes
    /// down is as exact, but for what the thread has used since the last tick or switch.
    pub(crate) fn of_thread(process: Pid, thread: Pid) -> Option<Self> {
        let folder = format!("/proc/{process}/task/{thread}");
        let modes = CpuModes::read(&format!("{folder}/stat"))?;
        let statistics = fs::read_to_string(format!("{folder}/schedstat")).ok();
        // A kernel without such statistics writes zeros, or nothing.
        let scheduled = statistics.and_then(|text| time_on_cpu(&text));
        let total = scheduled.unwrap_or(modes.user + modes.system);
        Some(Self {
            total,
            modes: Some(modes),
        })
    }

    /// What was used since an earlier look; `None` if the looks are not of the same processes.
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

/// CPU time of a process since it was started; `None` once it is gone.
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
    /// From the `stat` of a process or thread.
    fn read(path: &str) -> Option<Self> {
        let ticks_per_s = sysconf(SysconfVar::CLK_TCK).ok()??;
        let stat = fs::read_to_string(path).ok()?;
        let [user, system] = user_and_system_ticks(&stat)?;
        let time = |ticks: u64| Duration::from_secs_f64(ticks as f64 / ticks_per_s as f64);
        Some(Self {
            user: time(user),
            system: time(system),
        })
    }
}

/// The first field of `schedstat`, in nanoseconds (Documentation/scheduler/sched-stats.rst of the
/// kernel); `None` where it is zero.
fn time_on_cpu(schedstat: &str) -> Option<Duration> {
    let nanoseconds = schedstat.split_whitespace().next()?.parse().ok()?;
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

/// Fields 14 and 15 of `/proc/PID/stat`. The second is the program's name in parentheses, which
/// may hold blanks and parentheses itself; the third follows the last of them.
fn user_and_system_ticks(stat: &str) -> Option<[u64; 2]> {
    let (_, from_third) = stat.rsplit_once(')')?;
    let mut from_14th = from_third.split_whitespace().skip(14 - 3);
    let mut next = || from_14th.next()?.parse().ok();
    Some([next()?, next()?])
}

#[cfg(test)]
mod tests {
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
    fn ticks_are_found_behind_whatever_name_a_program_has() {
        let numbers = "S 1 2 3 0 -1 4194560 11 0 0 0 37 4 0 0 20 0 1 0 99";
        for name in ["evenkeel", "a b", ") (R 1 2 3", "((", ""] {
            let stat = format!("4711 ({name}) {numbers}");
            assert_eq!(user_and_system_ticks(&stat), Some([37, 4]), "{stat}");
        }
        for stat in [
            "",
            "4711",
            "4711 (x)",
            "4711 (x) S 1 2 3 0 -1 4 11 0 0 0 37",
        ] {
            assert_eq!(user_and_system_ticks(stat), None, "{stat}");
        }
    }

    #[test]
    fn a_kernel_that_keeps_no_statistics_is_not_believed_to_count_nothing() {
        let time = Some(Duration::from_nanos(1_234_567));
        assert_eq!(time_on_cpu("1234567 89 10\n"), time);
        for text in ["0 0 0\n", "", "x"] {
            assert_eq!(time_on_cpu(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_thread_has_used_no_more_than_its_process() {
        let (this, thread) = (Pid::this(), nix::unistd::gettid());
        let thread_used = CpuTime::of_thread(this, thread).expect("this thread is there");
        let process_used = CpuTime::of(this).expect("this process is there");
        assert!(thread_used.total <= process_used.total);
        assert_eq!(CpuTime::of_thread(this, Pid::from_raw(1)), None);
    }

    #[test]
    fn a_sum_has_parts_only_where_all_have_them() {
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
    fn no_less_than_nothing_was_used_between_two_looks() {
        let (then, now) = (time(30, Some((20, 10))), time(50, Some((20, 30))));
        assert_eq!(now.since(then), Some(time(20, Some((0, 20)))));
        assert_eq!(then.since(now), None);
        assert_eq!(now.since(time(30, None)), Some(time(20, None)));
    }

    #[test]
    fn a_process_that_is_there_tells_its_parts() {
        let this = CpuTime::of(Pid::this()).expect("this process is there");
        assert!(this.modes.is_some(), "{this:?}");
    }
}
