//! A plan for people, as `--dry-run` prints it.

use std::fmt::{self, Display, Formatter};

use evenkeel_reports::LoopKind;
use evenkeel_reports::units::plural;

use super::Plan;
use crate::duration::{show, show_wait};
use crate::scenario::Scenario;

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (strategies, scenarios) = (self.strategies.len(), self.scenarios.len());
        let trials = self.trials();
        let (workers, dispatchers) = (self.workers, self.dispatchers);
        let (duration, warmup) = (show(self.duration), show(self.warmup));
        let keys = self.strategies.iter().map(|strategy| strategy.key());
        let names = self.scenarios.iter().map(|scenario| scenario.name.as_str());
        let width = keys.chain(names).map(str::len).max().unwrap_or(0);
        writeln!(f, "strategies ({strategies}):")?;
        for strategy in &self.strategies {
            writeln!(f, "  {:<width$}  {}", strategy.key(), strategy.summary())?;
        }
        writeln!(f, "scenarios ({scenarios}):")?;
        for scenario in &self.scenarios {
            let load = describe(scenario, workers.get());
            writeln!(f, "  {:<width$}  {load}", scenario.name)?;
        }
        writeln!(f, "workers:     {workers} on CPUs {}", self.server_cpus)?;
        writeln!(
            f,
            "dispatchers: {dispatchers} beside them, where the mechanism has any"
        )?;
        writeln!(
            f,
            "load:        {} on CPUs {}",
            plural(self.load_cpus.len(), "thread"),
            self.load_cpus
        )?;
        writeln!(
            f,
            "trials:      {} × {} × {} = {trials}",
            plural(strategies, "strategy"),
            plural(scenarios, "scenario"),
            plural(self.blocks as usize, "block")
        )?;
        writeln!(
            f,
            "each:        {duration} after {warmup} of warm-up; seed {}",
            self.seed
        )?;
        writeln!(f, "time:        about {}", show_wait(self.time_for(trials)))
    }
}

fn describe(scenario: &Scenario, workers: usize) -> String {
    let kind = match scenario.loop_kind {
        LoopKind::Closed => "closed loop",
        LoopKind::Open => "open loop",
    };
    format!("{kind}, {}", scenario.load(workers))
}
