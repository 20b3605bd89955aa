//! What a fleet does about ill workers.

mod hedging;
mod passive_health;
mod retries;
mod stall;

use std::time::Duration;

use clap::Args;
use evenkeel_common::duration::{self, show};
use evenkeel_strategies::{self as strategies, Defences, TryTimeout};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::serial::optional_seconds;
use super::{Setting, SettingError};
use crate::values::Share;
use hedging::{Hedging, HedgingOptions};
use passive_health::{PassiveHealth, PassiveHealthOptions};
use retries::{Retries, RetryOptions};
use stall::{Stall, StallOptions};

/// Options of defences. Those that are not given are off. In a file each is a table.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[command(next_help_heading = "Defences against ill workers")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DefenceOptions {
    /// How long a worker may take for the head of an answer. Then the try has failed: the client gets 504, or
    /// with --retries another worker is asked [default: no limit for a try]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    try_timeout: Option<Duration>,
    #[command(flatten)]
    retries: RetryOptions,
    #[command(flatten)]
    hedging: HedgingOptions,
    #[command(flatten)]
    passive_health: PassiveHealthOptions,
    #[command(flatten)]
    stall: StallOptions,
}

/// Defences as the record stores them, with every default filled in for those that are on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DefencesConfig {
    #[serde(
        rename = "try_timeout_s",
        with = "optional_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    try_timeout: Option<Duration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<Retries>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hedging: Option<Hedging>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passive_health: Option<PassiveHealth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stall: Option<Stall>,
}

const TRY_TIMEOUT: Setting = setting("--try-timeout", "fleet.defences.try_timeout");

const fn setting(option: &'static str, key: &'static str) -> Setting {
    Setting { option, key }
}

impl DefenceOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            try_timeout: self.try_timeout.or(other.try_timeout),
            retries: self.retries.or(other.retries),
            hedging: self.hedging.or(other.hedging),
            passive_health: self.passive_health.or(other.passive_health),
            stall: self.stall.or(other.stall),
        }
    }

    /// Checks the options, and fills the gaps of those that are on.
    pub(super) fn resolve(&self) -> Result<DefencesConfig, SettingError> {
        let limit = |time| at_least(TRY_TIMEOUT, time);
        Ok(DefencesConfig {
            try_timeout: self.try_timeout.map(limit).transpose()?,
            retries: self.retries.resolve()?,
            hedging: self.hedging.resolve()?,
            passive_health: self.passive_health.resolve()?,
            stall: self.stall.resolve()?,
        })
    }
}

impl DefencesConfig {
    pub(crate) fn defences(&self) -> Defences {
        Defences {
            try_timeout: self.try_timeout.map(TryTimeout),
            retries: self.retries.and_then(Retries::retries),
            hedging: self.hedging.and_then(Hedging::hedging),
            passive_health: (self.passive_health).and_then(PassiveHealth::passive_health),
            stall: self.stall.map(Stall::stall),
        }
    }

    pub(super) fn are_off(&self) -> bool {
        *self == Self::default()
    }
}

/// Refuses an option of a defence that is off.
fn needless(
    setting: Setting,
    given: Option<impl ToString>,
    needs: &str,
) -> Result<(), SettingError> {
    match given {
        None => Ok(()),
        Some(value) => {
            let problem = format!("what it is for is off; give {needs}, too");
            Err(SettingError::value(setting, value, problem))
        }
    }
}

/// The resolution of tokio's timers.
const SHORTEST: Duration = Duration::from_millis(1);

fn at_least(setting: Setting, time: Duration) -> Result<Duration, SettingError> {
    match time >= SHORTEST {
        true => Ok(time),
        false => {
            let problem = "timers are not that exact; give 1ms or more";
            Err(SettingError::value(setting, show(time), problem))
        }
    }
}

fn share(setting: Setting, share: Share) -> Result<strategies::Share, SettingError> {
    strategies::Share::new(share.0).ok_or_else(|| {
        let problem = "it is less than a tenth of a percent; give more";
        SettingError::value(setting, share, problem)
    })
}
