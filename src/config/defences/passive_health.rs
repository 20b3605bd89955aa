//! Options of passive health.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use evenkeel_strategies as strategies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{at_least, needless, setting, share};
use crate::config::serial::seconds;
use crate::config::{Setting, SettingError};
use crate::values::{Share, Whole};

/// Numbers of failures in a row.
type Failures = Whole<1, { u32::MAX as u64 }>;

/// Options of passive health.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PassiveHealthOptions {
    /// Number of failures in a row after which a worker is ejected: dispatchers do not pick it for a while. A
    /// refused connection, one that is closed without an answer, a try that takes too long and a status of 500
    /// to 599 are failures [default: none]
    #[arg(hide_short_help = true, long = "eject-after", value_name = "N")]
    consecutive: Option<Failures>,
    /// Eject a worker if fewer of its requests succeed, of at least 50 within 10 s [default: never]
    #[arg(
        hide_short_help = true,
        long = "eject-below",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    success_rate: Option<Share>,
    /// How long the first ejection of a worker lasts; each further one in a row lasts so much longer, up to 5 min
    /// [default: 30s]
    #[arg(hide_short_help = true, long = "eject-time", value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    time: Option<Duration>,
    /// Maximum share of the workers that are ejected at a time, but at least one [default: 10%]
    #[arg(
        hide_short_help = true,
        long = "eject-at-most",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    at_most: Option<Share>,
    /// If a smaller share of the workers would be left, ejected ones are picked, too [default: 50%]
    #[arg(
        hide_short_help = true,
        long = "panic-below",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    panic_below: Option<Share>,
}

/// Passive health as the record stores it. 0.1 is a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PassiveHealth {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    consecutive: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    success_rate: Option<f64>,
    #[serde(rename = "time_s", with = "seconds")]
    time: Duration,
    at_most: f64,
    panic_below: f64,
}

const EJECT_BELOW: Setting = setting(
    "--eject-below",
    "fleet.defences.passive_health.success_rate",
);
const EJECT_TIME: Setting = setting("--eject-time", "fleet.defences.passive_health.time");
const EJECT_AT_MOST: Setting = setting("--eject-at-most", "fleet.defences.passive_health.at_most");
const PANIC_BELOW: Setting = setting("--panic-below", "fleet.defences.passive_health.panic_below");

impl PassiveHealthOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            consecutive: self.consecutive.or(other.consecutive),
            success_rate: self.success_rate.or(other.success_rate),
            time: self.time.or(other.time),
            at_most: self.at_most.or(other.at_most),
            panic_below: self.panic_below.or(other.panic_below),
        }
    }

    /// Checks the options, and fills the gaps if passive health is on.
    pub(super) fn resolve(&self) -> Result<Option<PassiveHealth>, SettingError> {
        if self.consecutive.is_none() && self.success_rate.is_none() {
            let needs = "`--eject-after`";
            needless(EJECT_TIME, self.time.map(duration::show), needs)?;
            needless(EJECT_AT_MOST, self.at_most, needs)?;
            needless(PANIC_BELOW, self.panic_below, needs)?;
            return Ok(None);
        }
        let default = strategies::PassiveHealth::DEFAULT_TIME;
        let at_most = Share(strategies::PassiveHealth::DEFAULT_AT_MOST);
        let panic_below = Share(strategies::PassiveHealth::DEFAULT_PANIC_BELOW);
        let success_rate = self.success_rate.map(|rate| share(EJECT_BELOW, rate));
        let number = strategies::Share::number;
        Ok(Some(PassiveHealth {
            consecutive: self.consecutive.map(Failures::nonzero_u32),
            success_rate: success_rate.transpose()?.map(number),
            time: at_least(EJECT_TIME, self.time.unwrap_or(default))?,
            at_most: share(EJECT_AT_MOST, self.at_most.unwrap_or(at_most))?.number(),
            panic_below: share(PANIC_BELOW, self.panic_below.unwrap_or(panic_below))?.number(),
        }))
    }
}

impl PassiveHealth {
    pub(super) fn passive_health(self) -> Option<strategies::PassiveHealth> {
        let share = strategies::Share::new;
        Some(strategies::PassiveHealth {
            consecutive: self.consecutive,
            success_rate: self.success_rate.and_then(share),
            time: self.time,
            at_most: share(self.at_most)?,
            panic_below: share(self.panic_below)?,
        })
    }
}
