//! Options of hedging.

use clap::Args;
use evenkeel_strategies::{self as strategies, Budget};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{needless, setting, share};
use crate::config::{Setting, SettingError};
use crate::values::Share;

/// Options of hedging.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HedgingOptions {
    /// Send a request to a second worker if it has not begun to be answered when this share of the requests has,
    /// such as 95%: the 95th percentile. The first answer counts. Only idempotent requests without a body
    /// [default: never]
    #[arg(
        hide_short_help = true,
        id = "hedge_after",
        long = "hedge-after",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    after: Option<Share>,
    /// How many second tries all requests may have, as a share of the requests of the last 10 s [default: 5%]
    #[arg(
        hide_short_help = true,
        id = "hedge_budget",
        long = "hedge-budget",
        value_name = "SHARE",
        allow_hyphen_values = true
    )]
    budget: Option<Share>,
}

/// Hedging as the record stores it. 0.95 is the 95th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Hedging {
    after: f64,
    budget: f64,
}

const AFTER: Setting = setting("--hedge-after", "fleet.defences.hedging.after");
const BUDGET: Setting = setting("--hedge-budget", "fleet.defences.hedging.budget");

impl HedgingOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            after: self.after.or(other.after),
            budget: self.budget.or(other.budget),
        }
    }

    /// Checks the options, and fills the gaps if hedging is on.
    pub(super) fn resolve(&self) -> Result<Option<Hedging>, SettingError> {
        let Some(after) = self.after else {
            needless(BUDGET, self.budget, "`--hedge-after`")?;
            return Ok(None);
        };
        let default = Share(strategies::Hedging::DEFAULT_BUDGET);
        Ok(Some(Hedging {
            after: share(AFTER, after)?.number(),
            budget: share(BUDGET, self.budget.unwrap_or(default))?.number(),
        }))
    }
}

impl Hedging {
    pub(super) fn hedging(self) -> Option<strategies::Hedging> {
        Some(strategies::Hedging {
            after: strategies::Share::new(self.after)?,
            budget: Budget {
                share: strategies::Share::new(self.budget)?,
                // Few requests need none: a percentile of them says little.
                per_second: 0,
            },
        })
    }
}
