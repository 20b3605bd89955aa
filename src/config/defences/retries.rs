//! Options of retries.

use std::num::NonZeroU32;

use clap::Args;
use evenkeel_strategies::{self as strategies, Budget};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{needless, setting, share};
use crate::config::{Setting, SettingError};
use crate::values::{Share, Whole};

/// Numbers of retries of a request: more are a typing error.
type Tries = Whole<1, 100>;

/// Numbers per second.
type PerSecond = Whole<0, 1_000_000>;

/// Options of retries.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetryOptions {
    /// Maximum number of retries of a request that failed: its connection closed without an answer, the try took
    /// too long, or the status is 500 to 599. Only idempotent requests without a body are sent again [default: none]
    #[arg(hide_short_help = true, long = "retries", value_name = "N")]
    most: Option<Tries>,
    /// How many retries all requests may have, as a share of the requests of the last 10 s [default: 20%]
    #[arg(
        hide_short_help = true,
        long = "retry-budget",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    budget: Option<Share>,
    /// How many retries per second there may be besides [default: 10]
    #[arg(hide_short_help = true, long = "retry-rate", value_name = "N")]
    per_second: Option<PerSecond>,
}

/// Retries as the record stores them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Retries {
    most: NonZeroU32,
    /// 0.2 is a fifth of the requests.
    budget: f64,
    per_second: u32,
}

const BUDGET: Setting = setting("--retry-budget", "fleet.defences.retries.budget");
const RATE: Setting = setting("--retry-rate", "fleet.defences.retries.per_second");

impl RetryOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            most: self.most.or(other.most),
            budget: self.budget.or(other.budget),
            per_second: self.per_second.or(other.per_second),
        }
    }

    /// Checks the options, and fills the gaps if retries are on.
    pub(super) fn resolve(&self) -> Result<Option<Retries>, SettingError> {
        let Some(most) = self.most else {
            let needs = "`--retries`";
            needless(BUDGET, self.budget, needs)?;
            needless(RATE, self.per_second.map(Whole::u64), needs)?;
            return Ok(None);
        };
        let budget = Share(strategies::Retries::DEFAULT_SHARE);
        let default_rate = strategies::Retries::DEFAULT_PER_SECOND;
        Ok(Some(Retries {
            most: most.nonzero_u32(),
            budget: share(BUDGET, self.budget.unwrap_or(budget))?.number(),
            per_second: self.per_second.map_or(default_rate, Whole::u32),
        }))
    }
}

impl Retries {
    pub(super) fn retries(self) -> Option<strategies::Retries> {
        Some(strategies::Retries {
            most: self.most,
            budget: Budget {
                share: strategies::Share::new(self.budget)?,
                per_second: self.per_second,
            },
        })
    }
}
