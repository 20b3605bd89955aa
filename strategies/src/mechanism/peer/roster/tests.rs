use std::process::{Child, Command};

use super::*;
use crate::launch::{Exit, FleetEventKind};
use crate::subreaper::descendants;

/// A fleet whose workers are children of this process that sleep.
struct Sleepers {
    roster: Roster,
    seconds: &'static str,
    children: Vec<Child>,
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        for number in 0..self.children.len() {
            self.kill(number);
        }
    }
}

impl Sleepers {
    /// Starts this many workers. Each test has another number of seconds, so that it finds its own.
    fn new(workers: usize, seconds: &'static str) -> Self {
        let rule = Rule {
            supervisor: Pid::this(),
            workers: Some(WorkerRule {
                named: format!("sleep {seconds}"),
            }),
        };
        let children: Vec<Child> = (0..workers).map(|_| sleep(seconds)).collect();
        let found = found(&children);
        let roster = Roster::new(rule, found);
        Self {
            roster,
            seconds,
            children,
        }
    }

    /// Starts one more worker, and lets the roster look.
    fn start(&mut self) {
        self.children.push(sleep(self.seconds));
        self.look();
    }

    fn kill(&mut self, number: usize) {
        let _gone = self.children[number].kill();
        self.children[number].wait().expect("a child");
    }

    fn look(&mut self) {
        self.roster.look(found(&self.children));
    }

    /// Role and generation of each process so far.
    fn lives(&self) -> Vec<(Role, u32)> {
        let all = self.roster.processes.iter();
        all.map(|it| (it.role, it.generation)).collect()
    }
}

fn sleep(seconds: &str) -> Child {
    Command::new("sleep").arg(seconds).spawn().expect("sleep")
}

/// Returns those of the children that run, once all of them run their program.
fn found(children: &[Child]) -> Vec<Process> {
    let pids: Vec<i32> = children.iter().map(|it| it.id().cast_signed()).collect();
    loop {
        let mut found = descendants(Pid::this());
        found.retain(|it| pids.contains(&it.pid.as_raw()));
        if found.iter().all(|it| it.is_named("sleep ")) {
            return found;
        }
    }
}

#[test]
fn a_process_that_replaces_a_worker_has_its_number_and_the_next_generation() {
    let mut fleet = Sleepers::new(2, "701");
    fleet.roster.begin_change(Leaving::All, 2);
    fleet.start();
    fleet.start();
    assert!(!fleet.roster.is_settled(), "the old ones are there");
    fleet.kill(0);
    fleet.kill(1);
    fleet.look();
    assert!(fleet.roster.is_settled());
    let expected = [(0, 0), (1, 0), (0, 1), (1, 1)];
    let expected = expected.map(|(number, generation)| (Role::Worker(number), generation));
    assert_eq!(fleet.lives(), expected);
    assert_eq!(fleet.roster.deaths(), [""; 0]);
}

#[test]
fn a_worker_that_changes_its_name_is_the_same_worker() {
    let mut fleet = Sleepers::new(1, "707");
    let mut renamed = found(&fleet.children);
    renamed[0].name = "other".to_owned();
    fleet.roster.look(renamed);
    assert_eq!(fleet.lives(), [(Role::Worker(0), 0)]);
}

#[test]
fn a_restart_waits_for_the_end_of_one_worker_and_for_its_successor() {
    let mut fleet = Sleepers::new(2, "702");
    fleet.roster.begin_change(Leaving::Worker(1), 2);
    fleet.kill(1);
    fleet.look();
    assert!(!fleet.roster.is_settled(), "nobody took its place");
    fleet.start();
    assert!(fleet.roster.is_settled());
    assert_eq!(fleet.lives().last(), Some(&(Role::Worker(1), 1)));
}

#[test]
fn one_more_worker_has_the_next_number_and_one_fewer_ends_as_intended() {
    let mut fleet = Sleepers::new(1, "703");
    fleet.roster.begin_change(Leaving::Some, 2);
    assert!(!fleet.roster.is_settled());
    fleet.start();
    assert!(fleet.roster.is_settled());
    assert_eq!(fleet.lives().last(), Some(&(Role::Worker(1), 0)));
    fleet.roster.begin_change(Leaving::Some, 1);
    fleet.kill(0);
    fleet.look();
    assert!(fleet.roster.is_settled());
    fleet.roster.end_change();
    assert_eq!(fleet.roster.deaths(), [""; 0]);
}

#[test]
fn an_end_that_nobody_asked_for_is_a_death_that_is_told_once() {
    let mut fleet = Sleepers::new(2, "704");
    fleet.kill(0);
    let deaths = fleet.roster.deaths();
    let pid = fleet.children[0].id();
    assert_eq!(
        deaths,
        [format!("worker 0 (sleep, process {pid}) has ended")]
    );
    assert_eq!(fleet.roster.deaths(), [""; 0]);
    assert_eq!(fleet.roster.current().count(), 2, "it has no successor");
    fleet.start();
    assert_eq!(fleet.lives().last(), Some(&(Role::Worker(0), 1)));
    assert_eq!(fleet.roster.current().count(), 2);
}

#[test]
fn the_life_of_a_worker_is_told_in_the_order_of_time() {
    let mut fleet = Sleepers::new(1, "705");
    fleet.roster.begin_change(Leaving::All, 1);
    fleet.start();
    fleet.kill(0);
    let events = fleet.roster.events();
    assert!(events.is_sorted_by_key(|event| event.at));
    let of_old = events.iter().filter(|event| event.generation == 0);
    let of_old: Vec<_> = of_old.map(|event| event.what.clone()).collect();
    let [
        FleetEventKind::Fork,
        FleetEventKind::Listening,
        FleetEventKind::Exit { how, intended },
    ] = of_old[..]
    else {
        panic!("{of_old:?}");
    };
    assert!(intended);
    // Linux before 6.15 does not say how a process ended.
    assert!(how.is_none_or(|how| how == Exit::Signal(9)), "{how:?}");
}

#[test]
fn a_balancer_replaces_what_its_own_processes_have_started() {
    let shell = "sleep 706 & sleep 706 & wait";
    let mut shell = Command::new("sh").args(["-c", shell]).spawn().expect("sh");
    let pid = Pid::from_raw(shell.id().cast_signed());
    let of_shell = || {
        let all = descendants(Pid::this()).into_iter();
        all.filter(|it| it.pid == pid || it.parent == pid)
            .collect::<Vec<_>>()
    };
    while of_shell().len() < 3 {}
    let rule = Rule {
        supervisor: Pid::this(),
        workers: None,
    };
    let roster = Roster::new(rule, of_shell());
    assert_eq!(roster.wanted(), 2);
    let first: Vec<Pid> = roster.first().map(|it| it.process.pid).collect();
    assert_eq!(first, [pid]);
    assert!(roster.alive().all(|it| it.role.is_dispatcher()));
    for process in of_shell() {
        process.signal(nix::sys::signal::Signal::SIGKILL);
    }
    shell.wait().expect("a child");
}
