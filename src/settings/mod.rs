//! Settings of a study: options that several commands share, and that a study file may give as well.

mod study_file;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use crate::executable::Labelled;
use crate::machine::CpuSet;
use crate::scenario::Scenario;
use crate::values::Share;

use evenkeel_common::duration;
pub(crate) use study_file::read_study;

/// Seed of studies and load where none is given. Any number would do; a fixed one makes two
/// runs of the same command offer the same load.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// What a study is made of. The same on the command line and in a study file, where the
/// options of the fleet and of the load stand in tables of these names.
///
/// A study that is resumed has all of it already. (clap makes no group for a struct that
/// flattens others, so each option says so.)
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Strategy to weigh: a key, a mechanism (`handoff`, `reuseport:*`, `peer`), `core`, `ours` or `all`; repeatable [default: core]
    #[arg(
        short = 's',
        long = "strategy",
        value_name = "KEY",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) strategies: Vec<String>,
    /// Recipe of another system, which then takes part as `peer:NAME`, NAME being that of its file;
    /// repeatable. `-s peer:NAME:VARIANT` names a variant of it instead (docs/adding.md says how
    /// to write one)
    #[arg(
        long = "peer",
        value_name = "FILE",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) peers: Vec<PathBuf>,
    /// Scenario: a name, a set (`default`, `bare`, `all`) or a TOML file; repeatable [default: default]
    #[arg(
        short = 'S',
        long = "scenario",
        value_name = "NAME|FILE",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) scenarios: Vec<String>,
    /// Scenarios that stand in the study file itself, as `[[scenario]]`.
    #[arg(skip)]
    #[serde(rename = "scenario")]
    pub(crate) inline_scenarios: Vec<Scenario>,
    /// Build of evenkeel that serves, under a label; repeatable, the baseline first. Every strategy
    /// then takes part once per build, as `KEY@LABEL`, in the same blocks and under the load of
    /// this program. (It is the executable of dispatchers and workers that is named, nothing is
    /// built; hence the name.) [default: this program serves]
    #[arg(
        long = "executable",
        value_name = "LABEL=PATH",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) executables: Vec<Labelled>,
    /// How many times every trial is repeated [default: 3]
    #[arg(
        short,
        long,
        value_name = "N",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) blocks: Option<u32>,
    /// Weigh every strategy against itself: how often is there a verdict where there is nothing
    /// to find? [default of -b: 6]
    #[arg(long, conflicts_with = "resume", help_heading = "Study")]
    pub(crate) aa: bool,
    /// Keep every CPU from sleeping between requests, by threads that run when nothing else does
    /// (SCHED_IDLE): where CPUs are virtual, waking one takes longer than many an answer
    #[arg(long, conflicts_with = "resume", help_heading = "Study")]
    pub(crate) keep_awake: bool,
    /// Go on, block by block, until intervals reach no farther than this from their ratio, such
    /// as 3%; then -b is the fewest blocks [default: 6]
    #[arg(
        long,
        value_name = "SHARE",
        allow_hyphen_values = true,
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) precision: Option<Share>,
    /// With --precision: begin no block that would end later than this [default: 10m]
    #[arg(long, value_name = "SPAN", value_parser = duration::parse, allow_hyphen_values = true, conflicts_with = "resume", help_heading = "Study")]
    #[serde(deserialize_with = "duration::deserialize_some")]
    pub(crate) max_time: Option<Duration>,
    /// Differences up to this are none that matter [default: 2%]
    #[arg(
        long,
        value_name = "SHARE",
        allow_hyphen_values = true,
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) margin: Option<Share>,
    /// Seed of the order of trials, of arrivals and of work [default: 1]
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "resume",
        help_heading = "Study"
    )]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) fleet: FleetOptions,
    #[command(flatten)]
    pub(crate) load: LoadOptions,
}

/// Other systems besides those that are built in.
#[derive(Args, Clone, Debug)]
pub(crate) struct PeerOptions {
    /// Recipe of another system, which is then known as `peer:NAME`, NAME being that of its file;
    /// repeatable
    #[arg(long = "peer", value_name = "FILE")]
    pub(crate) recipes: Vec<PathBuf>,
}

