//! Events: what happens to the fleet while load is offered.

use std::fmt::{self, Display, Formatter};
use std::iter::successors;
use std::num::NonZeroUsize;
use std::time::Duration;

use evenkeel_common::duration::{self, show};
use evenkeel_strategies::{Change, Order, Overlap, Reload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Problem;
use super::change::words;
use crate::values::{Processes, Share};

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
    /// Of a change of scale: the number of workers from then on.
    #[serde(
        default,
        deserialize_with = "Processes::read_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Processes>")]
    workers: Option<u32>,
    /// Of a change of scale: the share of its connections that each worker ends that was there before, such as 25%,
    /// so that clients connect anew [default: none].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    close: Option<Share>,
    /// Of a restart: the number of the worker, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<u32>,
    /// Of a replacement of dispatchers: the number of the only one that is replaced, from 0 [default: all,
    /// one after another].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispatcher: Option<u32>,
}

/// What is done to a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Action {
    /// Every worker is replaced by a new one.
    Reload,
    /// Workers are added or taken out.
    Scale,
    /// One worker is replaced by a new one.
    Restart,
    /// Dispatchers are replaced by new ones.
    ReplaceDispatcher,
}

/// Most changes of one event in a trial. Each starts processes, so more take hours.
const MOST: usize = 10_000;

impl Event {
    /// Returns the change that it makes.
    pub(super) fn change(&self) -> Change {
        match self.action {
            Action::Reload => {
                let usual = Reload::default();
                Change::Reload(Reload {
                    order: self.order.unwrap_or(usual.order),
                    overlap: self.overlap.unwrap_or(usual.overlap),
                    drain_within: self.drain,
                })
            }
            // Checked: it names the number.
            Action::Scale => Change::Scale {
                workers: NonZeroUsize::new(self.workers.unwrap_or(0) as usize)
                    .unwrap_or(NonZeroUsize::MIN),
                close: self.close.and_then(Share::of_connections),
            },
            Action::Restart => Change::Restart {
                worker: self.worker.unwrap_or(0) as usize,
            },
            Action::ReplaceDispatcher => Change::ReplaceDispatcher {
                dispatcher: self.dispatcher.map(|number| number as usize),
                drain_within: self.drain,
            },
        }
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

    /// Returns what is wrong with it whatever the measured time is.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.problem_of_times().or_else(|| self.problem_of_action())
    }

    fn problem_of_times(&self) -> Option<Problem> {
        let problem = match (self.at, self.every, self.until) {
            (None, None, _) => (
                "do",
                "an event needs a time: `at = \"2s\"`, or `every = \"200ms\"` to repeat it".into(),
            ),
            (_, Some(every), _) if every.is_zero() => (
                "every",
                "`every` is 0; give the time after which it happens again, such as 200ms".into(),
            ),
            (_, None, Some(_)) => (
                "until",
                "`until` is the end of a repetition; give `every`, or leave it out".into(),
            ),
            (_, _, Some(until)) if until <= self.first() => (
                "until",
                format!(
                    "`until` is {}, and the event comes first at {}; give a later time",
                    show(until),
                    show(self.first())
                ),
            ),
            _ => return None,
        };
        Some(problem)
    }

    fn problem_of_action(&self) -> Option<Problem> {
        const RELOAD: &[Action] = &[Action::Reload];
        const DRAINS: &[Action] = &[Action::Reload, Action::ReplaceDispatcher];
        let keys = [
            ("order", RELOAD, self.order.is_some()),
            ("overlap", RELOAD, self.overlap.is_some()),
            ("drain", DRAINS, self.drain.is_some()),
            ("workers", &[Action::Scale], self.workers.is_some()),
            ("close", &[Action::Scale], self.close.is_some()),
            ("worker", &[Action::Restart], self.worker.is_some()),
            (
                "dispatcher",
                &[Action::ReplaceDispatcher],
                self.dispatcher.is_some(),
            ),
        ];
        let mut strange = keys.into_iter();
        let strange = strange.find(|(_, owners, given)| *given && !owners.contains(&self.action));
        if let Some((key, owners, _)) = strange {
            let owners: Vec<_> = owners
                .iter()
                .map(|owner| format!("`do = \"{}\"`", owner.name()))
                .collect();
            let problem = format!("`{key}` belongs to {}; leave it out", owners.join(" and "));
            return Some((key, problem));
        }
        let missing =
            |what: &str| Some(("do", format!("`do = \"{}\"` {what}", self.action.name())));
        match self.action {
            Action::Scale if self.workers.is_none() => {
                missing("needs the number of workers: `workers = 8`")
            }
            Action::Scale if self.close.is_some_and(|it| it.of_connections().is_none()) => Some((
                "close",
                "`close` is too small a share; give one from 0.1% to 100%, or leave it out".into(),
            )),
            Action::Restart if self.worker.is_none() => {
                missing("needs the number of a worker, from 0: `worker = 0`")
            }
            _ => None,
        }
    }

    /// Returns what is wrong with it in this measured time.
    pub(super) fn problem_within(&self, duration: Duration) -> Option<Problem> {
        let key = if self.at.is_some() { "at" } else { "every" };
        let (first, end) = (show(self.first()), show(duration));
        if self.first() >= duration {
            let problem = format!(
                "the event would come at {first}, and the measured time ends at {end}; give an earlier \
                 time, or a longer measured time (`duration`, `-d`)"
            );
            return Some((key, problem));
        }
        (self.times(duration).nth(MOST).is_some()).then(|| {
            let problem = format!(
                "the event would come more than {MOST} times in {end}; give a longer `every`"
            );
            ("every", problem)
        })
    }
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Scale => "scale",
            Self::Restart => "restart",
            Self::ReplaceDispatcher => "replace-dispatcher",
        }
    }
}

/// In a few words, such as `reload every 250ms`.
impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.change()))?;
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
