//! One suite over every strategy of the catalogue: what each must do, whatever its mechanism.

mod support;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU8, Ordering};

use evenkeel_strategies::{Host, Role, Strategy, catalog, mechanism_of, policy_of};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::{Client, get};
use support::processes::{eventually, is_alive};
use support::{for_each_strategy, launch, launch_as, order};

const WORKERS: usize = 3;

fn workers_of(strategy: &dyn Strategy) -> usize {
    if strategy.key() == "single" {
        1
    } else {
        WORKERS
    }
}

/// Whether all its workers are threads of one process.
fn is_one_process(strategy: &dyn Strategy) -> bool {
    mechanism_of(strategy.key()) == "threads"
}

/// Whether each request, and not only each connection, is given to a worker.
fn is_per_request(strategy: &dyn Strategy) -> bool {
    mechanism_of(strategy.key()) == "proxy" || strategy.key() == "threads:work-stealing"
}

/// Set where everything that a strategy may need is installed and permitted: nothing may then be
/// left out.
const MUST_RUN_ALL: &str = "EVENKEEL_MUST_RUN_ALL";

#[test]
fn every_strategy_of_the_catalogue_runs_on_this_host_or_says_what_it_lacks() {
    let host = Host::probe();
    let must_run_all = std::env::var_os(MUST_RUN_ALL).is_some();
    for strategy in catalog::ALL.iter() {
        if let Err(unmet) = strategy.check(&host) {
            let may_lack = strategy.needs_rights() && !must_run_all;
            assert!(may_lack, "{}: {unmet}", strategy.key());
            assert!(unmet.to_string().len() > 20, "no reason, only {unmet:?}");
        }
    }
}

/// Whether a connection can no longer be given to a worker that is dead. Rules of the kernel must
/// be written anew for that.
fn is_told_at_once(strategy: &dyn Strategy) -> bool {
    mechanism_of(strategy.key()) != "nat"
}

#[test]
fn every_worker_is_up_when_launch_returns() {
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
fn a_dispatcher_is_a_process_of_its_own_with_its_own_cpu_time() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let dispatchers = fleet
            .processes()
            .filter(|(role, _)| matches!(role, Role::Dispatcher(_)))
            .count();
        let expected = usize::from(strategy.policy().is_some());
        assert_eq!(dispatchers, expected, "{key}");
        assert_eq!(
            fleet.snapshot().dispatcher_cpu.is_some(),
            expected == 1,
            "{key}"
        );
    });
}

#[test]
fn every_request_is_answered_by_a_known_worker_and_counted() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let mut seen = vec![0_u64; workers_of(strategy)];
        for _ in 0..60 {
            let answer = get(fleet.address(), "/").expect(key);
            assert_eq!(
                (answer.status, answer.body.as_slice()),
                (200, b"ok\n".as_slice())
            );
            seen[answer.worker()] += 1;
        }
        eventually("every request is counted where it was served", || {
            let counted = fleet.snapshot().workers;
            counted
                .iter()
                .map(|worker| worker.requests_served)
                .eq(seen.iter().copied())
        });
    });
}

#[test]
fn every_worker_serves_where_many_clients_ask_at_once() {
    for_each_strategy(|strategy, key| {
        if key == "reuseport:cpu" {
            return; // There may be fewer CPUs than workers.
        }
        let fleet = launch(strategy, WORKERS);
        let hosts = AtomicU8::new(0);
        // From many addresses, as some strategies go by them.
        let ask = || {
            let host = hosts.fetch_add(1, Ordering::Relaxed).clamp(1, 254);
            let client = IpAddr::V4(Ipv4Addr::new(127, 0, 9, host));
            let mut connection = Client::connect_from(client, fleet.address()).expect(key);
            assert_eq!(
                connection.get("/block/2000").expect(key).status,
                200,
                "{key}"
            );
        };
        eventually(&format!("{key}: every worker has served"), || {
            std::thread::scope(|scope| {
                for _ in 0..4 * WORKERS {
                    scope.spawn(ask);
                }
            });
            let workers = fleet.snapshot().workers;
            workers.iter().all(|worker| worker.requests_served > 0)
        });
    });
}

