//! Options of stall detection and rescue.

use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use evenkeel_strategies as strategies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{at_least, needless, setting};
use crate::config::serial::seconds;
use crate::config::{Setting, SettingError};

/// Options of stall detection and rescue.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StallOptions {
    /// How long the event loop of a worker may stand still while there is something to do. Then the worker gets
    /// nothing new until it turns again [default: no limit]
    #[arg(hide_short_help = true, long = "stall-after", value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    after: Option<Duration>,
    /// Give connections that a stalled or crashed worker has not taken in to others. Needs --stall-after
    #[arg(hide_short_help = true, long = "rescue")]
    rescue: bool,
}

/// Stall detection and rescue as the record stores them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stall {
    #[serde(rename = "after_s", with = "seconds")]
    after: Duration,
    #[serde(default)]
    rescue: bool,
}

const AFTER: Setting = setting("--stall-after", "fleet.defences.stall.after");
const RESCUE: Setting = setting("--rescue", "fleet.defences.stall.rescue");

impl StallOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            after: self.after.or(other.after),
            rescue: self.rescue || other.rescue,
        }
    }

    /// Checks the options, and fills the gaps if stall detection is on.
    pub(super) fn resolve(&self) -> Result<Option<Stall>, SettingError> {
        let Some(after) = self.after else {
            needless(RESCUE, self.rescue.then_some(true), "`--stall-after`")?;
            return Ok(None);
        };
        Ok(Some(Stall {
            after: at_least(AFTER, after)?,
            rescue: self.rescue,
        }))
    }
}

impl Stall {
    pub(super) fn stall(self) -> strategies::Stall {
        let Self { after, rescue } = self;
        strategies::Stall { after, rescue }
    }
}
