//! Carrying out the changes of a scenario while load is offered.

use std::fmt::Display;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use evenkeel_common::units::plural;
use evenkeel_strategies::Change;

use crate::scenario::PlannedChange;

/// A change as it was carried out.
#[derive(Debug, PartialEq)]
pub(super) struct Carried<'a> {
    pub(super) planned: &'a PlannedChange,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    /// Why it failed, if it did.
    pub(super) error: Option<String>,
}

/// Carries out a plan, one change after another, and returns what was carried out. `window` gives the time
/// at which the window opens, and is closed with the window: no change begins after that.
pub(super) fn carry_out<'a, E: Display>(
    plan: &'a [PlannedChange],
    window: &Receiver<Instant>,
    change: impl Fn(&Change) -> Result<(), E>,
) -> Vec<Carried<'a>> {
    let Ok(opened) = window.recv() else {
        return Vec::new();
    };
    let due = plan.iter();
    let due = due.take_while(|planned| is_open_until(opened + planned.at, window));
    let carried = due.map(|planned| {
        let began = Instant::now();
        let error = change(&planned.change).err();
        Carried {
            planned,
            began,
            ended: Instant::now(),
            error: error.map(|error| error.to_string()),
        }
    });
    carried.collect()
}

/// Waits until a time. Returns early, and false, if the window closes before.
pub(super) fn is_open_until(at: Instant, window: &Receiver<Instant>) -> bool {
    let left = at.saturating_duration_since(Instant::now());
    window.recv_timeout(left) == Err(RecvTimeoutError::Timeout)
}

/// Why the figures of a trial with these changes may not be compared, one sentence each.
pub(super) fn objections(carried: &[Carried]) -> Vec<String> {
    let failed = carried.iter().filter_map(|one| one.error.as_ref());
    failed
        .map(|error| format!("a change of the fleet failed: {error}"))
        .collect()
}

/// Says how many changes of a plan did not begin, if any.
pub(super) fn left_out(plan: &[PlannedChange], carried: &[Carried]) -> Option<String> {
    let left_out = plan.len() - carried.len();
    (left_out > 0).then(|| {
        format!(
            "{} of {} did not begin before the measured time ended, since those before took too long",
            left_out,
            plural(plan.len(), "change")
        )
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::Path;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use evenkeel_common::toml_file;

    use super::*;
    use crate::scenario::{Scenario, words};

    fn plan(events: &str) -> Vec<PlannedChange> {
        let text = format!("name = 'it'\nloop = 'closed'\nconnections = 1\nwork = '/'\n{events}");
        let scenario: Scenario = toml_file::parse(&text, Path::new("it.toml")).expect("TOML");
        scenario.changes(Duration::from_secs(3600))
    }

    const TWO: &str = "[[event]]\nat = '0s'\ndo = 'restart'\nworker = 1\n\
                       [[event]]\nat = '1us'\ndo = 'reload'\n";

    #[test]
    fn changes_are_carried_out_in_the_order_of_the_plan_and_one_that_fails_ends_none_after_it() {
        let (opening, window) = channel();
        opening.send(Instant::now()).expect("it is received");
        let asked = RefCell::new(Vec::new());
        let plan = plan(TWO);
        let carried = carry_out(&plan, &window, |change| {
            asked.borrow_mut().push(words(change));
            match change {
                Change::Restart { .. } => Err("it would not end"),
                _ => Ok(()),
            }
        });
        assert_eq!(asked.into_inner(), ["restart worker 1", "reload"]);
        assert_eq!(carried[0].error.as_deref(), Some("it would not end"));
        assert_eq!(carried[1].error, None);
        assert!(carried[0].ended <= carried[1].began);
        assert_eq!(
            objections(&carried),
            ["a change of the fleet failed: it would not end"]
        );
        assert_eq!(left_out(&plan, &carried), None);
    }

    #[test]
    fn no_change_begins_after_the_window_has_closed() {
        let (opening, window) = channel();
        opening.send(Instant::now()).expect("it is received");
        drop(opening);
        let plan = plan("[[event]]\nevery = '1200s'\ndo = 'reload'");
        let carried = carry_out(&plan, &window, |_| Err("it was not to begin"));
        assert_eq!(carried, []);
        let said = left_out(&plan, &carried).expect("two are left out");
        assert!(said.starts_with("2 of 2 changes did not begin"), "{said}");
    }

    #[test]
    fn without_a_window_nothing_is_changed() {
        let (opening, window) = channel::<Instant>();
        drop(opening);
        let plan = plan(TWO);
        let carried = carry_out(&plan, &window, |_| Err("there was no window"));
        assert_eq!(carried, []);
    }
}
