//! What can be wrong with an event.

use std::time::Duration;

use evenkeel_common::duration::show;

use super::{Action, EACH, Event, MOST, PAUSE, Workers};
use crate::scenario::Problem;

/// Those that have an end.
const FAULTS_THAT_LAST: &[Action] = &[
    Action::Hang,
    Action::Pause,
    Action::Throttle,
    Action::Slow,
    Action::Refuse,
    Action::Reset,
    Action::FailFast,
    Action::Lie,
    Action::Drip,
    Action::Leak,
];

impl Event {
    /// Returns what is wrong with it whatever the measured time is.
    pub(in crate::scenario) fn problem(&self) -> Option<Problem> {
        self.problem_of_times()
            .or_else(|| self.problem_of_keys())
            .or_else(|| self.problem_of_missing_keys())
            .or_else(|| self.problem_of_values())
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

    /// Finds a key that belongs to something else.
    fn problem_of_keys(&self) -> Option<Problem> {
        let reload: &[_] = &[Action::Reload];
        let is_number = |it: &Workers| it.number().is_some();
        let keys = [
            ("order", reload, self.order.is_some()),
            ("overlap", reload, self.overlap.is_some()),
            (
                "drain",
                &[Action::Reload, Action::ReplaceDispatcher],
                self.drain.is_some(),
            ),
            ("close", &[Action::Scale], self.close.is_some()),
            ("worker", &[Action::Restart], self.worker.is_some()),
            (
                "dispatcher",
                &[Action::ReplaceDispatcher],
                self.dispatcher.is_some(),
            ),
            ("for", FAULTS_THAT_LAST, self.lasts.is_some()),
            ("signal", &[Action::Crash], self.signal.is_some()),
            ("stopped", &[Action::Pause], self.stopped.is_some()),
            ("each", &[Action::Pause, Action::Drip], self.each.is_some()),
            ("cpus", &[Action::Throttle], self.cpus.is_some()),
            ("times", &[Action::Slow], self.times.is_some()),
            ("takes", &[Action::Slow], self.takes.is_some()),
        ];
        let is_strange = |owners: &[Action]| !owners.contains(&self.action);
        let mut strange = keys.into_iter();
        let strange = strange.find(|(_, owners, given)| *given && is_strange(owners));
        if let Some((key, owners, _)) = strange {
            let owners = owners
                .iter()
                .map(|owner| format!("`do = \"{}\"`", owner.name()));
            let owners = owners.collect::<Vec<_>>().join(" and ");
            let problem = format!("`{key}` belongs to {owners}; leave it out");
            return Some((key, problem));
        }
        let of_faults = [
            (
                "workers",
                self.workers.as_ref().is_some_and(|it| !is_number(it)),
            ),
            ("share", self.share.is_some()),
            ("count", self.count.is_some()),
            ("dispatchers", self.dispatchers.is_some()),
        ];
        let mut of_faults = of_faults.into_iter();
        match of_faults.find(|(_, given)| *given) {
            Some((key @ "dispatchers", _)) if self.action.is_misbehaviour() => Some((
                key,
                format!(
                    "`do = \"{}\"` is a fault that only workers have; a dispatcher can crash, hang, pause or be \
                     throttled",
                    self.action.name()
                ),
            )),
            Some((key, _)) if !self.action.is_fault() => Some((
                key,
                format!(
                    "`{key}` says whom a fault hits, and `do = \"{}\"` is none",
                    self.action.name()
                ),
            )),
            _ if self.workers.as_ref().is_some_and(is_number) && self.action != Action::Scale => {
                let problem = match self.action.is_fault() {
                    true => "`workers` of a fault is a list of numbers, such as `workers = [0]`",
                    false => "`workers` belongs to `do = \"scale\"`; leave it out",
                };
                Some(("workers", problem.into()))
            }
            _ => None,
        }
    }

    fn problem_of_missing_keys(&self) -> Option<Problem> {
        let missing = match self.action {
            Action::Scale if self.workers.is_none() => "needs the number of workers: `workers = 8`",
            Action::Restart if self.worker.is_none() => {
                "needs the number of a worker, from 0: `worker = 0`"
            }
            Action::Slow if self.times.is_some() == self.takes.is_some() => {
                "needs to know how slow the worker is, in one way: `times = 12` or `takes = \"2s\"`"
            }
            Action::Throttle if self.cpus.is_none() => {
                "needs the CPU time that is left, in CPUs: `cpus = 0.2`"
            }
            action if FAULTS_THAT_LAST.contains(&action) && self.lasts.is_none() => {
                "needs the time for which it lasts: `for = \"3s\"`"
            }
            action if action.is_fault() && self.target().is_none() => {
                "needs to know whom it hits, in one way: `workers = [0, 3]`, `share = \"25%\"`, `count = 1` or \
                 `dispatchers = [0]`"
            }
            _ => return None,
        };
        Some(("do", format!("`do = \"{}\"` {missing}", self.action.name())))
    }

    fn problem_of_values(&self) -> Option<Problem> {
        let is_small = self.close.is_some_and(|it| it.of_connections().is_none());
        if is_small {
            let problem =
                "`close` is too small a share; give one from 0.1% to 100%, or leave it out";
            return Some(("close", problem.into()));
        }
        let zero = |key, time: Option<Duration>| {
            let problem = format!("`{key}` is 0; give a time, such as 100ms");
            time.is_some_and(|time| time.is_zero())
                .then_some((key, problem))
        };
        let zero = zero("for", self.lasts)
            .or_else(|| zero("stopped", self.stopped))
            .or_else(|| zero("each", self.each));
        zero.or_else(|| {
            let (stopped, each) = (
                self.stopped.unwrap_or(PAUSE),
                self.each.unwrap_or(EACH),
            );
            let problem = format!(
                "a process is stopped for {} in each {}, so it would never run; give a shorter time",
                show(stopped),
                show(each)
            );
            let key = if self.stopped.is_some() { "stopped" } else { "each" };
            (self.action == Action::Pause && stopped >= each).then_some((key, problem))
        })
    }

    /// Returns what is wrong with it in this measured time.
    pub(in crate::scenario) fn problem_within(&self, duration: Duration) -> Option<Problem> {
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