#[test]
fn requests_on_one_connection_stay_with_one_worker_unless_each_is_dispatched() {
    for_each_strategy(|strategy, key| {
        if is_per_request(strategy) && policy_of(key) != Some("round-robin") {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let mut client = Client::connect(fleet.address()).expect(key);
        let workers: BTreeSet<_> = (0..12)
            .map(|_| client.get("/").expect(key).worker())
            .collect();
        let expected = if is_per_request(strategy) { WORKERS } else { 1 };
        assert_eq!(workers.len(), expected, "{key}");
    });
}

#[test]
fn round_robin_is_exact() {
    for_each_strategy(|strategy, key| {
        if policy_of(key) != Some("round-robin") {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let order: Vec<_> = (0..30)
            .map(|_| get(fleet.address(), "/").expect(key).worker())
            .collect();
        let rotation: Vec<_> = (0..30).map(|turn| turn % WORKERS).collect();
        assert_eq!(order, rotation, "{key}");
    });
}

#[test]
fn sticky_is_sticky_for_200_client_addresses_and_uses_all_workers() {
    for_each_strategy(|strategy, key| {
        if policy_of(key) != Some("sticky") {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let worker_of = |client: u8| {
            let client = IpAddr::V4(Ipv4Addr::new(127, 0, 7, client));
            let mut connection = Client::connect_from(client, fleet.address()).expect(key);
            connection.get("/").expect(key).worker()
        };
        let first: Vec<_> = (1..=200).map(worker_of).collect();
        let again: Vec<_> = (1..=200).map(worker_of).collect();
        assert_eq!(first, again, "{key}");
        assert_eq!(
            first.into_iter().collect::<BTreeSet<_>>().len(),
            WORKERS,
            "{key}"
        );
    });
}

#[test]
fn equally_idle_workers_all_get_their_share() {
    const BY_LOAD: [&str; 6] = [
        "join-idle",
        "late-binding",
        "least-connections",
        "least-requests",
        "two-choices",
        "peak-ewma",
    ];
    for_each_strategy(|strategy, key| {
        if !policy_of(key).is_some_and(|policy| BY_LOAD.contains(&policy)) {
            return;
        }
        let fleet = launch(strategy, WORKERS);
        let mut answers = [0; WORKERS];
        for _ in 0..90 {
            answers[get(fleet.address(), "/").expect(key).worker()] += 1;
        }
        // peak-ewma has reasons of its own to prefer one, but not to forget another.
        let least = if key.ends_with("peak-ewma") { 1 } else { 10 };
        assert!(
            answers.iter().all(|count| *count >= least),
            "{key}: {answers:?}"
        );
    });
}

#[test]
fn least_connections_goes_by_what_is_open_at_the_moment() {
    let handoff = catalog::select(&["handoff:least-connections"]).expect("a key")[0];
    let fleet = launch(handoff, WORKERS);
    let connect = || {
        let mut client = Client::connect(fleet.address()).expect("it listens");
        let worker = client.get("/").expect("an answer").worker();
        (worker, client)
    };
    let mut held: Vec<_> = (0..9).map(|_| connect()).collect();
    let open = |worker| fleet.scoreboard().slot(worker).connections_open();
    assert_eq!([open(0), open(1), open(2)], [3, 3, 3]);
    held.retain(|(worker, _)| *worker != 1);
    eventually("the worker has seen them end", || open(1) == 0);
    let next: Vec<_> = (0..3).map(|_| connect()).collect();
    assert!(next.iter().all(|(worker, _)| *worker == 1));
}

#[test]
fn a_body_of_a_mebibyte_comes_back_whole() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let answer = get(fleet.address(), "/bytes/1048576").expect(key);
        assert_eq!(answer.body.len(), 1 << 20, "{key}");
        // The pattern begins anew every 64 KiB.
        let pattern = (0..1_usize << 20).map(|at| b'a' + (at % 65536 % 26) as u8);
        assert!(answer.body.into_iter().eq(pattern), "{key}");
    });
}

#[test]
fn an_unknown_target_is_refused_and_the_connection_goes_on() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let mut client = Client::connect(fleet.address()).expect(key);
        assert_eq!(client.get("/nowhere").expect(key).status, 404);
        assert_eq!(client.get("/spin/soon").expect(key).status, 400);
        assert_eq!(client.get("/sleep/1000").expect(key).status, 200);
    });
}

