use std::cell::RefCell;
use std::path::Path;
use std::sync::mpsc::channel;

use evenkeel_common::toml_file;

use super::*;
use crate::scenario::{Hit, Scenario};

fn plan(events: &str) -> Vec<PlannedFault> {
    let text = format!("name = 'it'\nloop = 'closed'\nconnections = 1\nwork = '/'\n{events}");
    let scenario: Scenario = toml_file::parse(&text, Path::new("it.toml")).expect("TOML");
    let fleet = Hit {
        workers: 4,
        dispatchers: 1,
        seed: 1,
    };
    scenario.faults(Duration::from_secs(3600), fleet)
}

/// What happens to processes, in order.
type Log<'a> = &'a RefCell<Vec<String>>;

/// A fault of a process that notes its end.
struct Active<'a>(Role, Log<'a>);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(format!("{} is well", self.0));
    }
}

fn make_ill<'a>(log: Log<'a>) -> impl Fn(&Fault, Role) -> Result<Active<'a>, String> {
    move |_, role| {
        if role == Role::Worker(3) {
            return Err("it would not".to_owned());
        }
        log.borrow_mut().push(format!("{role} is ill"));
        Ok(Active(role, log))
    }
}

#[test]
fn faults_begin_and_end_in_the_order_of_the_plan() {
    let (opening, window) = channel();
    opening.send(Instant::now()).expect("it is received");
    let log = RefCell::default();
    let plan = plan(
        "[[event]]\nat = '0s'\ndo = 'hang'\nworkers = [0, 1]\nfor = '2us'\n\
         [[event]]\nat = '1us'\ndo = 'hang'\nworkers = [2]\nfor = '2us'\n\
         [[event]]\nat = '2us'\ndo = 'crash'\nworkers = [1]",
    );
    let brought = bring_about(&plan, &window, make_ill(&log));
    let expected = [
        "worker 0 is ill",
        "worker 1 is ill",
        "worker 2 is ill",
        "worker 0 is well",
        "worker 1 is well",
        "worker 1 is ill",
        "worker 2 is well",
    ];
    assert_eq!(log.borrow()[..7], expected);
    assert!(
        brought[0]
            .ended
            .is_some_and(|ended| ended <= brought[2].began)
    );
    assert_eq!(brought[2].ended, None, "a crash has no end");
    assert!(objections(&brought).is_empty());
}

#[test]
fn what_is_ill_when_the_window_closes_is_well_again() {
    let (opening, window) = channel();
    opening.send(Instant::now()).expect("it is received");
    let log = RefCell::default();
    let plan = plan(
        "[[event]]\nat = '0s'\ndo = 'hang'\nworkers = [0]\nfor = '1200s'\n\
         [[event]]\nat = '600s'\ndo = 'hang'\nworkers = [1]\nfor = '1s'",
    );
    let opening = RefCell::new(Some(opening));
    let brought = bring_about(&plan, &window, |fault, role| {
        opening.take();
        make_ill(&log)(fault, role)
    });
    assert_eq!(log.into_inner(), ["worker 0 is ill", "worker 0 is well"]);
    assert_eq!(brought.len(), 1);
    assert!(brought[0].ended.is_some());
}

#[test]
fn a_fault_that_does_not_come_about_is_an_objection() {
    let (opening, window) = channel();
    opening.send(Instant::now()).expect("it is received");
    let log = RefCell::default();
    let plan = plan("[[event]]\nat = '0s'\ndo = 'hang'\nworkers = [0, 3]\nfor = '1us'");
    let brought = bring_about(&plan, &window, make_ill(&log));
    assert_eq!(
        objections(&brought),
        ["a fault did not come about: it would not"]
    );
    assert_eq!(log.into_inner(), ["worker 0 is ill", "worker 0 is well"]);
}
