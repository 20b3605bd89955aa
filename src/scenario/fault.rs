//! The faults that the events of a scenario bring about, in the order of their times.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use evenkeel_common::duration::show;
use evenkeel_common::units::plural;
use evenkeel_strategies::{Change, CrashSignal, Fault, Misbehaviour, Role, Slowness};
use rand::seq::index;
use rand_pcg::Pcg64;

use super::event::{Event, Target};
use super::{InvalidScenario, Problem, Scenario};

/// A fault at a time, of one process or several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedFault {
    /// When it begins, since the measured time began.
    pub(crate) at: Duration,
    /// When it is over; `None` if it never is.
    pub(crate) until: Option<Duration>,
    pub(crate) fault: Fault,
    /// The processes that it hits.
    pub(crate) roles: Vec<Role>,
    /// Number of the event that brings it about, from 0.
    event: usize,
}

/// The fleet that faults hit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// The number of workers with which it begins.
    pub(crate) workers: usize,
    pub(crate) dispatchers: usize,
    /// From which workers are drawn.
    pub(crate) seed: u64,
}

impl Scenario {
    /// Whether an event brings a fault about.
    pub(crate) fn has_faults(&self) -> bool {
        self.events.iter().any(|event| event.fault().is_some())
    }

    /// Returns the faults in this measured time, in the order of their beginnings; those of one time in the order
    /// of their events. They are the same for the same fleet.
    pub(crate) fn faults(&self, duration: Duration, fleet: Hit) -> Vec<PlannedFault> {
        let mut faults = Vec::new();
        for (number, event) in self.events.iter().enumerate() {
            let Some(fault) = event.fault() else {
                continue;
            };
            let mut random = Pcg64::new(fleet.seed.into(), number as u128);
            for at in event.times(duration) {
                let workers = self.workers_at(at, duration, fleet.workers);
                faults.push(PlannedFault {
                    at,
                    until: event.lasts().map(|lasts| at + lasts),
                    fault,
                    roles: roles(event, workers, &mut random),
                    event: number,
                });
            }
        }
        faults.sort_by_key(|planned| planned.at);
        faults
    }

    /// Returns how many workers the fleet has at a time, if it begins with this number.
    fn workers_at(&self, at: Duration, duration: Duration, workers: usize) -> usize {
        let changes = self.changes(duration).into_iter();
        let scaled = changes.take_while(|planned| planned.at <= at);
        let scaled = scaled.filter_map(|planned| match planned.change {
            Change::Scale { workers, .. } => Some(workers.get()),
            _ => None,
        });
        scaled.last().unwrap_or(workers)
    }

    /// Checks the faults in this measured time.
    ///
    /// # Errors
    /// [`InvalidScenario`] for a fault that is not over in the measured time, of a process that the fleet does not
    /// have then, of one that has another fault or has crashed, and of the last worker that answers.
    pub(crate) fn check_faults(
        &self,
        duration: Duration,
        fleet: Hit,
    ) -> Result<(), InvalidScenario> {
        let mut ill: Vec<PlannedFault> = Vec::new();
        for planned in self.faults(duration, fleet) {
            ill.retain(|other| other.until.is_none_or(|until| until > planned.at));
            let workers = self.workers_at(planned.at, duration, fleet.workers);
            let problem = planned
                .problem_of_end(duration)
                .or_else(|| planned.problem_of_roles(workers, fleet.dispatchers))
                .or_else(|| planned.problem_of_overlap(&ill));
            let number = planned.event;
            ill.push(planned);
            let problem = problem.or_else(|| problem_of_all(&ill, workers));
            if let Some((key, problem)) = problem {
                return Err(self.invalid_event(number, key, problem));
            }
        }
        Ok(())
    }
}

/// Returns whom an event hits in a fleet with this number of workers.
fn roles(event: &Event, workers: usize, random: &mut Pcg64) -> Vec<Role> {
    let mut drawn = |count: usize| {
        let numbers = index::sample(random, workers, count.min(workers)).into_iter();
        let mut numbers: Vec<usize> = numbers.collect();
        numbers.sort_unstable();
        numbers.into_iter().map(Role::Worker).collect()
    };
    let all = |numbers: &[u32], role: fn(usize) -> Role| {
        numbers
            .iter()
            .map(|number| role(*number as usize))
            .collect()
    };
    match event.target() {
        Some(Target::Workers(numbers)) => all(numbers, Role::Worker),
        Some(Target::Dispatchers(numbers)) => all(numbers, Role::Dispatcher),
        Some(Target::Count(count)) => drawn(count as usize),
        Some(Target::Share(share)) => drawn(((share.0 * workers as f64).round() as usize).max(1)),
        None => Vec::new(),
    }
}

