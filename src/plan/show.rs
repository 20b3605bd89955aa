//! A plan for people, as `--dry-run` prints it.

use std::fmt::{self, Display, Formatter};

use evenkeel_common::duration::{show, show_wait};
use evenkeel_common::units::plural;
use evenkeel_reports::{Expectation, LoopKind};
use evenkeel_strategies::policy::Options;

use super::Plan;
use crate::config::Goal;
use crate::scenario::Scenario;
use crate::values::Share;

/// Most events of a scenario that are shown one by one, before the last one.
const EVENTS_SHOWN: usize = 12;

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.show_names(f)?;
        self.show_machine(f)?;
        self.show_trials(f)
    }
}

impl Plan {
    fn show_names(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keys = self.contestants.iter().map(|it| it.key.as_str());
        let names = self.scenarios.iter().map(|it| it.name.as_str());
        let labels = self.builds.iter().map(|build| build.label.as_str());
        let all = keys.chain(names).chain(labels);
        let width = all.map(str::len).max().unwrap_or(0);
        writeln!(f, "strategies ({}):", self.contestants.len())?;
        for contestant in &self.contestants {
            let summary = contestant.summary();
            writeln!(f, "  {:<width$}  {summary}", contestant.key)?;
        }
        if !self.builds.is_empty() {
            writeln!(f, "executables ({}):", self.builds.len())?;
        }
        for build in &self.builds {
            let (label, version, path) = (&build.label, &build.version, build.path.display());
            writeln!(f, "  {label:<width$}  evenkeel {version}, {path}")?;
        }
        writeln!(f, "scenarios ({}):", self.scenarios.len())?;
        for scenario in &self.scenarios {
            let load = describe(scenario, self.workers(scenario).get());
            let duration = show(self.duration(scenario));
            let warmup = show(self.warmup(scenario));
            let times = format!("{duration} after {warmup} of warm-up");
            writeln!(f, "  {:<width$}  {load}; {times}", scenario.name)?;
            self.show_events(f, scenario)?;
        }
        self.show_expectations(f)
    }

    fn show_expectations(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let all = &self.config.expectations;
        if !all.is_empty() {
            writeln!(f, "expectations ({}):", all.len())?;
        }
        let width = all.iter().map(|it| it.name.chars().count()).max();
        let width = width.unwrap_or(0);
        for Expectation { name, that, .. } in all {
            let that = that.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(f, "  {name:<width$}  {that}")?;
        }
        Ok(())
    }

    /// The changes of the fleet and the faults in a trial, with their times since the measured time began.
    fn show_events(&self, f: &mut Formatter<'_>, scenario: &Scenario) -> fmt::Result {
        let duration = self.duration(scenario);
        let changes = scenario.changes(duration).into_iter();
        let changes = changes.map(|planned| (planned.at, planned.to_string()));
        let faults = scenario.faults(duration, self.hit(scenario)).into_iter();
        let faults = faults.map(|planned| (planned.at, planned.to_string()));
        let mut events: Vec<_> = changes.chain(faults).collect();
        events.sort_by_key(|(at, _)| *at);
        for (_, planned) in events.iter().take(EVENTS_SHOWN) {
            writeln!(f, "    {planned}")?;
        }
        match events.get(EVENTS_SHOWN..) {
            Some([more @ .., (_, last)]) => writeln!(f, "    {} more, then {last}", more.len()),
            _ => Ok(()),
        }
    }

    fn show_machine(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (fleet, load_cpus) = (&self.config.fleet, &self.config.load.load_cpus);
        let (workers, cpus) = (fleet.workers, &fleet.server_cpus);
        writeln!(f, "workers:     {workers} on CPUs {cpus}")?;
        if let Some(command) = fleet.command() {
            writeln!(f, "             each runs `{command}`")?;
        }
        let dispatchers = fleet.dispatchers;
        writeln!(
            f,
            "dispatchers: {dispatchers} on the same CPUs, if the mechanism has dispatchers"
        )?;
        let policy = fleet.policy();
        if policy != Options::default() {
            writeln!(f, "policies:    {policy}")?;
        }
        let threads = plural(load_cpus.len(), "thread");
        writeln!(f, "load:        {threads} on CPUs {load_cpus}")?;
        if self.config.keep_awake {
            writeln!(f, "CPUs:        kept awake")?;
        }
        Ok(())
    }

    fn show_trials(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        let at_least = if config.goal.is_some() {
            " at least"
        } else {
            ""
        };
        let trials = self.trials();
        writeln!(
            f,
            "trials:      {} × {} × {} = {trials}{at_least}",
            plural(self.contestants.len(), "strategy"),
            plural(self.scenarios.len(), "scenario"),
            plural(config.blocks as usize, "block")
        )?;
        writeln!(f, "seed:        {}", config.seed)?;
        if let Some(goal) = config.goal {
            writeln!(f, "adds blocks: {}", self.outlook(goal))?;
        }
        let time = show_wait(self.time_for(trials));
        writeln!(f, "time:        about {time}{at_least}")
    }

    /// What to expect, said before the first trial.
    pub(crate) fn announcement(&self, trials_left: usize) -> String {
        match self.config.goal {
            None => format!(
                "{}, about {}",
                plural(trials_left, "trial"),
                show_wait(self.time_for(trials_left))
            ),
            Some(goal) => format!(
                "blocks of {} trials, about {} each, {}",
                self.trials_per_block(),
                show_wait(self.time_per_block()),
                self.outlook(goal)
            ),
        }
    }

    /// Until when blocks are added.
    fn outlook(&self, goal: Goal) -> String {
        format!(
            "until every interval is within {} of its ratio, or {} are over: {} to about {} blocks",
            Share(goal.precision),
            show(goal.max_time),
            self.config.blocks,
            self.most_blocks()
        )
    }
}

fn describe(scenario: &Scenario, workers: usize) -> String {
    let kind = match scenario.loop_kind {
        LoopKind::Closed => "closed loop",
        LoopKind::Open => "open loop",
    };
    let load = format!("{kind}, {}", scenario.load(workers));
    match scenario.workers {
        None => load,
        Some(_) => format!("{load}, {}", plural(workers, "worker")),
    }
}
