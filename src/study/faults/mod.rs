//! Bringing about the faults of a scenario while load is offered.

mod requests;

use std::fmt::Display;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use evenkeel_strategies::{Fault, Role};

use super::changes::is_open_until;
use crate::scenario::PlannedFault;

pub(super) use requests::{Offered, add_requests};

/// A fault as it was brought about.
#[derive(Debug, PartialEq)]
pub(super) struct Brought<'a> {
    pub(super) planned: &'a PlannedFault,
    pub(super) began: Instant,
    /// When it was over; `None` if it never was.
    pub(super) ended: Option<Instant>,
    /// Why a process did not become ill, if one did not.
    pub(super) error: Option<String>,
}

/// A fault that has begun, with what ends it when it is dropped.
struct Begun<'a, A> {
    brought: Brought<'a>,
    active: Vec<A>,
}

/// Brings about a plan, and returns what was brought about. `window` gives the time at which the window opens,
/// and is closed with the window: no fault lasts longer.
pub(super) fn bring_about<'a, A, E: Display>(
    plan: &'a [PlannedFault],
    window: &Receiver<Instant>,
    inject: impl Fn(&Fault, Role) -> Result<A, E>,
) -> Vec<Brought<'a>> {
    let mut begun: Vec<Begun<A>> = Vec::new();
    if let Ok(opened) = window.recv() {
        for (at, step) in steps(plan) {
            if !is_open_until(opened + at, window) {
                break;
            }
            match step {
                Step::End(number) => {
                    let mut ending = begun.iter_mut();
                    let is_it = |it: &&mut Begun<A>| it.brought.planned == &plan[number];
                    ending.find(is_it).into_iter().for_each(Begun::end);
                }
                Step::Begin(number) => begun.push(begin(&plan[number], &inject)),
            }
        }
    }
    begun.iter_mut().for_each(Begun::end);
    begun.into_iter().map(|begun| begun.brought).collect()
}

/// The beginning or the end of the fault with this number. What ends at a time does so before others begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    End(usize),
    Begin(usize),
}

fn steps(plan: &[PlannedFault]) -> Vec<(Duration, Step)> {
    let steps = plan.iter().enumerate().flat_map(|(number, planned)| {
        let end = planned.until.map(|until| (until, Step::End(number)));
        [(planned.at, Step::Begin(number))].into_iter().chain(end)
    });
    let mut steps: Vec<_> = steps.collect();
    steps.sort_unstable();
    steps
}

fn begin<'a, A, E: Display>(
    planned: &'a PlannedFault,
    inject: &impl Fn(&Fault, Role) -> Result<A, E>,
) -> Begun<'a, A> {
    let began = Instant::now();
    let injected = planned
        .roles
        .iter()
        .map(|role| inject(&planned.fault, *role));
    let (active, errors): (Vec<_>, Vec<_>) = injected.partition(Result::is_ok);
    let error = errors.into_iter().find_map(Result::err);
    Begun {
        brought: Brought {
            planned,
            began,
            ended: None,
            error: error.map(|error| error.to_string()),
        },
        active: active.into_iter().filter_map(Result::ok).collect(),
    }
}

impl<A> Begun<'_, A> {
    /// Ends a fault that lasts until now.
    fn end(&mut self) {
        self.active.clear();
        if self.brought.planned.fault.lasts() && self.brought.ended.is_none() {
            self.brought.ended = Some(Instant::now());
        }
    }
}

/// Why the figures of a trial with these faults may not be compared, one sentence each.
pub(super) fn objections(brought: &[Brought]) -> Vec<String> {
    let failed = brought.iter().filter_map(|one| one.error.as_ref());
    failed
        .map(|error| format!("a fault did not come about: {error}"))
        .collect()
}

#[cfg(test)]
mod tests;
