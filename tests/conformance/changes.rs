//! Workers come and go while clients send requests.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{
    Change, ChangeError, Deployment, FleetEventKind, FleetSpec, Order, Overlap, Reload, Role,
    Strategy, WorkerKind,
};

use crate::support::client::{Client, get};
use crate::support::processes::eventually;
use crate::support::{fleet_spec, for_each_strategy, launch_as};
use crate::{WORKERS, is_one_process, workers_of};

/// Runs a check for each strategy whose workers can be changed. Each fleet has room for one more worker.
fn for_each_changeable(check: impl Fn(&dyn Strategy, &str, Deployment) + Sync) {
    for_each_strategy(|strategy, key| {
        let fleet = launch_as(strategy, &spec());
        match fleet.can_change(&Change::Reload(Reload::default())) {
            Ok(()) => check(strategy, key, fleet),
            Err(unmet) => eprintln!("not changed: {key}: {unmet}"),
        }
    });
}

fn spec() -> FleetSpec {
    let mut spec = fleet_spec(WORKERS);
    spec.places = spec.workers.saturating_add(1);
    spec
}

fn scale(workers: usize) -> Change {
    let workers = NonZeroUsize::new(workers).expect("at least one worker");
    Change::Scale {
        workers,
        close: None,
    }
}

/// What clients saw that sent requests during a change.
struct Load {
    answered: usize,
    errors: Vec<io::Error>,
}

/// Makes a change while some clients send requests, each on a new connection, and others on kept ones.
fn under_load(fleet: &Deployment, change: &Change) -> (Result<(), ChangeError>, Load) {
    let address = fleet.address();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let one_by_one = || scope.spawn(|| repeat(&is_over, || get(address, "/").map(drop)));
        let kept = || scope.spawn(|| keep_asking(&is_over, address));
        let clients = [one_by_one(), one_by_one(), kept(), kept()];
        let outcome = fleet.change(change);
        is_over.store(true, Ordering::Relaxed);
        let mut load = Load {
            answered: 0,
            errors: Vec::new(),
        };
        for client in clients {
            let (answered, errors) = client.join().expect("the client ran");
            load.answered += answered;
            load.errors.extend(errors);
        }
        (outcome, load)
    })
}

/// Sends requests until the end. Returns how many were answered, and the errors.
fn repeat(
    is_over: &AtomicBool,
    mut request: impl FnMut() -> io::Result<()>,
) -> (usize, Vec<io::Error>) {
    let (mut answered, mut errors) = (0, Vec::new());
    loop {
        match request() {
            Ok(()) => answered += 1,
            Err(error) => errors.push(error),
        }
        // At the end, since a change may be over before this thread runs.
        if is_over.load(Ordering::Relaxed) {
            return (answered, errors);
        }
    }
}

/// Sends requests on one connection, until an answer closes it, and then on the next one.
fn keep_asking(is_over: &AtomicBool, server: SocketAddr) -> (usize, Vec<io::Error>) {
    let mut connection = None;
    repeat(is_over, || {
        let mut client = match connection.take() {
            Some(client) => client,
            None => Client::connect(server)?,
        };
        let answer = client.get("/")?;
        if answer.field("connection") != Some("close") {
            connection = Some(client);
        }
        Ok(())
    })
}

/// Asserts that a change was made and that no request was lost, if the strategy promises that.
fn assert_nothing_lost(strategy: &dyn Strategy, fleet: &Deployment, change: &Change) {
    let key = strategy.key();
    let (outcome, load) = under_load(fleet, change);
    outcome.unwrap_or_else(|error| panic!("{key}: {change:?}: {error}"));
    assert!(load.answered > 0, "{key}: {change:?}");
    let has_successor = !matches!(change, Change::Scale { .. });
    let retirement = strategy.profile().retirement;
    if !retirement.is_some_and(|retirement| retirement.may_lose(has_successor)) {
        let errors = &load.errors;
        assert!(errors.is_empty(), "{key}: {change:?}: {errors:?}");
    }
}

/// The events of a process, by its role and its generation.
fn events_of(fleet: &Deployment, role: Role, generation: u32) -> Vec<&'static str> {
    let events = fleet.events().into_iter();
    let its = events.filter(|event| event.role == role && event.generation == generation);
    its.map(|event| event.what.name()).collect()
}

