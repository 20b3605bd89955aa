//! A worker that is killed loses the requests that it had in flight, and no others: by the account of
//! its clients, compared with the counters of the fleet.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use evenkeel_loadgen::{ErrorClass, LoadSpec, Observer, Outcome, Progress, RequestSpec, Work, run};
use evenkeel_strategies::{Deployment, FleetSpec, Stall, catalog};
use nix::sys::signal::Signal;

use crate::support::processes::eventually;
use crate::support::{fleet_spec, launch_as, slot};
use crate::{NEVER, signal};

/// Workers of a fleet, of which all but the first one are killed, one after the other.
const WORKERS: usize = 6;

/// Number of fleets: 30 workers are killed.
const FLEETS: usize = 6;

/// Fleets at a time: most of the time is waiting.
const AT_ONCE: usize = 3;

const KEYS: [&str; 2] = ["shared-listener", "handoff:round-robin"];

const CONNECTIONS: usize = 24;

/// Answers of a worker after which each of its connections has had one.
const SEVERAL: u64 = 10 * CONNECTIONS as u64;

/// How often in turn the same number of answers must be reported, ten times a second, until all that was
/// on its way to the client has arrived.
const QUIET: usize = 3;

#[test]
fn a_killed_worker_loses_what_it_had_in_flight_and_nothing_else() {
    let next = AtomicUsize::new(0);
    let take = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        (number < FLEETS).then(|| KEYS[number % KEYS.len()])
    };
    scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| std::iter::from_fn(take).for_each(kill_one_by_one));
        }
    });
}

fn kill_one_by_one(key: &str) {
    let strategy = catalog::select(&[key]).expect("a key of the catalogue")[0];
    let fleet = launch_as(strategy, &rescuing());
    let spec = LoadSpec {
        connections: CONNECTIONS,
        request: RequestSpec {
            work: Work::Target("/spin/50".to_owned()),
            ..RequestSpec::default()
        },
        repeat: false,
        duration: Duration::from_secs(600),
        timeout: Duration::from_secs(600),
        ..LoadSpec::new(fleet.address())
    };
    let (stop, seen) = (AtomicBool::new(false), Seen::default());
    let (had, outcome) = scope(|scope| {
        let load = scope.spawn(|| run(&spec, &stop, &mut Count(&seen)).expect("offered"));
        let killed = (1..WORKERS).map(|worker| (worker as u32, kill_one(&fleet, worker, &seen)));
        let had: BTreeMap<u32, u64> = killed.collect();
        await_service(&fleet, 0..1);
        stop.store(true, Ordering::Relaxed);
        (had, load.join().expect("no panic"))
    });
    assert_lost(&outcome, had, key);
}

/// While a process is being killed, a dispatcher may still give it a connection, for instance of a client that it has
/// just lost. Rescue takes it back.
fn rescuing() -> FleetSpec {
    let stall = Stall {
        after: NEVER,
        rescue: true,
    };
    let mut spec = fleet_spec(WORKERS);
    spec.defences.stall = Some(stall);
    spec
}

/// Kills a worker, after those with lower numbers, while each connection waits for an answer. Returns the
/// number of its connections.
fn kill_one(fleet: &Deployment, worker: usize, seen: &Seen) -> u64 {
    let others = || (worker + 1..WORKERS).chain([0]);
    await_service(fleet, others().chain([worker]));
    let all = || others().chain([worker]);
    all().for_each(|one| signal(fleet, one, Signal::SIGSTOP));
    seen.await_quiet();
    let had = slot(fleet, worker).connections_open();
    signal(fleet, worker, Signal::SIGKILL);
    others().for_each(|other| signal(fleet, other, Signal::SIGCONT));
    had
}

/// Waits until these workers have all connections, and have answered on each.
fn await_service(fleet: &Deployment, workers: impl Iterator<Item = usize>) {
    let workers: Vec<usize> = workers.collect();
    let open = |worker: &usize| slot(fleet, *worker).connections_open() as usize;
    eventually("each connection has a living worker", || {
        workers.iter().map(open).sum::<usize>() == CONNECTIONS
    });
    let served = |worker: usize| slot(fleet, worker).requests_served();
    for worker in workers.iter().copied().filter(|worker| open(worker) > 0) {
        let before = served(worker);
        eventually("each connection is answered", || {
            served(worker) > before + SEVERAL
        });
    }
}

/// Asserts that the requests of these workers were lost, one of each of their connections.
fn assert_lost(outcome: &Outcome, mut had: BTreeMap<u32, u64>, key: &str) {
    let account = outcome.account();
    assert!(account.adds_up(), "{key}: {account:?}");
    had.retain(|_, connections| *connections > 0);
    let mut lost = BTreeMap::new();
    for loss in &outcome.losses.first {
        let worker = loss.worker.expect("each connection was answered before");
        *lost.entry(worker).or_default() += 1;
        assert!(loss.is_on_kept, "{key}: {loss:?}");
        let without_answer = [ErrorClass::Unanswered, ErrorClass::ClosedAsItWasSent];
        assert!(without_answer.contains(&loss.class), "{key}: {loss:?}");
    }
    assert_eq!(lost, had, "{key}: {account:?}");
    assert_eq!(outcome.failures(), had.values().sum::<u64>(), "{key}");
}

/// What is reported while load is offered.
#[derive(Default)]
struct Seen {
    answers: AtomicU64,
    reports: AtomicUsize,
}

struct Count<'test>(&'test Seen);

impl Observer for Count<'_> {
    fn progress(&mut self, progress: &Progress) {
        self.0.answers.store(progress.requests, Ordering::Relaxed);
        self.0.reports.fetch_add(1, Ordering::Relaxed);
    }
}

impl Seen {
    /// Waits until no answer arrives any more.
    fn await_quiet(&self) {
        let (mut quiet, mut answers) = (0, u64::MAX);
        while quiet < QUIET {
            let reports = self.reports.load(Ordering::Relaxed);
            while self.reports.load(Ordering::Relaxed) == reports {
                sleep(Duration::from_millis(5));
            }
            let now = self.answers.load(Ordering::Relaxed);
            quiet = if now == answers { quiet + 1 } else { 0 };
            answers = now;
        }
    }
}
