//! How long a study takes.

use std::time::Duration;

use evenkeel_common::duration::show;

use super::{Contestant, Plan};
use crate::scenario::Scenario;

/// What a trial takes in addition to its load: launching a fleet, finishing its last requests
/// and stopping it. Measured on a machine with 4 cores; used for the expected time only.
const OVERHEAD_PER_TRIAL: Duration = Duration::from_millis(50);

/// The same for a peer, in the middle of those that are built in: nginx takes half a second, pm2
/// and servers in Python about three. Measured on 2 cores.
const OVERHEAD_PER_TRIAL_OF_A_PEER: Duration = Duration::from_secs(1);

/// Length of a window in times of forgetting. In virtual time the mean wait under `skewed` is then within 3%
/// of that of an endless window (docs/benchmarks/design.md).
const WINDOW_OF_FORGETTING: u32 = 4;

/// Rounds to tenths of a second, but not to zero.
fn tenths(time: Duration) -> Duration {
    let tenths = (time.as_secs_f64() * 10.0).round().max(1.0);
    Duration::from_secs_f64(tenths / 10.0)
}

impl Plan {
    /// Measured time of a trial under a scenario.
    pub(crate) fn duration(&self, scenario: &Scenario) -> Duration {
        scenario.duration.unwrap_or(self.config.load.duration)
    }

    /// Load before the measured time.
    pub(crate) fn warmup(&self, scenario: &Scenario) -> Duration {
        scenario.warmup.unwrap_or(self.config.load.warmup)
    }

    /// Says what a reader of the figures should know before they are measured.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let of_changes =
            |scenario: &Scenario| scenario.warnings_of_changes(self.workers(scenario).get());
        let of_changes = self.scenarios.iter().flat_map(of_changes);
        self.warnings_of_time()
            .into_iter()
            .chain(of_changes)
            .chain(self.warnings_of_defences())
            .collect()
    }

    /// Says of each scenario whose trials are short compared with the time in which its queues forget how they
    /// began that latencies are too low, and which options help.
    fn warnings_of_time(&self) -> Vec<String> {
        let warning = |scenario: &Scenario| {
            let forgets = scenario.forgets_in(self.workers(scenario).get())?;
            let (duration, warmup) = (self.duration(scenario), self.warmup(scenario));
            // Times are shown in tenths of a second, so a window of 800 ms is no shorter than 805 ms.
            let (enough, begin) = (tenths(forgets * WINDOW_OF_FORGETTING), tenths(forgets));
            (duration < enough || warmup < begin).then(|| {
                format!(
                    "{}: {} after {} of warm-up is short compared with the {} in which queues of this load \
                     forget how they began, so latencies look too low; see `-d {} --warmup {}`",
                    scenario.name,
                    show(duration),
                    show(warmup),
                    show(begin),
                    show(enough),
                    show(begin)
                )
            })
        };
        self.scenarios.iter().filter_map(warning).collect()
    }

    /// Expected time of one trial, on average over all contestants and scenarios.
    pub(crate) fn time_per_trial(&self) -> Duration {
        let overhead = |contestant: &Contestant| match contestant.strategy.profile().is_peer {
            true => OVERHEAD_PER_TRIAL_OF_A_PEER,
            false => OVERHEAD_PER_TRIAL,
        };
        let overheads: Duration = self.contestants.iter().map(overhead).sum();
        let contestants = self.contestants.len().max(1) as u32;
        let load = |scenario| self.warmup(scenario) + self.duration(scenario);
        let loads: Duration = self.scenarios.iter().map(load).sum();
        let scenarios = self.scenarios.len().max(1) as u32;
        loads / scenarios + overheads / contestants
    }

    pub(crate) fn time_per_block(&self) -> Duration {
        self.time_for(self.trials_per_block())
    }

    pub(crate) fn time_for(&self, trials: usize) -> Duration {
        self.time_per_trial().mul_f64(trials as f64)
    }

    /// Most blocks that are expected to fit into the time limit.
    pub(crate) fn most_blocks(&self) -> u32 {
        let blocks = self.config.blocks;
        self.config.goal.map_or(blocks, |goal| {
            let fit = goal.max_time.as_secs_f64() / self.time_per_block().as_secs_f64();
            blocks.max(fit as u32)
        })
    }
}
