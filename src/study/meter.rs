//! What the host does besides the study, from its own counters.

use std::fs;
use std::time::Duration;

use evenkeel_reports::HostShares;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::{SysconfVar, sysconf};

/// The kernel counts in ticks of usually 10 ms. Over less than this many of them a share would
/// be off by more than the 5% that make a disturbance.
const FEWEST_TICKS: u64 = 40;

/// Tells what became of the host's CPUs between one look and the next.
#[derive(Debug)]
pub(super) struct Meter {
    ticks_per_s: f64,
    last: Option<Reading>,
}

/// Counters since the host and the study were started.
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
        let ticks_per_s = sysconf(SysconfVar::CLK_TCK).ok().flatten();
        Self {
            ticks_per_s: ticks_per_s.unwrap_or(100) as f64,
            last: None,
        }
    }

    /// Looks anew. `fleet` is the CPU time of the fleet's processes so far.
    ///
    /// The shares since the last look that counted; `None` at the first, where the counters
    /// cannot be read, and as long as too little time has passed.
    pub(super) fn shares(&mut self, fleet: Duration) -> Option<HostShares> {
        let ticks = Ticks::parse(&fs::read_to_string("/proc/stat").ok()?)?;
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
    /// Reads the first line of `/proc/stat` (proc_stat(5)).
    fn parse(stat: &str) -> Option<Self> {
        let mut fields = stat.lines().next()?.split_whitespace();
        if fields.next()? != "cpu" {
            return None;
        }
        let counts: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
        // The times of guests, which follow, are part of `user` and `nice`.
        let [user, nice, system, idle, waiting, irq, soft_irq, steal] = *counts.first_chunk()?;
        let busy = user + nice + system + irq + soft_irq;
        Some(Self {
            all: busy + idle + waiting + steal,
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
            // Ticks and clocks do not agree to the last tick.
            others: (since(|ticks| ticks.busy) - own).max(0.0) / all,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIER: &str = "cpu  100 0 50 800 10 0 5 2 0 0\ncpu0 1 2 3";
    const LATER: &str = "cpu  140 0 70 830 10 0 5 12 7 0\ncpu0 1 2 3";

    fn reading(stat: &str, own_ms: u64) -> Reading {
        Reading {
            ticks: Ticks::parse(stat).expect("a line of counters"),
            own: Duration::from_millis(own_ms),
        }
    }

    #[test]
    fn what_is_busy_and_not_ours_is_of_others() {
        // A hundred ticks: sixty busy, of which ours forty; ten stolen.
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
    fn counters_that_are_not_there_tell_nothing() {
        for stat in ["", "intr 5", "cpu 1 2 3", "cpu a b c d e f g h"] {
            assert_eq!(Ticks::parse(stat), None, "{stat}");
        }
    }
}
