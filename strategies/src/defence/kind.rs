//! The kinds of defences.

use std::fmt::{self, Display, Formatter};

/// A kind of defence. The [profile](crate::Profile::defences) of a strategy lists those that it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefenceKind {
    /// A time limit for each try.
    TryTimeout,
    /// Sending a request that has failed once more.
    Retries,
    /// Sending a request that takes long to a second worker.
    Hedging,
    /// Not picking workers that fail.
    PassiveHealth,
    /// Giving nothing to workers that do not turn their event loop.
    Stall,
}

impl Display for DefenceKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TryTimeout => "a timeout per try (`try_timeout`)",
            Self::Retries => "retries (`retries`)",
            Self::Hedging => "hedging (`hedging`)",
            Self::Stall => "stall detection (`stall_after`)",
            Self::PassiveHealth => "passive health (`eject_after`, `eject_below`)",
        })
    }
}
