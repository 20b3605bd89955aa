//! Changes of a running fleet.

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::launch::messages::MessageError;
use crate::launch::{child::Role, error::LaunchError, host::UnmetRequirement};
use crate::share::Share;

/// A change of the processes of a running fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Every worker is replaced.
    Reload(Reload),
    /// Workers are added, or those with the highest numbers taken out, until there are this many.
    Scale {
        /// The new number of workers.
        workers: NonZeroUsize,
        /// The share of its connections that each worker ends that was there before and stays, so that
        /// clients connect anew and new workers get connections, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        close: Option<Share>,
    },
    /// One worker is replaced, in the default way of a reload.
    Restart {
        /// Its number.
        worker: usize,
    },
    /// Dispatchers are replaced, one after another. Each gives its successor the listener, with the
    /// connections that wait there, and those that wait in the dispatcher.
    ReplaceDispatcher {
        /// The number of the only one that is replaced. If `None`, all are.
        dispatcher: Option<usize>,
        /// Time limit for a dispatcher to finish what it has kept. If `None`, that of the
        /// [fleet](crate::FleetSpec::drain_within).
        drain_within: Option<Duration>,
    },
}

/// How every worker is replaced. The default loses nothing: one at a time, start then drain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Reload {
    /// How many are replaced at a time.
    pub order: Order,
    /// Whether the new worker starts before the old one drains.
    pub overlap: Overlap,
    /// Time limit for a worker to drain. If `None`, that of the [fleet](crate::FleetSpec::drain_within).
    pub drain_within: Option<Duration>,
}

/// How many workers a reload replaces at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The next one when the old worker before it has ended.
    #[default]
    OneAtATime,
    /// All at once.
    AllAtOnce,
}

/// Whether two workers have one place for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// The old worker drains when the new one has been admitted.
    #[default]
    StartThenDrain,
    /// The new worker starts when the old one has ended. With one worker nobody serves meanwhile.
    DrainThenStart,
}

/// Why a change was not carried out. The fleet goes on with the workers that it has.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The strategy, or the system that serves, cannot change its workers.
    #[error(transparent)]
    Unmet(#[from] UnmetRequirement),
    /// The fleet has fewer places.
    #[error(
        "{workers} workers need as many places, and the fleet was launched with {places}; launch it \
         with more places"
    )]
    TooFewPlaces {
        /// The requested number of workers.
        workers: usize,
        /// The number of places.
        places: usize,
    },
    /// No worker has this number.
    #[error("there is no worker {worker}; the fleet has {workers}, numbered from 0")]
    NoSuchWorker {
        /// The requested worker.
        worker: usize,
        /// The number of workers.
        workers: usize,
    },
    /// No dispatcher has this number.
    #[error("there is no dispatcher {dispatcher}; the fleet has {dispatchers}, numbered from 0")]
    NoSuchDispatcher {
        /// The requested dispatcher.
        dispatcher: usize,
        /// The number of dispatchers.
        dispatchers: usize,
    },
    /// A new process could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The sockets, channels or rules between clients and workers could not be changed.
    #[error("the way to {role} could not be changed: {source}")]
    Fabric {
        /// The role of the worker.
        role: Role,
        /// The error.
        source: io::Error,
    },
    /// A worker could not be asked to end connections.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A dispatcher has not handed over to its successor.
    #[error("{role} was not replaced: {source}")]
    Succession {
        /// The role of the dispatcher.
        role: Role,
        /// The error.
        source: io::Error,
    },
    /// Another system was not changed.
    #[error("the system was not changed: {0}")]
    System(Box<dyn std::error::Error + Send + Sync>),
    /// It was abandoned before it was complete.
    #[error("it was abandoned before it was complete")]
    Abandoned,
}
