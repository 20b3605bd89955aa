//! The complete configuration of a study.

use std::path::{Path, absolute};
use std::time::Duration;

use evenkeel_common::toml_file::TomlError;
use evenkeel_reports::Expectation;
use evenkeel_reports::compare::{Criteria, MIN_BLOCKS};
use serde::{Deserialize, Serialize};

use super::load::LoadConfig;
use super::serial::seconds;
use super::variant::{self, VariantConfig};
use super::{DEFAULT_SEED, FleetConfig, Setting, SettingError, Settings};
use crate::machine::Machine;
use crate::values::{Whole, text_of_path};

/// Configuration of a study, with every default filled in.
///
/// The record stores it as part of the plan, in this form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StudyConfig {
    /// Absolute paths of the recipes of peers that are not built in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) peers: Vec<String>,
    /// Number of blocks; with a goal, the least.
    pub(crate) blocks: u32,
    /// When to stop adding blocks; `None` if their number is fixed.
    #[serde(flatten)]
    pub(crate) goal: Option<Goal>,
    /// Ratios this close to 1 do not matter: 0.02 is 2%.
    #[serde(default = "default_margin")]
    pub(crate) margin: f64,
    /// Seed of the order of trials, of arrivals and of work.
    pub(crate) seed: u64,
    /// What was expected of the results beforehand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) expectations: Vec<Expectation>,
    /// Whether the CPUs of servers and load are kept awake.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) keep_awake: bool,
    /// Variants of the fleet; if empty, there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) variants: Vec<VariantConfig>,
    #[serde(flatten)]
    pub(crate) fleet: FleetConfig,
    #[serde(flatten)]
    pub(crate) load: LoadConfig,
}

/// When a study without a fixed number of blocks stops.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Goal {
    /// How far a confidence interval may reach up from its ratio: 0.03 for 3%.
    pub(crate) precision: f64,
    /// No block starts after this time.
    #[serde(rename = "max_time_s", with = "seconds", default = "default_max_time")]
    pub(crate) max_time: Duration,
}

const BLOCKS: Setting = Setting {
    option: "--blocks",
    key: "blocks",
};

const DURATION: Setting = Setting {
    option: "--duration",
    key: "load.duration",
};

const PRECISION: Setting = Setting {
    option: "--precision",
    key: "precision",
};

/// Most blocks: with the shortest useful trials they take weeks.
pub(super) const MOST_BLOCKS: u32 = 100_000;

struct Effort {
    blocks: u32,
    duration: Duration,
    warmup: Duration,
}

/// One block more than the fewest that give a verdict, so that a study bears the loss of a trial. The
/// times are for scenarios that have none of their own. Eight strategies under the default scenarios,
/// which have their own, take 80 seconds.
const STANDARD: Effort = Effort {
    blocks: MIN_BLOCKS as u32 + 1,
    duration: Duration::from_millis(700),
    warmup: Duration::from_millis(100),
};

/// A trial takes 0.35 s under any scenario, and there is one block.
const QUICK: Effort = Effort {
    blocks: 1,
    duration: Duration::from_millis(250),
    warmup: Duration::from_millis(50),
};

/// Default blocks of studies that need verdicts: fewer blocks give none.
const BLOCKS_FOR_VERDICTS: u32 = MIN_BLOCKS as u32;

/// Default time limit of a study with a precision. Eight strategies under the default scenarios
/// get about 50 blocks in it.
fn default_max_time() -> Duration {
    Duration::from_secs(600)
}

fn default_margin() -> f64 {
    Criteria::default().margin
}

impl StudyConfig {
    /// Fills in the defaults of a study on this machine.
    pub(crate) fn resolve(
        settings: &Settings,
        quick: bool,
        machine: &Machine,
    ) -> Result<Self, SettingError> {
        let effort = if quick { QUICK } else { STANDARD };
        let goal = Goal::of(settings)?;
        let default_blocks = match goal.is_some() || settings.aa {
            true => BLOCKS_FOR_VERDICTS,
            false => effort.blocks,
        };
        let (fleet, load) = (&settings.fleet, &settings.load);
        let (server_cpus, load_cpus) =
            machine.split_cpus(fleet.server_cpus.as_ref(), load.load_cpus.as_ref())?;
        let peers = settings.peers.iter().map(|path| absolute_text(path));
        let margin = settings.margin.map(|share| share.0);
        Ok(Self {
            peers: peers.collect::<Result<_, _>>()?,
            blocks: settings.blocks.map_or(default_blocks, Whole::u32),
            goal,
            margin: margin.unwrap_or_else(default_margin),
            seed: settings.seed.map_or(DEFAULT_SEED, Whole::u64),
            expectations: settings.expectations.clone(),
            keep_awake: settings.keep_awake,
            variants: variant::resolve(&settings.variants, fleet, &settings.worker, &server_cpus)?,
            fleet: fleet.resolve(&settings.worker, server_cpus)?,
            load: LoadConfig {
                duration: load.duration.unwrap_or(effort.duration),
                warmup: load.warmup.unwrap_or(effort.warmup),
                load_cpus,
            },
        })
    }

    /// Checks what does not depend on strategies and scenarios.
    pub(crate) fn check(&self, machine: &Machine) -> Result<(), SettingError> {
        if !(1..=MOST_BLOCKS).contains(&self.blocks) {
            let problem = format!("a study has 1 to {MOST_BLOCKS} blocks");
            return Err(SettingError::value(BLOCKS, self.blocks, problem));
        }
        if self.load.duration.is_zero() {
            let problem = "measuring takes time, such as 1s";
            return Err(SettingError::value(DURATION, 0, problem));
        }
        Ok(machine.check_split(&self.fleet.server_cpus, &self.load.load_cpus)?)
    }
}

/// The absolute path of a recipe, so that the study can be resumed from another folder.
fn absolute_text(path: &Path) -> Result<String, TomlError> {
    let absolute = absolute(path).map_err(|source| TomlError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    Ok(text_of_path(&absolute))
}

impl Goal {
    /// Returns the goal in these settings; `None` if they fix the number of blocks.
    fn of(settings: &Settings) -> Result<Option<Self>, SettingError> {
        match (settings.precision, settings.max_time) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(SettingError::TimeWithoutPrecision),
            (Some(share), _) if share.0 == 0.0 => Err(SettingError::value(
                PRECISION,
                share,
                "no study is that precise; give a share above 0, such as 3%",
            )),
            (Some(share), max_time) => Ok(Some(Self {
                precision: share.0,
                max_time: max_time.unwrap_or_else(default_max_time),
            })),
        }
    }
}
