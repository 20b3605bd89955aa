//! Why a plan cannot be carried out.

use std::time::Duration;

use evenkeel_common::units::plural;
use evenkeel_loadgen::SpecError;
use evenkeel_strategies::catalog::UnknownStrategy;
use evenkeel_strategies::mechanism::peer::RecipeError;
use thiserror::Error;

use crate::executable::Unusable;
use crate::machine::CpuSet;
use crate::scenario::{InvalidScenario, ScenarioError};
use evenkeel_common::duration;
use evenkeel_common::toml_file::TomlError;

/// Why a plan cannot be carried out; nothing has been started.
#[derive(Debug, Error)]
pub(crate) enum PlanError {
    /// A strategy that the catalogue does not have.
    #[error(transparent)]
    Strategy(#[from] UnknownStrategy),
    /// A recipe of another system that cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// Another system is served by no build of evenkeel.
    #[error(
        "`--executable` weighs builds of evenkeel, and {0} is another system: leave out one of \
         the two; `-s ours` stands for every strategy that is none"
    )]
    PeerOfBuilds(String),
    /// A scenario that cannot be had.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A scenario that makes no sense, perhaps only by an option.
    #[error(transparent)]
    InvalidScenario(#[from] InvalidScenario),
    /// A study file that cannot be used.
    #[error(transparent)]
    File(#[from] TomlError),
    /// An executable that cannot serve.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// Two executables under one label.
    #[error("`--executable` gives the label `{0}` to two executables; give each its own")]
    SameLabel(String),
    /// Strategies cannot be twins and be served by several builds.
    #[error(
        "`--aa` and `--executable` do not go together: to weigh a build against itself, give its \
         path under two labels"
    )]
    TwinsOfBuilds,
    /// An amount that makes no sense.
    #[error("`{option}` is {value}: {problem}")]
    Amount {
        /// Name of the option, as on the command line.
        option: &'static str,
        /// What was given.
        value: String,
        /// Why that makes no sense, and what would.
        problem: &'static str,
    },
    /// Weights that are not one for each worker.
    #[error(
        "`--weights` has {} for {}; give one for each, or the number of workers by `-w {weights}`",
        plural(*weights, "weight"), plural(*workers as usize, "worker")
    )]
    Weights {
        /// How many were given.
        weights: usize,
        /// How many workers a fleet has.
        workers: u32,
    },
    /// A time limit of a study whose number of blocks is fixed.
    #[error(
        "`--max-time` needs `--precision`, such as `--precision 3%`: without it a study ends with its last block"
    )]
    TimeWithoutPrecision,
    /// A precision of nothing.
    #[error(
        "`--precision` is of comparisons, and there is a single strategy; add another by `-s`, or weigh it against itself by `--aa`"
    )]
    NothingToCompare,
    /// No precision can be had in the time that there is.
    #[error(
        "`--max-time` is {}, and {blocks} blocks take about {}, the fewest that are run; give more \
         time, fewer strategies or scenarios, or shorter trials (`-d`)",
        duration::show(*max_time),
        duration::show_wait(*least)
    )]
    TooLittleTime {
        /// What was given.
        max_time: Duration,
        /// The fewest blocks.
        blocks: u32,
        /// How long those take.
        least: Duration,
    },
    /// A rate where nothing is sent at a rate.
    #[error(
        "`--rate` needs an open loop, and none of the scenarios has one: add `-S skewed`, or a \
         TOML file with `loop = \"open\"`"
    )]
    RateWithoutOpenLoop,
    /// CPUs that this process may not use.
    #[error(
        "`{option}` names CPUs {missing}, which this process may not use; it may use {allowed}"
    )]
    NoSuchCpus {
        /// Name of the option.
        option: &'static str,
        /// Those that there are not.
        missing: CpuSet,
        /// Those that there are.
        allowed: CpuSet,
    },
    /// No CPU is left for one side.
    #[error("`{option}` takes every CPU ({allowed}) and leaves none for {other}; leave some out")]
    NoCpuLeft {
        /// Name of the option.
        option: &'static str,
        /// The CPUs of this process.
        allowed: CpuSet,
        /// Who goes without.
        other: &'static str,
    },
    /// Servers and load on the same CPUs.
    #[error(
        "`--server-cpus` and `--load-cpus` share CPUs {0}; servers and load would disturb each \
         other, so give sets that do not overlap"
    )]
    SharedCpus(CpuSet),
    /// The kernel would not give enough descriptors.
    #[error(
        "{load} needs a process with about {needed} open files and the hard limit is {limit}; \
         raise it (`ulimit -Hn {needed}` as root, or LimitNOFILE of the service), or give fewer \
         connections or processes"
    )]
    OpenFiles {
        /// What is offered.
        load: String,
        /// How many are needed.
        needed: u64,
        /// How many may be had.
        limit: u64,
    },
    /// More connections than there are pairs of address and port.
    #[error(
        "{load} needs {needed} connections from {} with {ports} ephemeral ports each; give more \
         client addresses (`client_addresses` of a scenario) or fewer connections",
        plural(*addresses as usize, "client address")
    )]
    Ports {
        /// What is offered.
        load: String,
        /// How many connections there may be at a time.
        needed: u64,
        /// From how many addresses.
        addresses: u32,
        /// Ports per address.
        ports: u32,
    },
    /// Load that the generator refuses.
    #[error("scenario `{scenario}`: {source}")]
    Load {
        /// Name of the scenario.
        scenario: String,
        /// What the generator says.
        source: SpecError,
    },
    /// The path of this program is not known.
    #[error("this executable cannot be found again ({0}); start it by its full path")]
    Executable(std::io::Error),
    /// A record whose times are none.
    #[error("the recorded plan has a time of {0} seconds, which is none; was the file edited?")]
    RecordedSpan(f64),
}
