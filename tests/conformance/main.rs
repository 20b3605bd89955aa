//! What each of evenkeel's own strategies must do, whatever its mechanism, for root and for an
//! ordinary user.

mod changes;
mod choice;
mod ending;
mod faults;
mod ill;
mod long_lived;
mod messages;
mod misbehaving;
mod ordinary_user;
mod peer_changes;
mod peers;
mod requests;
#[path = "../support/mod.rs"]
mod support;

use evenkeel_strategies::{Host, Privileges, Role, Strategy, WorkerKind, catalog};
use support::client::{Client, get};
use support::processes::is_alive;
use support::{fleet_spec, for_each_strategy, launch, launch_as, slot};

const WORKERS: usize = 3;

fn workers_of(strategy: &dyn Strategy) -> usize {
    if strategy.profile().workers == WorkerKind::OneProcess {
        1
    } else {
        WORKERS
    }
}

/// Whether all workers of the strategy are threads of one process.
fn is_one_process(strategy: &dyn Strategy) -> bool {
    strategy.profile().workers == WorkerKind::Threads
}

/// Environment variable: everything that a strategy may need is installed and permitted, so none may
/// be skipped.
const MUST_RUN_ALL: &str = "EVENKEEL_MUST_RUN_ALL";

#[test]
fn every_strategy_runs_on_this_host_or_reports_its_unmet_requirement() {
    let host = Host::probe();
    let must_run_all = std::env::var_os(MUST_RUN_ALL).is_some();
    for strategy in catalog::OURS.iter() {
        if let Err(unmet) = strategy.check(&host) {
            let may_lack = strategy.profile().privileges != Privileges::None && !must_run_all;
            assert!(may_lack, "{}: {unmet}", strategy.key());
            assert!(unmet.to_string().len() > 20, "no reason, only {unmet:?}");
        }
    }
}

#[test]
fn every_worker_is_ready_when_launch_returns() {
    for_each_strategy(|strategy, key| {
        let mut fleet = launch(strategy, WORKERS);
        let servers = fleet.processes().filter(|(role, _)| !role.is_dispatcher());
        let expected = match is_one_process(strategy) {
            true => 1,
            false => workers_of(strategy),
        };
        assert_eq!(servers.count(), expected, "{key}");
        let workers = fleet.snapshot().workers;
        assert_eq!(workers.len(), workers_of(strategy), "{key}");
        assert!(workers.iter().all(|worker| worker.cpu.is_some()), "{key}");
        assert!(fleet.processes().all(|(_, pid)| is_alive(pid)), "{key}");
        assert_eq!(fleet.deaths(), [""; 0], "{key}");
    });
}

#[test]
fn a_dispatcher_is_a_separate_process_with_its_own_cpu_time() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let dispatchers = fleet
            .processes()
            .filter(|(role, _)| matches!(role, Role::Dispatcher(_)))
            .count();
        let expected = usize::from(strategy.profile().policy.is_some());
        assert_eq!(dispatchers, expected, "{key}");
        assert_eq!(
            fleet.snapshot().dispatcher_cpu.is_some(),
            expected == 1,
            "{key}"
        );
    });
}

#[test]
fn a_body_of_one_mebibyte_arrives_complete() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let answer = get(fleet.address(), "/bytes/1048576").expect(key);
        assert_eq!(answer.body.len(), 1 << 20, "{key}");
        // The pattern restarts every 64 KiB.
        let pattern = (0..1_usize << 20).map(|at| b'a' + (at % 65536 % 26) as u8);
        assert!(answer.body.into_iter().eq(pattern), "{key}");
    });
}

#[test]
fn an_unknown_target_is_refused_and_the_connection_stays_open() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let mut client = Client::connect(fleet.address()).expect(key);
        assert_eq!(client.get("/nowhere").expect(key).status, 404);
        assert_eq!(client.get("/spin/soon").expect(key).status, 400);
        assert_eq!(client.get("/sleep/1000").expect(key).status, 200);
    });
}

#[test]
fn several_dispatchers_share_the_work_of_one() {
    for_each_strategy(|strategy, key| {
        if strategy.profile().policy.is_none() {
            return;
        }
        let mut spec = fleet_spec(WORKERS);
        spec.dispatchers = 2.try_into().expect("not zero");
        let fleet = launch_as(strategy, &spec);
        let dispatchers = fleet
            .processes()
            .filter(|(role, _)| matches!(role, Role::Dispatcher(_)));
        assert_eq!(dispatchers.count(), 2, "{key}");
        for _ in 0..40 {
            assert_eq!(get(fleet.address(), "/").expect(key).status, 200, "{key}");
        }
    });
}

#[test]
fn two_fleets_of_one_strategy_do_not_share_connections() {
    for_each_strategy(|strategy, key| {
        let (one, other) = (launch(strategy, WORKERS), launch(strategy, WORKERS));
        if strategy.profile().privileges != Privileges::NetworkNamespace {
            assert_ne!(one.address(), other.address(), "{key}");
        }
        one.enter().expect("root may enter any namespace");
        for _ in 0..10 {
            get(one.address(), "/").expect(key);
        }
        let accepted = |worker| slot(&other, worker).connections_accepted();
        assert_eq!((0..other.workers()).map(accepted).sum::<u64>(), 0, "{key}");
    });
}
