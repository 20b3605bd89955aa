//! Settings of a study, as given on the command line and in a study file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use evenkeel_common::toml_file::{self, Origin, TomlError};
use evenkeel_reports::Expectation;
use schemars::JsonSchema;
use serde::Deserialize;

use super::study::MOST_BLOCKS;
use super::{FleetOptions, LoadOptions, Variant, WorkerOptions, either};
use crate::executable::Labelled;
use crate::scenario::{RequestTarget, Scenario, Work, is_path};
use crate::values::{Seed, Share, Whole};

/// Settings of a study, the same on the command line and in a study file, where the options of
/// fleet and load are tables of these names.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[command(next_help_heading = "Study")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Strategy to measure; several with commas, or repeated. A key such as `handoff:idle`, a mechanism,
    /// which is all its policies (`handoff`, `reuseport:*`, `peer`), `core`, `ours` or `all`
    /// [default: core; with --worker-command, six that it fits]
    #[arg(
        short = 's',
        long = "strategy",
        value_name = "KEY",
        value_delimiter = ','
    )]
    pub(crate) strategies: Vec<String>,
    /// Recipe of another system, which takes part as `peer:NAME`; repeatable. NAME is the name of the
    /// file. To run a variant of it, add `-s peer:NAME:VARIANT`
    #[arg(long = "peer", value_name = "FILE")]
    pub(crate) peers: Vec<PathBuf>,
    /// Scenario: a name, a set (`default`, `bare`, `sweep`, `all`) or a TOML file; several with
    /// commas, or repeated [default: default]
    #[arg(short = 'S', long = "scenario", value_name = "NAME|FILE")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Work of each request, such as 30ms, spin:50us, block:exp:1ms or a target. Instead of `-S`: a
    /// scenario of these options, with `-c` kept connections, in an open loop with `--rate`
    #[arg(long, value_name = "WORK", value_parser = |text: &str| text.parse::<Work>(), conflicts_with = "scenarios")]
    pub(crate) work: Option<Work>,
    /// Target that every request has, `[WEIGHT] [METHOD] /PATH [BODY]`, such as '3 POST /orders {}', instead
    /// of the work of the scenarios; repeatable. Only with --worker-command any target exists [default with
    /// --worker-command: /]
    #[arg(long = "target", value_name = "TARGET", value_parser = |text: &str| text.parse::<RequestTarget>(), conflicts_with = "work")]
    pub(crate) targets: Vec<RequestTarget>,
    /// Scenarios in the study file itself, as `[[scenario]]`.
    #[arg(skip)]
    #[serde(rename = "scenario")]
    pub(crate) inline_scenarios: Vec<Scenario>,
    /// What is expected of the results, in the study file itself, as `[[expect]]`.
    #[arg(skip)]
    #[serde(rename = "expect")]
    pub(crate) expectations: Vec<Expectation>,
    /// Build of evenkeel whose processes serve, with a label, such as `new=target/release/evenkeel`;
    /// repeatable. The baseline comes first. Every strategy then takes part once per build, as
    /// `KEY@LABEL`, in the same blocks, and this program offers the load [default: this program]
    #[arg(long = "executable", value_name = "LABEL=PATH", value_parser = Labelled::of_option())]
    pub(crate) executables: Vec<Labelled>,
    /// Variants of the fleet, as `[[variant]]`: every strategy takes part once with each, in the same blocks.
    #[arg(skip)]
    #[serde(rename = "variant")]
    pub(crate) variants: Vec<Variant>,
    /// Number of blocks: each runs every trial once [default: 7]
    #[arg(short, long, value_name = "N")]
    pub(crate) blocks: Option<Whole<1, { MOST_BLOCKS as u64 }>>,
    /// Compare every strategy with a copy of itself, to count false verdicts [default of -b: 6]
    #[arg(long)]
    pub(crate) aa: bool,
    /// Keep CPUs awake between requests, with threads that run only when nothing else does
    /// (SCHED_IDLE). On virtual CPUs a wake-up can take longer than an answer
    #[arg(long)]
    pub(crate) keep_awake: bool,
    /// Add blocks until confidence intervals reach at most this far from their ratio, such as 3%.
    /// -b is then the least number of blocks, 6 without it
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    pub(crate) precision: Option<Share>,
    /// With --precision: start no block that would end later than this [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) max_time: Option<Duration>,
    /// Differences up to this do not matter [default: 2%]
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    pub(crate) margin: Option<Share>,
    /// Seed of the order of trials, of arrivals and of work [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<Seed>,
    #[command(flatten)]
    pub(crate) fleet: FleetOptions,
    #[command(flatten)]
    pub(crate) worker: WorkerOptions,
    #[command(flatten)]
    pub(crate) load: LoadOptions,
}

