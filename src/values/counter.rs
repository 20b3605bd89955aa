//! How workers count their requests together, as people write it.

use clap::ValueEnum;
use evenkeel_strategies::Counter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CounterName {
    /// They do not
    #[default]
    None,
    /// Each adds each request to one counter in shared memory
    SharedMemory,
    /// Each sends the master a message for each request, and the master informs all
    Messages,
}

impl CounterName {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
}

impl From<CounterName> for Counter {
    fn from(name: CounterName) -> Self {
        match name {
            CounterName::None => Self::None,
            CounterName::SharedMemory => Self::SharedMemory,
            CounterName::Messages => Self::Messages,
        }
    }
}
