//! The figures of a peer cover all its processes, separately for workers and for the others.

use std::time::Duration;

use evenkeel_strategies::Role;

use super::recipe::{SmallPeer, script_that_ends, server};
use super::support::client::get;
use super::{WORKERS, name_of, pids};

/// CPU time that the workers use in all.
const BURNT: Duration = Duration::from_millis(200);

#[test]
fn processes_of_a_peer_are_workers_or_dispatchers() {
    let daemon = script_that_ends("(setsid sleep 655 &)");
    let fleet = SmallPeer::of(&[daemon, server()]).launch();
    let is_worker = |role: &Role| !role.is_dispatcher();
    let (workers, others): (Vec<_>, Vec<_>) =
        fleet.processes().partition(|(role, _)| is_worker(role));
    let numbers: Vec<i32> = workers.iter().map(|(_, pid)| *pid).collect();
    assert_eq!(fleet.worker_pids(), Some(numbers.clone()));
    assert!(numbers.is_sorted() && numbers.len() == WORKERS);
    // The daemon, `evenkeel serve`, and its dispatcher; not the supervisor.
    assert_eq!(others.len(), 3);
    let names = others.iter().map(|(_, pid)| name_of(*pid));
    assert_eq!(names.filter(|name| name == "sleep").count(), 1);
    assert_eq!(fleet.workers(), WORKERS);
}

#[test]
fn a_command_that_ends_has_ended_when_the_peer_is_ready() {
    // Long after the server, which starts earlier, has begun to answer.
    let slow = script_that_ends("S=sleep; $S 0.6");
    let mut fleet = SmallPeer::of(&[server(), slow]).launch();
    let sleeps = pids(&fleet).into_iter().any(|pid| name_of(pid) == "sleep");
    assert!(!sleeps, "it is not part of the peer");
    assert_eq!(fleet.deaths(), [""; 0]);
}

#[test]
fn cpu_time_of_workers_is_theirs() {
    let fleet = SmallPeer::of(&[server()]).launch();
    let (before, all_before) = (fleet.snapshot(), fleet.cpu_time());
    let request = BURNT / 10;
    for _ in 0..10 {
        let target = format!("/spin/{}", request.as_micros());
        assert_eq!(
            get(fleet.address(), &target).expect("an answer").status,
            200
        );
    }
    let after = fleet.snapshot();
    let workers = after.workers.iter().zip(&before.workers);
    let spent = workers.map(|(after, before)| {
        let spent = after
            .cpu
            .zip(before.cpu)
            .and_then(|(after, before)| after.since(before));
        spent.expect("both are known").total
    });
    let spent: Vec<Duration> = spent.collect();
    assert!(spent.iter().sum::<Duration>() >= BURNT, "{spent:?}");
    // The dispatcher gives connections to the workers in turn.
    assert!(spent.iter().all(|spent| *spent >= request), "{spent:?}");
    assert!(fleet.cpu_time() >= all_before + BURNT);
    let chose = after.dispatcher_cpu.zip(before.dispatcher_cpu);
    assert!(chose.is_some_and(|(after, before)| after.since(before).is_some()));
}

#[test]
fn figures_that_only_our_workers_report_are_absent() {
    let fleet = SmallPeer::of(&[server()]).launch();
    assert!(fleet.scoreboard().is_none());
    for worker in fleet.snapshot().workers {
        assert_eq!(worker.connections_accepted, None);
        assert_eq!(worker.requests_served, None);
        assert!(worker.cpu.is_some());
    }
}

#[test]
fn memory_descriptors_and_context_switches_are_reported_for_both_sides() {
    let fleet = SmallPeer::of(&[server()]).launch();
    let (held, switches) = (fleet.holdings(), fleet.switches());
    assert!(held.dispatcher.is_some_and(|held| held.resident_bytes > 0));
    assert!(held.workers.is_some_and(|held| held.descriptors > 0));
    assert!(switches.dispatcher.is_some() && switches.workers.is_some());
}