/// What serves.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FleetOptions {
    /// Workers: processes, or threads of one [default: one per server CPU, at least 4]
    #[arg(short, long, value_name = "N", help_heading = "Fleet")]
    pub(crate) workers: Option<u32>,
    /// Dispatcher processes, where the mechanism has any [default: 1]
    #[arg(long, value_name = "N", help_heading = "Fleet")]
    pub(crate) dispatchers: Option<u32>,
    /// Policies with a limit (late-binding): what a worker may have in flight [default: 1]
    #[arg(long, value_name = "N", help_heading = "Fleet")]
    pub(crate) max_in_flight: Option<u32>,
    /// Policies with shares (weighted): one for each worker, such as 3,1,1 [default: equal ones]
    #[arg(
        long,
        value_name = "N,..",
        value_delimiter = ',',
        help_heading = "Fleet"
    )]
    pub(crate) weights: Vec<u32>,
    /// CPUs of dispatchers and workers, such as 0-3,6 [default: half of them]
    #[arg(long, value_name = "CPUS", help_heading = "Fleet")]
    pub(crate) server_cpus: Option<CpuSet>,
}

/// What is offered to it.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoadOptions {
    /// Connections at a time; in an open loop, at most [default: the scenario's, else 64]
    #[arg(short, long, value_name = "N", help_heading = "Load")]
    pub(crate) connections: Option<u32>,
    /// Open loop: requests per second [default: the scenario's]
    #[arg(long, value_name = "RPS", value_parser = rate, help_heading = "Load")]
    pub(crate) rate: Option<f64>,
    /// Measured time of a trial, such as 700ms or 5s [default: 700ms in a study, else 3s]
    #[arg(short, long, value_name = "SPAN", value_parser = duration::parse, allow_hyphen_values = true, help_heading = "Load")]
    #[serde(deserialize_with = "duration::deserialize_some")]
    pub(crate) duration: Option<Duration>,
    /// Load before the measured time [default: 100ms in a study, else none]
    #[arg(long, value_name = "SPAN", value_parser = duration::parse, allow_hyphen_values = true, help_heading = "Load")]
    #[serde(deserialize_with = "duration::deserialize_some")]
    pub(crate) warmup: Option<Duration>,
    /// CPUs of the load threads, one thread each [default: the other half]
    #[arg(long, value_name = "CPUS", help_heading = "Load")]
    pub(crate) load_cpus: Option<CpuSet>,
}

/// Reads a rate: requests per second.
fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text
        .parse()
        .ok()
        .filter(|rate: &f64| rate.is_finite() && *rate > 0.0);
    rate.ok_or("a rate is a number of requests per second above 0")
}

impl Settings {
    /// These settings, and where they say nothing, the others.
    pub(crate) fn or(self, other: Self) -> Self {
        let names_scenarios = !(self.scenarios.is_empty() && self.inline_scenarios.is_empty());
        let (scenarios, inline_scenarios) = if names_scenarios {
            (self.scenarios, self.inline_scenarios)
        } else {
            (other.scenarios, other.inline_scenarios)
        };
        Self {
            strategies: if self.strategies.is_empty() {
                other.strategies
            } else {
                self.strategies
            },
            peers: if self.peers.is_empty() {
                other.peers
            } else {
                self.peers
            },
            scenarios,
            inline_scenarios,
            executables: if self.executables.is_empty() {
                other.executables
            } else {
                self.executables
            },
            blocks: self.blocks.or(other.blocks),
            aa: self.aa || other.aa,
            keep_awake: self.keep_awake || other.keep_awake,
            precision: self.precision.or(other.precision),
            max_time: self.max_time.or(other.max_time),
            margin: self.margin.or(other.margin),
            seed: self.seed.or(other.seed),
            fleet: self.fleet.or(other.fleet),
            load: self.load.or(other.load),
        }
    }

    /// These settings, but for how thoroughly to measure.
    pub(crate) fn without_pace(self) -> Self {
        Self {
            blocks: None,
            precision: None,
            max_time: None,
            load: LoadOptions {
                duration: None,
                warmup: None,
                ..self.load
            },
            ..self
        }
    }
}

impl FleetOptions {
    fn or(self, other: Self) -> Self {
        Self {
            workers: self.workers.or(other.workers),
            dispatchers: self.dispatchers.or(other.dispatchers),
            max_in_flight: self.max_in_flight.or(other.max_in_flight),
            weights: if self.weights.is_empty() {
                other.weights
            } else {
                self.weights
            },
            server_cpus: self.server_cpus.or(other.server_cpus),
        }
    }
}

impl LoadOptions {
    fn or(self, other: Self) -> Self {
        Self {
            connections: self.connections.or(other.connections),
            rate: self.rate.or(other.rate),
            duration: self.duration.or(other.duration),
            warmup: self.warmup.or(other.warmup),
            load_cpus: self.load_cpus.or(other.load_cpus),
        }
    }
}