fn role_of(strategy: &dyn Strategy, worker: usize) -> Role {
    match is_one_process(strategy) {
        true => Role::Server,
        false => Role::Worker(worker),
    }
}

const BEGIN: [&str; 4] = ["fork", "online", "listening", "admitted"];
const WHOLE_LIFE: [&str; 6] = [
    "fork",
    "online",
    "listening",
    "admitted",
    "draining",
    "exit",
];

#[test]
fn a_reload_replaces_every_worker_and_loses_no_request() {
    for_each_changeable(|strategy, key, fleet| {
        let before: Vec<_> = fleet.processes().collect();
        assert_nothing_lost(strategy, &fleet, &Change::Reload(Reload::default()));
        let after: Vec<_> = fleet.processes().collect();
        assert_eq!(after.len(), before.len(), "{key}");
        let stayed = before.iter().filter(|(role, _)| !role.is_dispatcher());
        assert!(stayed.clone().all(|old| !after.contains(old)), "{key}");
        for (role, _) in stayed {
            assert_eq!(events_of(&fleet, *role, 0), WHOLE_LIFE, "{key}");
            assert_eq!(events_of(&fleet, *role, 1), BEGIN, "{key}");
        }
        for worker in 0..workers_of(strategy) {
            let ends = fleet
                .events()
                .into_iter()
                .filter_map(|event| match event.what {
                    FleetEventKind::Exit { intended, .. } => Some((event.role, intended)),
                    _ => None,
                });
            let role = role_of(strategy, worker);
            let intended: Vec<_> = ends.filter(|(whose, _)| *whose == role).collect();
            assert_eq!(intended, [(role, true)], "{key}");
        }
    });
}

#[test]
fn all_workers_can_be_replaced_at_once() {
    for_each_changeable(|strategy, key, fleet| {
        let at_once = Reload {
            order: Order::AllAtOnce,
            ..Reload::default()
        };
        assert_nothing_lost(strategy, &fleet, &Change::Reload(at_once));
        for worker in 0..workers_of(strategy) {
            let role = role_of(strategy, worker);
            assert_eq!(events_of(&fleet, role, 0), WHOLE_LIFE, "{key}");
            assert_eq!(events_of(&fleet, role, 1), BEGIN, "{key}");
        }
    });
}

#[test]
fn a_worker_can_drain_before_its_successor_starts() {
    for_each_changeable(|strategy, key, fleet| {
        let with_gaps = Reload {
            overlap: Overlap::DrainThenStart,
            ..Reload::default()
        };
        fleet.change(&Change::Reload(with_gaps)).expect(key);
        let events = fleet.events().into_iter();
        let its = events.filter(|event| event.role == role_of(strategy, 0));
        let its: Vec<_> = its.map(|event| event.what.name()).collect();
        assert_eq!(its, [&WHOLE_LIFE[..], &BEGIN[..]].concat(), "{key}");
        let first = get(fleet.address(), "/").expect(key);
        let generation = first.field("x-evenkeel-generation");
        assert_eq!((first.status, generation), (200, Some("1")), "{key}");
    });
}

#[test]
fn one_worker_can_be_restarted_and_the_others_stay() {
    for_each_changeable(|strategy, key, fleet| {
        if is_one_process(strategy) {
            return;
        }
        let last = workers_of(strategy) - 1;
        let restart = Change::Restart { worker: last };
        for generation in 1..4 {
            assert_nothing_lost(strategy, &fleet, &restart);
            let role = Role::Worker(last);
            assert_eq!(events_of(&fleet, role, generation), BEGIN, "{key}");
        }
        for other in 0..last {
            assert_eq!(events_of(&fleet, Role::Worker(other), 0), BEGIN, "{key}");
        }
    });
}

#[test]
fn a_worker_can_be_added_and_taken_out() {
    for_each_changeable(|strategy, key, fleet| {
        if strategy.profile().workers != WorkerKind::Processes {
            return;
        }
        let added = Role::Worker(WORKERS);
        for generation in 0..3 {
            assert_nothing_lost(strategy, &fleet, &scale(WORKERS + 1));
            assert_eq!(events_of(&fleet, added, generation), BEGIN, "{key}");
            assert_eq!(fleet.snapshot().workers.len(), WORKERS + 1, "{key}");
            assert_nothing_lost(strategy, &fleet, &scale(WORKERS));
            assert_eq!(events_of(&fleet, added, generation), WHOLE_LIFE, "{key}");
        }
        let answers = (0..30).map(|_| get(fleet.address(), "/").expect(key).worker());
        assert!(answers.into_iter().all(|worker| worker < WORKERS), "{key}");
    });
}

