//! The load of a study or of `evenkeel load`.

use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::serial::{cpu_list, seconds};
use crate::machine::CpuSet;
use crate::values::{Connections, RATES, some_rate};

/// Options of the load.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[command(next_help_heading = "Load")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoadOptions {
    /// Number of connections; in an open loop, the most
    #[arg(short, long, value_name = "N")]
    pub(crate) connections: Option<Connections>,
    /// Open loop: requests per second
    #[arg(long, short_alias = 'R', value_name = "RPS", value_parser = |text: &str| RATES.parse(text))]
    #[serde(deserialize_with = "some_rate")]
    pub(crate) rate: Option<f64>,
    /// Measured time, such as 700ms or 5s
    #[arg(short, long, short_alias = 'z', value_name = "DURATION", value_parser = duration::parse_option, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) duration: Option<Duration>,
    /// Load before the measured time
    #[arg(long, value_name = "DURATION", value_parser = duration::parse_option, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) warmup: Option<Duration>,
    /// CPUs of the load threads, one thread each [default: the other half of the CPUs]
    #[arg(long, value_name = "CPUS")]
    pub(crate) load_cpus: Option<CpuSet>,
}

/// Configuration of the load that all scenarios of a study share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadConfig {
    /// Measured time per trial, under scenarios that have none of their own.
    #[serde(rename = "duration_s", with = "seconds")]
    pub(crate) duration: Duration,
    /// Load before the measured time.
    #[serde(rename = "warmup_s", with = "seconds")]
    pub(crate) warmup: Duration,
    /// CPUs of the load threads, one thread each.
    #[serde(with = "cpu_list")]
    pub(crate) load_cpus: CpuSet,
}

impl LoadOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            connections: self.connections.or(other.connections),
            rate: self.rate.or(other.rate),
            duration: self.duration.or(other.duration),
            warmup: self.warmup.or(other.warmup),
            load_cpus: self.load_cpus.or(other.load_cpus),
        }
    }
}
