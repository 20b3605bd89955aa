//! Time limits towards clients.

use std::time::Duration;

use evenkeel_common::duration::show;
use evenkeel_strategies::ClientLimits;
use serde::{Deserialize, Serialize};

use super::serial::seconds;
use super::{FleetOptions, Setting, SettingError};

/// The time limits towards clients. The record contains them if they are not the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientTimeouts {
    #[serde(rename = "head_s", with = "seconds")]
    head: Duration,
    #[serde(rename = "idle_s", with = "seconds")]
    idle: Duration,
    #[serde(rename = "stall_s", with = "seconds")]
    stall: Duration,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        let ClientLimits { head, idle, stall } = ClientLimits::default();
        Self { head, idle, stall }
    }
}

impl ClientTimeouts {
    /// Fills in the defaults.
    pub(super) fn resolve(options: &FleetOptions) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            head: limit(HEAD, options.head_timeout, default.head)?,
            idle: limit(IDLE, options.idle_timeout, default.idle)?,
            stall: limit(STALL, options.stall_timeout, default.stall)?,
        })
    }

    pub(super) fn limits(self) -> ClientLimits {
        let Self { head, idle, stall } = self;
        ClientLimits { head, idle, stall }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

const HEAD: Setting = Setting {
    option: "--head-timeout",
    key: "fleet.head_timeout",
};

const IDLE: Setting = Setting {
    option: "--idle-timeout",
    key: "fleet.idle_timeout",
};

const STALL: Setting = Setting {
    option: "--stall-timeout",
    key: "fleet.stall_timeout",
};

/// The resolution of the kernel's time limit for answers that do not move (TCP_USER_TIMEOUT).
const SHORTEST: Duration = Duration::from_millis(1);

fn limit(
    setting: Setting,
    given: Option<Duration>,
    default: Duration,
) -> Result<Duration, SettingError> {
    let limit = given.unwrap_or(default);
    match limit >= SHORTEST {
        true => Ok(limit),
        false => {
            let problem = "no client is that fast; give 1ms or more";
            Err(SettingError::value(setting, show(limit), problem))
        }
    }
}