/// Returns what is wrong if nobody can answer. A fleet of one worker may have any fault: it has no other worker.
fn problem_of_all(ill: &[PlannedFault], workers: usize) -> Option<Problem> {
    let is_silent = |number: usize| {
        let mut silencing = ill.iter().filter(|it| !it.fault.answers());
        silencing.any(|it| it.roles.contains(&Role::Worker(number)))
    };
    let last = ill.last()?;
    (workers > 1 && (0..workers).all(is_silent)).then(|| {
        let problem = format!(
            "at {} none of the {} could answer; leave at least one well",
            show(last.at),
            plural(workers, "worker")
        );
        ("do", problem)
    })
}

impl PlannedFault {
    /// Says in a few words what it does to whom.
    pub(crate) fn words(&self) -> String {
        let roles: Vec<String> = self.roles.iter().map(Role::to_string).collect();
        words_of_fault(&self.fault, &roles.join(", "))
    }

    fn problem_of_end(&self, duration: Duration) -> Option<Problem> {
        let until = self.until.filter(|until| *until > duration)?;
        let problem = format!(
            "the fault would last until {}, and the measured time ends at {}; give a shorter time, or a longer \
             measured time (`duration`, `-d`)",
            show(until),
            show(duration)
        );
        Some(("for", problem))
    }

    fn problem_of_roles(&self, workers: usize, dispatchers: usize) -> Option<Problem> {
        let is_missing = |role: &&Role| match role {
            Role::Worker(number) => *number >= workers,
            Role::Dispatcher(number) => *number >= dispatchers,
            Role::Server | Role::Supervisor => false,
        };
        let missing = self.roles.iter().find(is_missing)?;
        let (key, present) = match missing.is_dispatcher() {
            true => ("dispatchers", plural(dispatchers, "dispatcher")),
            false => ("workers", plural(workers, "worker")),
        };
        let at = show(self.at);
        let problem =
            format!("there is no {missing} at {at}: the fleet has {present} then, numbered from 0");
        Some((key, problem))
    }

    /// Finds a process that is named twice, has a fault already, or has crashed.
    fn problem_of_overlap(&self, ill: &[Self]) -> Option<Problem> {
        let at = show(self.at);
        let twice =
            (1..self.roles.len()).find(|last| self.roles[..*last].contains(&self.roles[*last]));
        if let Some(number) = twice {
            return Some((
                "do",
                format!("{} is hit twice at {at}; name it once", self.roles[number]),
            ));
        }
        let (other, role) = ill.iter().find_map(|other| {
            let mut roles = self.roles.iter();
            Some((other, roles.find(|role| other.roles.contains(role))?))
        })?;
        let began = show(other.at);
        let problem = match other.until {
            None => format!("{role} has crashed at {began}"),
            Some(until) => format!(
                "{role} has another fault, from {began} until {}",
                show(until)
            ),
        };
        Some((
            "do",
            format!("at {at} {problem}; choose another one, or another time"),
        ))
    }
}

/// Says in a few words what a fault does to whom, such as `hang worker 3`.
pub(super) fn words_of_fault(fault: &Fault, whom: &str) -> String {
    match fault {
        Fault::Crash(CrashSignal::Kill) => format!("crash {whom}"),
        Fault::Crash(CrashSignal::Segv) => format!("crash {whom} by SIGSEGV"),
        Fault::Hang => format!("hang {whom}"),
        Fault::Pause { stopped, every } => {
            format!(
                "pause {whom} for {} in each {}",
                show(*stopped),
                show(*every)
            )
        }
        Fault::Throttle { cpus } => format!("throttle {whom} to {cpus} CPUs"),
        Fault::Misbehave(how) => words_of_misbehaviour(how, whom),
    }
}

fn words_of_misbehaviour(how: &Misbehaviour, whom: &str) -> String {
    match how {
        Misbehaviour::Slow(Slowness::Times(times)) => format!("slow {whom} {times} times"),
        Misbehaviour::Slow(Slowness::Fixed(time)) => format!("slow {whom} to {}", show(*time)),
        Misbehaviour::Slow(Slowness::Exponential(mean)) => {
            format!("slow {whom} to {} on average", show(*mean))
        }
        Misbehaviour::Refuse => format!("refuse at {whom}"),
        Misbehaviour::Reset => format!("reset at {whom}"),
        Misbehaviour::FailFast => format!("fail fast at {whom}"),
        Misbehaviour::Lie => format!("lie at {whom}"),
        Misbehaviour::Drip { every } => format!("drip at {whom}, a byte each {}", show(*every)),
        Misbehaviour::Leak => format!("leak at {whom}"),
    }
}

impl Display for PlannedFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", show(self.at), self.words())?;
        match self.until {
            Some(until) => write!(f, ", until {}", show(until)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
