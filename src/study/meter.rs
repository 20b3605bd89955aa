//! What the host does in addition to the study, from its own counters.

use std::time::Duration;

use evenkeel_reports::HostShares;
use nix::time::{ClockId, clock_gettime};
use procfs::{CpuTime, CurrentSI, KernelStats, ticks_per_second};

/// Fewest ticks between two readings. A tick is usually 10 ms; over fewer of them a share would
/// be off by more than the 5% that count as a disturbance.
const FEWEST_TICKS: u64 = 40;

/// Measures how the host's CPUs were used between two readings.
#[derive(Debug)]
pub(super) struct Meter {
    ticks_per_s: f64,
    last: Option<Reading>,
}

/// Counters since the host and the study started.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reading {
    ticks: Ticks,
    /// CPU time of the study's own processes.
    own: Duration,
}

/// CPU time of all CPUs together, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    all: u64,
    busy: u64,
    steal: u64,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            ticks_per_s: ticks_per_second() as f64,
            last: None,
        }
    }

    /// Reads the counters. `fleet` is the CPU time of the fleet's processes so far.
    ///
    /// Returns the shares since the last reading that counted; `None` at the first reading, if the
    /// counters cannot be read, and as long as too little time has passed.
    pub(super) fn shares(&mut self, fleet: Duration) -> Option<HostShares> {
        let ticks = Ticks::of(&KernelStats::current().ok()?.total)?;
        let this_process = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).ok()?;
        let own = fleet + Duration::from(this_process);
        let now = Reading { ticks, own };
        let last = *self.last.get_or_insert(now);
        if now.ticks.all.saturating_sub(last.ticks.all) < FEWEST_TICKS {
            return None;
        }
        self.last = Some(now);
        Some(now.shares_since(last, self.ticks_per_s))
    }
}

impl Ticks {
    fn of(cpu: &CpuTime) -> Option<Self> {
        // The times of guests are part of `user` and `nice`.
        let busy = cpu.user + cpu.nice + cpu.system + cpu.irq? + cpu.softirq?;
        let steal = cpu.steal?;
        Some(Self {
            all: busy + cpu.idle + cpu.iowait? + steal,
            busy,
            steal,
        })
    }
}

impl Reading {
    fn shares_since(self, last: Self, ticks_per_s: f64) -> HostShares {
        let since = |of: fn(Ticks) -> u64| of(self.ticks).saturating_sub(of(last.ticks)) as f64;
        let all = since(|ticks| ticks.all);
        let own = self.own.saturating_sub(last.own).as_secs_f64() * ticks_per_s;
        HostShares {
            steal: since(|ticks| ticks.steal) / all,
            // Ticks and clocks may differ by a tick.
            others: (since(|ticks| ticks.busy) - own).max(0.0) / all,
        }
    }
}

#[cfg(test)]
mod tests {
    use procfs::{FromBufReadSI, current_system_info};

    use super::*;

    const EARLIER: &str = "cpu  100 0 50 800 10 0 5 2 0 0";
    const LATER: &str = "cpu  140 0 70 830 10 0 5 12 7 0";

    fn ticks(cpu: &str) -> Option<Ticks> {
        let stat = format!("{cpu}\nctxt 1\nbtime 1\nprocesses 1\n");
        let stats = KernelStats::from_buf_read(stat.as_bytes(), current_system_info());
        Ticks::of(&stats.expect("the form of /proc/stat").total)
    }

    fn reading(cpu: &str, own_ms: u64) -> Reading {
        Reading {
            ticks: ticks(cpu).expect("a line of counters"),
            own: Duration::from_millis(own_ms),
        }
    }

    #[test]
    fn what_is_busy_and_not_ours_is_of_others() {
        // A hundred ticks: sixty are busy, forty of these are ours; ten are stolen.
        let shares = reading(LATER, 900).shares_since(reading(EARLIER, 500), 100.0);
        assert_eq!(
            shares,
            HostShares {
                steal: 0.1,
                others: 0.2
            }
        );
    }

    #[test]
    fn others_never_take_less_than_nothing() {
        let shares = reading(LATER, 5_000).shares_since(reading(EARLIER, 500), 100.0);
        assert_eq!(shares.others, 0.0);
    }

    #[test]
    fn a_kernel_without_all_counters_gives_no_shares() {
        for cpu in ["cpu 1 2 3 4", "cpu 1 2 3 4 5 6 7"] {
            assert_eq!(ticks(cpu), None, "{cpu}");
        }
    }
}
