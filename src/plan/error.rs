//! Why a plan cannot be carried out.

use std::time::Duration;

use evenkeel_common::duration;
use evenkeel_common::toml_file::TomlError;
use evenkeel_common::units::plural;
use evenkeel_loadgen::SpecError;
use evenkeel_strategies::catalog::UnknownStrategy;
use evenkeel_strategies::mechanism::peer::RecipeError;
use thiserror::Error;

use crate::config::SettingError;
use crate::executable::{SameBuild, UnusableExecutable};
use crate::scenario::{InvalidScenario, ScenarioError};

/// Why a plan cannot be carried out; nothing has been started.
#[derive(Debug, Error)]
pub(crate) enum PlanError {
    /// A strategy that is not in the catalogue.
    #[error(transparent)]
    Strategy(#[from] UnknownStrategy),
    /// A recipe that cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A setting that cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A scenario that cannot be found or read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A scenario that cannot be run, perhaps because of an option.
    #[error(transparent)]
    InvalidScenario(#[from] InvalidScenario),
    /// A recorded scenario that cannot be read.
    #[error(transparent)]
    File(#[from] TomlError),
    /// An executable that cannot serve.
    #[error(transparent)]
    Executable(#[from] UnusableExecutable),
    /// A peer together with builds of evenkeel, none of which serves it.
    #[error(
        "`--executable` compares builds of evenkeel, and {0} is another system: leave out one of \
         the two; `-s ours` selects every strategy of evenkeel"
    )]
    PeerOfBuilds(String),
    /// Two executables with the same label.
    #[error("`--executable` gives the label `{0}` to two executables; give each its own")]
    SameLabel(String),
    /// Two labels for one executable.
    #[error(transparent)]
    SameBuild(#[from] SameBuild),
    /// An A/A study of several builds.
    #[error(
        "`--aa` and `--executable` cannot be combined: to compare a build with itself, run \
         `evenkeel run --aa` of that build"
    )]
    CopiesOfBuilds,
    /// A precision with a single strategy.
    #[error(
        "`--precision` is about comparisons, and there is only one strategy; add another with `-s`, or compare it with itself by `--aa`"
    )]
    NothingToCompare,
    /// A time limit that is too short for the least number of blocks.
    #[error(
        "`--max-time` is {}, but {blocks} blocks, the least number, take about {}; give more time, \
         fewer strategies or scenarios, or shorter trials (`-d`)",
        duration::show(*max_time),
        duration::show_wait(*least)
    )]
    TooLittleTime {
        /// Time limit.
        max_time: Duration,
        /// Least number of blocks.
        blocks: u32,
        /// Expected time of these blocks.
        least: Duration,
    },
    /// A rate without an open loop.
    #[error(
        "`--rate` needs an open loop, and none of the scenarios has one: add `-S skewed`, or a \
         TOML file with `loop = \"open\"`"
    )]
    RateWithoutOpenLoop,
    /// More open files than the hard limit.
    #[error(
        "{load} needs a process with about {needed} open files and the hard limit is {limit}; \
         raise it (`ulimit -Hn {needed}` as root, or LimitNOFILE of the service), or give fewer \
         connections or processes"
    )]
    OpenFiles {
        /// What is offered.
        load: String,
        /// Number of open files that it needs.
        needed: u64,
        /// Hard limit.
        limit: u64,
    },
    /// More connections than pairs of address and port.
    #[error(
        "{load} needs {needed} connections from {} with {ports} ephemeral ports each; give more \
         client addresses (`client_addresses` of a scenario) or fewer connections",
        plural(*addresses as usize, "client address")
    )]
    Ports {
        /// What is offered.
        load: String,
        /// Most connections at the same time.
        needed: u64,
        /// Number of client addresses.
        addresses: u32,
        /// Ports per address.
        ports: u32,
    },
    /// Load that the load generator refuses.
    #[error("scenario `{scenario}`: {source}")]
    Load {
        /// Name of the scenario.
        scenario: String,
        /// Error of the load generator.
        source: SpecError,
    },
    /// A recorded configuration that cannot be read.
    #[error("the recorded plan cannot be used ({0}); was the file edited?")]
    Record(serde_json::Error),
}