/// Peers in addition to those that are built in.
#[derive(Args, Clone, Debug)]
pub(crate) struct PeerOptions {
    /// Recipe of another system, which is then known as `peer:NAME`, where NAME is the name of
    /// the file; repeatable
    #[arg(long = "peer", value_name = "FILE")]
    pub(crate) recipes: Vec<PathBuf>,
}

impl Settings {
    /// Returns these settings, with those of `other` in the gaps.
    pub(crate) fn or(self, other: Self) -> Self {
        let names_scenarios = !self.scenarios.is_empty() || !self.inline_scenarios.is_empty();
        let has_work = self.work.is_some();
        let named = match names_scenarios || has_work {
            true => (self.scenarios, self.inline_scenarios, self.work),
            false => (other.scenarios, other.inline_scenarios, other.work),
        };
        let (scenarios, inline_scenarios, work) = named;
        // Either describes what requests ask for.
        let work = work.filter(|_| self.targets.is_empty());
        let targets = match has_work {
            true => self.targets,
            false => either(self.targets, other.targets),
        };
        Self {
            strategies: either(self.strategies, other.strategies),
            peers: either(self.peers, other.peers),
            scenarios,
            inline_scenarios,
            expectations: either(self.expectations, other.expectations),
            work,
            targets,
            executables: either(self.executables, other.executables),
            variants: either(self.variants, other.variants),
            blocks: self.blocks.or(other.blocks),
            aa: self.aa || other.aa,
            keep_awake: self.keep_awake || other.keep_awake,
            precision: self.precision.or(other.precision),
            max_time: self.max_time.or(other.max_time),
            margin: self.margin.or(other.margin),
            seed: self.seed.or(other.seed),
            fleet: self.fleet.or(other.fleet),
            worker: self.worker.or(other.worker),
            load: self.load.or(other.load),
        }
    }

    /// Returns these settings without the measuring effort: blocks, precision and times.
    pub(crate) fn without_effort(self) -> Self {
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

/// The settings of a study in a file.
#[derive(Clone, Debug)]
pub(crate) struct StudyFile {
    pub(crate) settings: Settings,
    /// Its root table, for errors that are found when the study is planned.
    pub(crate) origin: Origin,
}

impl StudyFile {
    /// Reads the file. Paths of scenarios, recipes and executables are relative to it.
    pub(crate) fn read(path: &Path) -> Result<Self, TomlError> {
        let text = toml_file::text(path)?;
        let origin = Origin::root(path, &text);
        let mut settings: Settings = toml_file::parse(&text, path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for name in &mut settings.scenarios {
            if is_path(name) {
                *name = folder.join(&*name);
            }
        }
        for (number, scenario) in settings.inline_scenarios.iter_mut().enumerate() {
            scenario.origin = origin.table(&format!("scenario.{number}"));
        }
        for recipe in &mut settings.peers {
            *recipe = folder.join(&*recipe);
        }
        for executable in &mut settings.executables {
            executable.path = folder.join(&executable.path);
        }
        settings.worker.relative_to(folder);
        Ok(Self { settings, origin })
    }
}
