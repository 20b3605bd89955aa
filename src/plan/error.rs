//! Why a plan cannot be carried out.

use std::time::Duration;

use evenkeel_common::toml_file::{Origin, TomlError};
use evenkeel_common::{duration, units::plural};
use evenkeel_strategies::catalog::UnknownStrategy;
use evenkeel_strategies::mechanism::peer::RecipeError;
use thiserror::Error;

use super::expectations::InvalidExpectation;
use crate::config::SettingError;
use crate::executable::{SameBuild, UnusableExecutable};
use crate::scenario::{InvalidScenario, ScenarioError};

/// Why a plan cannot be carried out; nothing has been started.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) enum PlanError {
    Strategy(#[from] UnknownStrategy),
    Recipe(#[from] RecipeError),
    Setting(#[from] SettingError),
    Scenario(#[from] ScenarioError),
    InvalidScenario(#[from] InvalidScenario),
    Expectation(#[from] InvalidExpectation),
    File(#[from] TomlError),
    Executable(#[from] UnusableExecutable),
    SameBuild(#[from] SameBuild),
    #[error(
        "`--executable` compares builds of evenkeel, and {0} is another system: leave out one of \
         the two; `-s ours` selects every strategy of evenkeel"
    )]
    PeerOfBuilds(String),
    #[error("`--executable` gives the label `{0}` to two executables; give each its own")]
    SameLabel(String),
    #[error(
        "`--aa` and `--executable` cannot be combined: to compare a build with itself, run \
         `evenkeel run --aa` of that build"
    )]
    CopiesOfBuilds,
    #[error(
        "`[[variant]]` cannot be combined with `--aa` or `--executable`: each compares strategies with themselves; \
         leave one of them out"
    )]
    VariantsAndOthers,
    #[error(
        "`--precision` is about comparisons, and there is only one strategy; add another with `-s`, or compare it with itself by `--aa`"
    )]
    NothingToCompare,
    #[error(
        "`--max-time` is {}, but {blocks} blocks, the least number, take about {}; give more time, \
         fewer strategies or scenarios, or shorter trials (`-d`)",
        duration::show(*max_time),
        duration::show_wait(*least)
    )]
    TooLittleTime {
        max_time: Duration,
        blocks: u32,
        least: Duration,
    },
    #[error(
        "`work` describes a scenario of its own, and there are others; write it into the file of a \
         scenario (`evenkeel scenario new FILE`), or leave out one of the two"
    )]
    WorkOfScenarios,
    #[error(
        "`--executable` compares builds of evenkeel, and `--worker-command` replaces their workers: leave out \
         one of the two"
    )]
    CommandOfBuilds,
    #[error(
        "`work` is for evenkeel's own workers, and these run a program of yours: give its targets instead, such \
         as `--target /`"
    )]
    WorkOfCommand,
    #[error("`work` and `targets` both say what requests ask for; leave out one of the two")]
    WorkAndTargets,
    #[error(
        "evenkeel's own workers do not know the target `{0}`, only /, /bytes/N, /spin/US, /block/US and \
         /sleep/US; for a target of your own program add `--worker-command`, such as 'node app.js'"
    )]
    TargetOfCommand(String),
    #[error(
        "`--rate` needs an open loop, and none of the scenarios has one: add `-S skewed`, or a \
         TOML file with `loop = \"open\"`"
    )]
    RateWithoutOpenLoop,
    #[error(
        "{load} needs a process with about {needed} open files and the hard limit is {limit}; \
         raise it (`ulimit -Hn {needed}` as root, or LimitNOFILE of the service), or give fewer \
         connections or processes"
    )]
    OpenFiles {
        load: String,
        needed: u64,
        limit: u64,
    },
    #[error(
        "{load} needs {needed} connections from {} with {ports} ephemeral ports each; give more \
         client addresses (`client_addresses` of a scenario) or fewer connections",
        plural(*addresses as usize, "client address")
    )]
    Ports {
        load: String,
        needed: u64,
        addresses: u32,
        ports: u32,
    },
    #[error(
        "`-b {blocks}` is less than the {has} blocks that the study has already; `-b` is the number of \
         all blocks: give more, or leave it out"
    )]
    FewerBlocks {
        blocks: u32,
        has: u32,
    },
    #[error(
        "scenario `{0}` is already part of the study; `-S` adds a scenario, and leaving it out \
         continues with all that the study has"
    )]
    ScenarioTwice(String),
    #[error(
        "`--weights` gives a weight to each worker at the start, and scenario `{0}` has or adds others, which \
         would have none; leave out one of the two"
    )]
    WeightsOfMore(String),
    #[error("{0}; add a strategy that can, or leave the defence out")]
    UnusedDefence(String),
    #[error("the recorded plan cannot be used ({0}); was the file edited?")]
    Record(serde_json::Error),
}

impl PlanError {
    /// Returns the place in the file of a study that the error is about, for the start of a message; `None`
    /// if the error names its place itself, or is about more than one key.
    pub(crate) fn place(&self, file: &Origin) -> Option<String> {
        match self {
            Self::Expectation(error) => Some(error.place(file)),
            _ => self
                .key()
                .map(|key| format!("{}`{key}`: ", file.place(key))),
        }
    }

    fn key(&self) -> Option<&'static str> {
        match self {
            Self::Strategy(_) | Self::PeerOfBuilds(_) => Some("strategies"),
            Self::Setting(error) => error.key(),
            Self::Scenario(ScenarioError::Unknown { .. } | ScenarioError::SameName(_)) => {
                Some("scenarios")
            }
            Self::Executable(_) | Self::SameBuild(_) | Self::SameLabel(_) => Some("executables"),
            Self::CopiesOfBuilds => Some("aa"),
            Self::VariantsAndOthers => Some("variant"),
            Self::NothingToCompare => Some("precision"),
            Self::TooLittleTime { .. } => Some("max_time"),
            Self::RateWithoutOpenLoop => Some("load.rate"),
            Self::WorkOfScenarios | Self::WorkOfCommand => Some("work"),
            Self::WorkAndTargets | Self::TargetOfCommand(_) => Some("targets"),
            Self::CommandOfBuilds => Some("worker"),
            Self::Recipe(_) | Self::File(_) | Self::Record(_) => None,
            Self::Scenario(_) | Self::InvalidScenario(_) | Self::Expectation(_) => None,
            Self::OpenFiles { .. } | Self::Ports { .. } => None,
            Self::WeightsOfMore(_) => Some("fleet.weights"),
            Self::UnusedDefence(_) => Some("fleet.defences"),
            Self::FewerBlocks { .. } | Self::ScenarioTwice(_) => None,
        }
    }
}