#[test]
fn threads_can_be_added_and_taken_out_by_another_process() {
    for_each_changeable(|strategy, key, fleet| {
        if !is_one_process(strategy) {
            return;
        }
        for (workers, generation) in [(WORKERS + 1, 1), (WORKERS - 1, 2)] {
            assert_nothing_lost(strategy, &fleet, &scale(workers));
            let of = |generation| events_of(&fleet, Role::Server, generation);
            assert_eq!(of(generation - 1), WHOLE_LIFE, "{key}");
            assert_eq!(of(generation), BEGIN, "{key}");
            let figures = fleet.snapshot().workers;
            let threads = figures.iter().filter(|worker| worker.cpu.is_some());
            assert_eq!(threads.count(), workers, "{key}");
        }
        fleet.change(&scale(WORKERS - 1)).expect(key);
        assert_eq!(events_of(&fleet, Role::Server, 2), BEGIN, "{key}: it stays");
        let answers = (0..30).map(|_| get(fleet.address(), "/").expect(key).worker());
        assert!(answers.into_iter().all(|it| it < WORKERS - 1), "{key}");
    });
}

#[test]
fn an_idle_kept_connection_gets_its_last_answer_from_the_old_worker() {
    for_each_changeable(|_strategy, key, fleet| {
        let mut client = Client::connect(fleet.address()).expect(key);
        client.get("/").expect(key);
        thread::scope(|scope| {
            let reloading = scope.spawn(|| fleet.change(&Change::Reload(Reload::default())));
            let is_draining = || {
                fleet
                    .events()
                    .iter()
                    .any(|it| it.what == FleetEventKind::Draining)
            };
            eventually("a worker drains", is_draining);
            // Longer than idle connections stay open when the whole fleet ends.
            thread::sleep(Duration::from_millis(300));
            let answer = client.get("/");
            reloading.join().expect("it ran").expect(key);
            assert_eq!(answer.expect(key).status, 200, "{key}");
        });
    });
}

#[test]
fn a_dispatcher_is_replaced_without_loss_and_where_there_is_none_that_is_said() {
    let replacement = Change::ReplaceDispatcher {
        dispatcher: None,
        drain_within: None,
    };
    for_each_strategy(|strategy, key| {
        // Of each mechanism one: a successor begins with a policy anew, whichever it is.
        let policy = strategy.profile().policy;
        if policy.is_some_and(|policy| policy.name != "round-robin") {
            return;
        }
        let fleet = launch_as(strategy, &spec());
        let before: Vec<_> = fleet.processes().collect();
        let dispatches = |(role, _): &&(Role, i32)| role.is_dispatcher();
        let Some(old) = before.iter().find(dispatches) else {
            let unmet = fleet.can_change(&replacement).expect_err(key);
            assert!(unmet.to_string().contains("no dispatcher"), "{unmet}");
            return;
        };
        assert_nothing_lost(strategy, &fleet, &replacement);
        assert_eq!(events_of(&fleet, old.0, 0), WHOLE_LIFE, "{key}");
        assert_eq!(events_of(&fleet, old.0, 1), BEGIN, "{key}");
        let after: Vec<_> = fleet.processes().collect();
        assert!(!after.contains(old), "{key}");
        assert_eq!(after.len(), before.len(), "{key}");
        let stayed = before.iter().filter(|process| *process != old);
        assert!(stayed.clone().all(|it| after.contains(it)), "{key}");
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
    });
}

#[test]
fn more_workers_than_places_and_unknown_workers_are_refused() {
    for_each_changeable(|strategy, key, fleet| {
        let places = match strategy.profile().workers {
            WorkerKind::OneProcess => 1,
            _ => WORKERS + 1,
        };
        let error = fleet.change(&scale(places + 1)).expect_err(key);
        assert!(
            matches!(error, ChangeError::TooFewPlaces { .. }),
            "{key}: {error}"
        );
        let error = fleet.change(&Change::Restart { worker: 9 }).expect_err(key);
        assert!(
            matches!(error, ChangeError::NoSuchWorker { .. }),
            "{key}: {error}"
        );
        assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
    });
}
