//! A plan for people, as `--dry-run` prints it.

use std::fmt::{self, Display, Formatter};

use evenkeel_common::units::plural;
use evenkeel_reports::LoopKind;
use evenkeel_strategies::policy::Options;

use super::Plan;
use crate::scenario::Scenario;
use crate::values::Share;
use evenkeel_common::duration::{show, show_wait};

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (strategies, scenarios) = (self.strategies.len(), self.scenarios.len());
        let trials = self.trials();
        let (workers, dispatchers) = (self.workers, self.dispatchers);
        let (duration, warmup) = (show(self.duration), show(self.warmup));
        let keys = self
            .strategies
            .iter()
            .map(|contestant| contestant.key.as_str());
        let names = self.scenarios.iter().map(|scenario| scenario.name.as_str());
        let labels = self.builds.iter().map(|build| build.label.as_str());
        let named = keys.chain(names).chain(labels);
        let width = named.map(str::len).max().unwrap_or(0);
        writeln!(f, "strategies ({strategies}):")?;
        for contestant in &self.strategies {
            writeln!(f, "  {:<width$}  {}", contestant.key, contestant.summary())?;
        }
        if !self.builds.is_empty() {
            writeln!(f, "executables ({}):", self.builds.len())?;
        }
        for build in &self.builds {
            let (label, version, path) = (&build.label, &build.version, build.path.display());
            writeln!(f, "  {label:<width$}  evenkeel {version}, {path}")?;
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
        if self.policy != Options::default() {
            writeln!(f, "policies:    {}", self.policy)?;
        }
        writeln!(
            f,
            "load:        {} on CPUs {}",
            plural(self.load_cpus.len(), "thread"),
            self.load_cpus
        )?;
        if self.keep_awake {
            writeln!(f, "CPUs:        kept awake")?;
        }
        let at_least = if self.goal.is_some() { " at least" } else { "" };
        writeln!(
            f,
            "trials:      {} × {} × {} = {trials}{at_least}",
            plural(strategies, "strategy"),
            plural(scenarios, "scenario"),
            plural(self.blocks as usize, "block")
        )?;
        writeln!(
            f,
            "each:        {duration} after {warmup} of warm-up; seed {}",
            self.seed
        )?;
        if self.goal.is_some() {
            writeln!(f, "goes on:     {}", self.outlook())?;
        }
        writeln!(
            f,
            "time:        about {}{at_least}",
            show_wait(self.time_for(trials))
        )
    }
}

impl Plan {
    /// What is to be expected before the first trial of so many that are left.
    pub(crate) fn announcement(&self, left: usize) -> String {
        match self.goal {
            None => format!("{left} trials, about {}", show_wait(self.time_for(left))),
            Some(_) => format!(
                "blocks of {} trials, about {} each, {}",
                self.trials_per_block(),
                show_wait(self.time_per_block()),
                self.outlook()
            ),
        }
    }

    /// Until when blocks go on; nothing where their number is fixed.
    fn outlook(&self) -> String {
        let Some(goal) = self.goal else {
            return String::new();
        };
        format!(
            "until every interval is within {} of its ratio, or {} are up: {} to about {} blocks",
            Share(goal.precision),
            show(goal.max_time),
            self.blocks,
            self.most_blocks()
        )
    }
}

fn describe(scenario: &Scenario, workers: usize) -> String {
    let kind = match scenario.loop_kind {
        LoopKind::Closed => "closed loop",
        LoopKind::Open => "open loop",
    };
    format!("{kind}, {}", scenario.load(workers))
}
