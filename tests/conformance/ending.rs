//! How processes and connections end.

use std::net::Ipv4Addr;
use std::time::Duration;

use evenkeel_strategies::{Role, Strategy};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::client::{Answer, Client, get};
use crate::support::processes::{eventually, is_alive};
use crate::support::{fleet_spec, for_each_strategy, launch, launch_as, slot};
use crate::{WORKERS, is_one_process, workers_of};

/// Whether a dead worker gets no connections from the moment of its death. Firewall rules must be
/// replaced first.
fn stops_at_once(strategy: &dyn Strategy) -> bool {
    !strategy.profile().notices_deaths_late
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
        eventually("the killed worker has ended", || !is_alive(victim));
        if !stops_at_once(strategy) {
            eventually("the dead worker gets no connection", || {
                (0..4 * WORKERS).all(|_| get(fleet.address(), "/").is_ok())
            });
        }
        for _ in 0..60 {
            let answer = get(fleet.address(), "/").unwrap_or_else(|error| panic!("{key}: {error}"));
            assert_ne!(answer.worker(), 1, "{key}");
        }
        let mut deaths = Vec::new();
        eventually("the death is reported", || {
            deaths.extend(fleet.deaths());
            !deaths.is_empty()
        });
        assert_eq!(deaths.len(), 1, "{key}: {deaths:?}");
        assert!(
            deaths[0].starts_with("worker 1 ") && deaths[0].ends_with("was killed by SIGKILL"),
            "{deaths:?}"
        );
        assert_eq!(fleet.deaths(), [""; 0], "a death is reported once");
    });
}

#[test]
fn workers_of_one_process_end_together_and_their_death_is_reported() {
    for_each_strategy(|strategy, key| {
        if !is_one_process(strategy) {
            return;
        }
        let mut fleet = launch(strategy, WORKERS);
        let (_, server) = fleet.processes().next().expect("a process");
        kill(Pid::from_raw(server), Signal::SIGKILL).expect("it was running");
        eventually("the killed process has ended", || fleet.alive().is_empty());
        let death = format!("server (process {server}) was killed by SIGKILL");
        assert_eq!(fleet.deaths(), [death], "{key}");
        let workers = fleet.snapshot().workers;
        assert!(workers.iter().all(|worker| worker.cpu.is_none()), "{key}");
        // Its socket may still be open, so a client may wait until the fleet stops.
        let client = Client::connect_with(b"GET / HTTP/1.1\r\n\r\n", fleet.address());
        fleet.stop();
        let answer = client.and_then(|mut client| client.read_answer());
        assert!(answer.is_err(), "{key}: {answer:?}");
    });
}

#[test]
fn requests_in_flight_are_answered_before_a_fleet_stops() {
    for_each_strategy(|strategy, key| {
        // On a busy machine a request may end before the fleet begins to stop: then a longer one is sent.
        let mut requests = ["/sleep/50000", "/sleep/500000", "/sleep/5000000"].into_iter();
        let was_in_flight = requests.any(|target| {
            let answer = answer_of_a_stopping_fleet(strategy, target);
            assert_eq!(answer.status, 200, "{key}");
            answer.field("connection") == Some("close")
        });
        assert!(was_in_flight, "{key}");
    });
}

/// Sends a request, and stops the fleet when a worker has begun to serve it.
fn answer_of_a_stopping_fleet(strategy: &dyn Strategy, target: &str) -> Answer {
    let mut spec = fleet_spec(WORKERS);
    spec.drain_within = Duration::from_secs(60);
    let fleet = launch_as(strategy, &spec);
    let mut client = Client::connect(fleet.address()).expect(target);
    client.send(target).expect(target);
    eventually("the request has arrived", || {
        let mut workers = (0..fleet.workers()).map(|worker| slot(&fleet, worker));
        workers.any(|worker| worker.requests_in_flight() + worker.requests_served() > 0)
    });
    fleet.stop();
    client.read_answer().expect(target)
}

#[test]
fn a_busy_client_gets_connection_close_before_its_connection_is_closed() {
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
                // Mostly idle, like most clients.
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        first_asked.recv().expect("the client sends a request");
        fleet.stop();
        let status = asking.join().expect("the client ran").expect(key);
        assert_eq!(status, 200, "{key}");
    });
}

#[test]
fn a_dropped_deployment_leaves_no_process_and_no_open_port() {
    for_each_strategy(|strategy, key| {
        // Its own address, since a fleet of another test might get the same port immediately.
        let mut spec = fleet_spec(WORKERS);
        spec.listen = (Ipv4Addr::new(127, 0, 44, 1), 0).into();
        let fleet = launch_as(strategy, &spec);
        let address = fleet.address();
        let pids: Vec<_> = fleet.processes().map(|(_, pid)| pid).collect();
        // Idle connections, and one with a request in flight, must not delay the end.
        let _idle: Vec<_> = (0..5)
            .map(|_| Client::connect(address).expect(key))
            .collect();
        drop(fleet);
        assert!(!pids.into_iter().any(is_alive), "{key}");
        // Not at once, since a process that another test is starting briefly has copies of all our
        // descriptors.
        eventually("the port is closed", || Client::connect(address).is_err());
    });
}
