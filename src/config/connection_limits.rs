//! How long clients may keep a connection.

use std::num::NonZeroU32;
use std::time::Duration;

use evenkeel_common::duration::show;
use evenkeel_strategies::{self as strategies, MaxAge};
use serde::{Deserialize, Serialize};

use super::serial::optional_seconds;
use super::{FleetOptions, Setting, SettingError};
use crate::values::Whole;

/// Numbers of requests on a connection.
pub(super) type Requests = Whole<1, { u32::MAX as u64 }>;

/// How long clients may keep a connection. The record contains it if there is a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectionLimits {
    #[serde(rename = "max_age_s", with = "optional_seconds")]
    max_age: Option<Duration>,
    #[serde(rename = "age_jitter_s", with = "optional_seconds")]
    age_jitter: Option<Duration>,
    max_requests: Option<NonZeroU32>,
}

const AGE: Setting = Setting {
    option: "--max-connection-age",
    key: "fleet.max_connection_age",
};

const JITTER: Setting = Setting {
    option: "--connection-age-jitter",
    key: "fleet.connection_age_jitter",
};

/// Processes look at connections an eighth of this apart, and not more often than each millisecond.
const SHORTEST: Duration = Duration::from_millis(10);

impl ConnectionLimits {
    /// Checks the options.
    pub(super) fn resolve(options: &FleetOptions) -> Result<Self, SettingError> {
        let limits = Self {
            max_age: options.max_connection_age,
            age_jitter: options.connection_age_jitter,
            max_requests: options.max_connection_requests.map(Requests::nonzero_u32),
        };
        for (setting, time) in [(AGE, limits.max_age), (JITTER, limits.age_jitter)] {
            if let Some(time) = time.filter(|time| *time < SHORTEST) {
                let problem = "it is too short to be observed; give 10ms or more";
                return Err(SettingError::value(setting, show(time), problem));
            }
        }
        match (limits.max_age, limits.age_jitter) {
            (None, Some(jitter)) => {
                let problem = "there is no age to add it to; give `--max-connection-age`, too";
                Err(SettingError::value(JITTER, show(jitter), problem))
            }
            _ => Ok(limits),
        }
    }

    pub(super) fn limits(self) -> strategies::ConnectionLimits {
        strategies::ConnectionLimits {
            max_age: (self.max_age)
                .map(|least| MaxAge::new(least, self.age_jitter.unwrap_or_default())),
            max_requests: self.max_requests,
        }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
