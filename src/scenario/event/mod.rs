//! Events: what happens to the fleet while load is offered.

mod deed;
mod problems;
mod takes;
mod target;

use std::fmt::{self, Display, Formatter};
use std::iter::successors;
use std::time::Duration;

use evenkeel_common::duration::{self, show};
use evenkeel_common::number::Numbers;
use evenkeel_strategies::{Change, CrashSignal, Fault, Order, Overlap};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::change::words;
use super::fault::words_of_fault;
use crate::values::{Processes, Share};
use deed::{Action, Deed, EACH, PAUSE};
use takes::Takes;
pub(super) use target::Target;
use target::Workers;

/// What happens to the fleet in the measured time, once or repeatedly. In TOML
///
/// ```toml
/// [[event]]
/// every = "250ms"
/// do = "reload"
/// order = "all-at-once"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// When it happens, since the measured time began; with `every`, for the first time.
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    at: Option<Duration>,
    /// Time after which it happens again; without `at` the first one comes after this time, too.
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    every: Option<Duration>,
    /// Time from which on it does not happen again; if absent, the end of the measured time.
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    until: Option<Duration>,
    /// What happens.
    #[serde(rename = "do")]
    action: Action,
    /// Of a reload: in which order workers are replaced [default: one-at-a-time].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
    /// Of a reload: whether a worker goes before or after the new one has come [default:
    /// start-then-drain].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    overlap: Option<Overlap>,
    /// Of a reload: how long a worker may drain; of a replacement of dispatchers: how long a dispatcher may
    /// [default: as long as at the end of a trial].
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    drain: Option<Duration>,
    /// Of a change of scale: the number of workers from then on. Of a fault: the numbers of the workers that it
    /// hits, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workers: Option<Workers>,
    /// Of a change of scale: the share of its connections that each worker ends that was there before, such as 25%,
    /// so that clients connect anew [default: none].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    close: Option<Share>,
    /// Of a fault, instead of `workers`: the share of the workers that it hits, drawn from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<Share>,
    /// Of a fault, instead of `workers`: how many workers it hits, drawn from the seed.
    #[serde(
        default,
        deserialize_with = "Processes::read_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Processes>")]
    count: Option<u32>,
    /// Of a fault, instead of workers: the numbers of the dispatchers that it hits, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispatchers: Option<Vec<u32>>,
    /// Of a fault: how long it lasts. A crash has no end.
    #[serde(
        rename = "for",
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    lasts: Option<Duration>,
    /// Of a crash: by which signal [default: kill].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signal: Option<CrashSignal>,
    /// Of pauses: how long a process is stopped each time [default: 100ms].
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    stopped: Option<Duration>,
    /// Of pauses: from the beginning of one to that of the next [default: 1s]. Of dripping: from one byte to the
    /// next [default: 100ms].
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    each: Option<Duration>,
    /// Of a throttled process: the CPU time that it gets, in CPUs, such as 0.2.
    #[serde(
        default,
        deserialize_with = "cpus",
        skip_serializing_if = "Option::is_none"
    )]
    cpus: Option<f64>,
    /// Of a slow worker: how many times as long its work takes, such as 12.
    #[serde(
        default,
        deserialize_with = "times",
        skip_serializing_if = "Option::is_none"
    )]
    times: Option<f64>,
    /// Of a slow worker, instead: how long its work takes, such as 2s, or exp:2s for an exponential distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    takes: Option<Takes>,
    /// Of a restart: the number of the worker, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<u32>,
    /// Of a replacement of dispatchers: the number of the only one that is replaced, from 0 [default: all,
    /// one after another].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispatcher: Option<u32>,
}

/// CPU time for a throttled process. The kernel has a millisecond in each tenth of a second at least.
const CPUS: Numbers = Numbers::between(0.01, 1024.0, "`cpus` is a number of CPUs, such as 0.2,");

fn cpus<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    CPUS.deserialize(from).map(Some)
}

/// How many times as long work takes. With more, any work takes longer than a trial.
const TIMES: Numbers = Numbers::between(1.0, 10_000.0, "`times` is a number, such as 12,");

fn times<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    TIMES.deserialize(from).map(Some)
}

/// Most changes of one event in a trial. Each starts processes, so more take hours.
const MOST: usize = 10_000;

impl Event {
    /// Returns the change that it makes; `None` if it is a fault.
    pub(super) fn change(&self) -> Option<Change> {
        match self.deed() {
            Deed::Change(change) => Some(change),
            Deed::Fault(_) => None,
        }
    }

    /// Returns the fault that it brings about; `None` if it is a change.
    pub(super) fn fault(&self) -> Option<Fault> {
        match self.deed() {
            Deed::Fault(fault) => Some(fault),
            Deed::Change(_) => None,
        }
    }

    /// Returns whom a fault hits; `None` if it says that not, or in two ways.
    pub(super) fn target(&self) -> Option<Target<'_>> {
        match (&self.workers, self.share, self.count, &self.dispatchers) {
            (Some(workers), None, None, None) => workers.list().map(Target::Workers),
            (None, Some(share), None, None) => Some(Target::Share(share)),
            (None, None, Some(count), None) => Some(Target::Count(count)),
            (None, None, None, Some(numbers)) => Some(Target::Dispatchers(numbers)),
            _ => None,
        }
    }

    /// Returns how long a fault lasts; `None` if it has no end.
    pub(super) fn lasts(&self) -> Option<Duration> {
        self.lasts
    }

    /// Returns when it happens in this measured time.
    pub(super) fn times(&self, duration: Duration) -> impl Iterator<Item = Duration> {
        let end = self.until.map_or(duration, |until| until.min(duration));
        let next = |last: &Duration| last.checked_add(self.every?);
        successors(Some(self.first()), next).take_while(move |at| *at < end)
    }

    fn first(&self) -> Duration {
        self.at.or(self.every).unwrap_or_default()
    }
}

/// In a few words, such as `reload every 250ms`.
impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.deed() {
            Deed::Change(change) => f.write_str(&words(&change))?,
            Deed::Fault(fault) => {
                let target = self.target().map(|target| target.to_string());
                f.write_str(&words_of_fault(&fault, &target.unwrap_or_default()))?;
            }
        }
        if let Some(lasts) = self.lasts {
            write!(f, " for {}", show(lasts))?;
        }
        if let Some(every) = self.every {
            write!(f, " every {}", show(every))?;
        }
        match (self.at, self.every) {
            (Some(at), None) => write!(f, " at {}", show(at))?,
            (Some(at), Some(_)) => write!(f, " from {} on", show(at))?,
            (None, _) => {}
        }
        match self.until {
            Some(until) => write!(f, " until {}", show(until)),
            None => Ok(()),
        }
    }
}