#[test]
fn a_killed_worker_does_not_stop_the_rest() {
    for_each_strategy(|strategy, key| {
        if workers_of(strategy) == 1 || is_one_process(strategy) {
            return;
        }
        let mut fleet = launch(strategy, WORKERS);
        let (_, victim) = fleet
            .processes()
            .find(|(role, _)| *role == Role::Worker(1))
            .expect("a worker 1");
        kill(Pid::from_raw(victim), Signal::SIGKILL).expect("it was running");
        eventually("the killed worker is gone", || !is_alive(victim));
        if !is_told_at_once(strategy) {
            eventually("the dead worker gets no connection", || {
                (0..4 * WORKERS).all(|_| get(fleet.address(), "/").is_ok())
            });
        }
        for _ in 0..60 {
            let answer = get(fleet.address(), "/").unwrap_or_else(|error| panic!("{key}: {error}"));
            assert_ne!(answer.worker(), 1, "{key}");
        }
        let deaths = fleet.deaths();
        assert_eq!(deaths.len(), 1, "{key}: {deaths:?}");
        assert!(
            deaths[0].starts_with("worker 1 ") && deaths[0].ends_with("was killed by SIGKILL"),
            "{deaths:?}"
        );
        assert_eq!(fleet.deaths(), [""; 0], "a death is told once");
    });
}

#[test]
fn workers_of_one_process_end_together_and_it_is_told() {
    for_each_strategy(|strategy, key| {
        if !is_one_process(strategy) {
            return;
        }
        let mut fleet = launch(strategy, WORKERS);
        let (_, server) = fleet.processes().next().expect("a process");
        kill(Pid::from_raw(server), Signal::SIGKILL).expect("it was running");
        eventually("the killed process is gone", || fleet.alive().is_empty());
        let told = format!("server (process {server}) was killed by SIGKILL");
        assert_eq!(fleet.deaths(), [told], "{key}");
        assert!(get(fleet.address(), "/").is_err(), "{key}");
        let workers = fleet.snapshot().workers;
        assert!(workers.iter().all(|worker| worker.cpu.is_none()), "{key}");
    });
}

#[test]
fn what_is_in_flight_is_answered_before_a_fleet_stops() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let address = fleet.address();
        let client = std::thread::spawn(move || get(address, "/sleep/200000"));
        let in_flight = |worker| fleet.scoreboard().slot(worker).requests_in_flight();
        eventually("the request is in flight", || {
            (0..fleet.workers()).map(in_flight).sum::<u64>() == 1
        });
        fleet.stop();
        let answer = client.join().expect("the client ran").expect(key);
        assert_eq!(answer.status, 200, "{key}");
        assert_eq!(answer.field("connection"), Some("close"), "{key}");
    });
}

#[test]
fn a_client_that_keeps_asking_is_told_before_its_connection_is_closed() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let mut client = Client::connect(fleet.address()).expect(key);
        client.get("/").expect(key);
        let (asked, first_asked) = std::sync::mpsc::channel();
        let asking = std::thread::spawn(move || {
            loop {
                let answer = client.get("/")?;
                let _not_waited_for_again = asked.send(());
                if answer.field("connection") == Some("close") {
                    return Ok::<_, std::io::Error>(answer.status);
                }
                // Mostly idle, as a client's connection is.
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        first_asked.recv().expect("the client asks");
        fleet.stop();
        let status = asking.join().expect("the client ran").expect(key);
        assert_eq!(status, 200, "{key}");
    });
}

#[test]
fn a_dropped_deployment_leaves_no_process_and_no_port() {
    for_each_strategy(|strategy, key| {
        // An address of its own: a fleet of another test might be given the same port at once.
        let mut spec = order(WORKERS);
        spec.listen = (Ipv4Addr::new(127, 0, 44, 1), 0).into();
        let fleet = launch_as(strategy, &spec);
        let address = fleet.address();
        let pids: Vec<_> = fleet.processes().map(|(_, pid)| pid).collect();
        // Idle connections, and one with a request on the way, must not hold it up.
        let _idle: Vec<_> = (0..5)
            .map(|_| Client::connect(address).expect(key))
            .collect();
        drop(fleet);
        assert!(!pids.into_iter().any(is_alive), "{key}");
        // Eventually, since another test may just be starting a process, which holds a copy of
        // all descriptors of this one for a moment.
        eventually("the port is closed", || Client::connect(address).is_err());
    });
}

#[test]
fn several_dispatchers_share_the_work_of_one() {
    for_each_strategy(|strategy, key| {
        if strategy.policy().is_none() {
            return;
        }
        let mut spec = order(WORKERS);
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
fn two_fleets_of_one_strategy_do_not_meet() {
    for_each_strategy(|strategy, key| {
        let (one, other) = (launch(strategy, WORKERS), launch(strategy, WORKERS));
        if !strategy.is_apart() {
            assert_ne!(one.address(), other.address(), "{key}");
        }
        one.enter().expect("root may enter any namespace");
        for _ in 0..10 {
            get(one.address(), "/").expect(key);
        }
        let accepted = |worker| other.scoreboard().slot(worker).connections_accepted();
        assert_eq!((0..other.workers()).map(accepted).sum::<u64>(), 0, "{key}");
    });
}
