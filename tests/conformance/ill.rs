//! Workers and dispatchers that are ill: the others go on, and nothing is left of a fault.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{CrashSignal, Deployment, Exit, Fault, FleetEventKind, Role, Strategy};
use nix::sys::signal::Signal;

use crate::support::client::{Answer, Client};
use crate::support::processes::{eventually, is_alive};
use crate::support::{for_each_at_once, for_each_strategy, launch, supported_strategies};
use crate::{WORKERS, is_one_process, workers_of};

/// The worker that is ill.
const ILL: usize = 1;

/// Clients of a fault, each with an address of its own: enough that not all are given to one worker.
const CLIENTS: u8 = 24;

/// A policy that each mechanism with a dispatcher has.
const ROUND_ROBIN: &str = "round-robin";

/// One worker accepts for all at a time, or the CPU of the client chooses: if that worker hangs, nobody answers.
const MAY_STARVE: [&str; 2] = ["shared-listener:mutex", "reuseport:cpu"];

/// Runs a check with a fleet of each mechanism whose workers are processes, and with a worker to make ill. Of those
/// that choose a worker, one policy stands for all: faults are brought about from outside.
fn for_each(check: impl Fn(&dyn Strategy, &str, &mut Deployment, Role) + Sync) {
    let mut strategies = supported_strategies();
    strategies.retain(|strategy| {
        let policy = strategy.profile().policy;
        let stands_for_all = policy.is_none_or(|policy| policy.name == ROUND_ROBIN);
        stands_for_all && !is_one_process(*strategy)
    });
    for_each_at_once(&strategies, |strategy| {
        let (strategy, key) = (*strategy, strategy.key());
        let mut fleet = launch(strategy, WORKERS);
        let processes: Vec<_> = fleet.processes().collect();
        let ill = Role::Worker(ILL.min(workers_of(strategy) - 1));
        check(strategy, key, &mut fleet, ill);
        drop(fleet);
        assert!(processes.iter().all(|(_, pid)| !is_alive(*pid)), "{key}");
    });
}

/// Sends a request of each client on a new connection.
fn ask(fleet: &Deployment, key: &str) -> Vec<Client> {
    let clients = (1..=CLIENTS).map(|number| {
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 3, number));
        let mut client = Client::connect_from(address, fleet.address()).expect(key);
        client.send("/").expect(key);
        client
    });
    clients.collect()
}

/// Returns the next answer, unless there is none. Its connection is closed then, since some policies wait
/// for that.
fn answer_now(clients: &mut Vec<Client>) -> Option<Answer> {
    let has_answer = |client: &Client| {
        let socket = client.socket();
        socket.set_nonblocking(true).expect("fcntl(2)");
        let peeked = socket.peek(&mut [0]);
        socket.set_nonblocking(false).expect("fcntl(2)");
        peeked.is_ok_and(|bytes| bytes > 0)
    };
    let ready = clients.iter().position(has_answer)?;
    clients.swap_remove(ready).read_answer().ok()
}

/// Asserts that all clients get their answers.
fn assert_answered(mut clients: Vec<Client>, key: &str, fault: &Fault) {
    let count = clients.len();
    let mut answered = 0;
    eventually(&format!("{key}: {fault:?}: all are answered"), || {
        while let Some(answer) = answer_now(&mut clients) {
            answered += usize::from(answer.status == 200);
        }
        clients.is_empty()
    });
    assert_eq!(answered, count, "{key}: {fault:?}");
}

#[test]
fn while_a_worker_hangs_the_others_answer_and_then_it_does() {
    for_each(|strategy, key, fleet, ill| {
        let active = fleet.inject(&Fault::Hang, ill).expect(key);
        let mut clients = ask(fleet, key);
        if workers_of(strategy) > 1 && !MAY_STARVE.contains(&key) {
            let mut answer = None;
            eventually(&format!("{key}: a worker that is well answers"), || {
                answer = answer.take().or_else(|| answer_now(&mut clients));
                answer.is_some()
            });
            let worker = answer.expect("just now").worker();
            assert_ne!(Role::Worker(worker), ill, "{key}");
        }
        drop(active);
        assert_answered(clients, key, &Fault::Hang);
        assert_eq!(fleet.deaths(), [""; 0], "{key}");
    });
}

#[test]
fn paused_and_throttled_workers_and_dispatchers_answer_all() {
    let pause = Fault::Pause {
        stopped: Duration::from_millis(5),
        every: Duration::from_millis(10),
    };
    let throttle = Fault::Throttle { cpus: 0.5 };
    let own_cgroups = fs::read_to_string("/proc/self/cgroup").expect("proc(5)");
    for_each(|strategy, key, fleet, ill| {
        let dispatcher = strategy.profile().policy.map(|_| Role::Dispatcher(0));
        for role in [Some(ill), dispatcher].into_iter().flatten() {
            for fault in [pause, throttle] {
                if let Err(unmet) = fleet.can_inject(&fault, role) {
                    eprintln!("not injected: {key}: {unmet}");
                    continue;
                }
                let active = fleet.inject(&fault, role).expect(key);
                assert_answered(ask(fleet, key), key, &fault);
                drop(active);
            }
        }
        for (_, pid) in fleet.processes() {
            let cgroups = fs::read_to_string(format!("/proc/{pid}/cgroup")).expect("it runs");
            assert_eq!(cgroups, own_cgroups, "{key}: it is back where it was");
        }
    });
}

#[test]
fn a_crash_is_no_death_to_report_and_the_others_answer() {
    for_each(|strategy, key, fleet, ill| {
        fleet
            .inject(&Fault::Crash(CrashSignal::Segv), ill)
            .expect(key);
        let end = |fleet: &Deployment| {
            let events = fleet.events().into_iter();
            let mut ends = events.filter(|event| event.role == ill);
            ends.find_map(|event| match event.what {
                FleetEventKind::Exit { how, intended } => Some((how?, intended)),
                _ => None,
            })
        };
        eventually("the worker has crashed", || end(fleet).is_some());
        let by_signal = Exit::Signal(Signal::SIGSEGV as i32);
        assert_eq!(end(fleet), Some((by_signal, false)), "{key}");
        assert_eq!(fleet.deaths(), [""; 0], "{key}");
        if workers_of(strategy) > 1 {
            // Some are given to the worker that has crashed, where nobody notices that.
            eventually(&format!("{key}: a worker that is left answers"), || {
                let mut clients = ask_what_can_be_reached(fleet);
                (0..50).any(|_| {
                    thread::sleep(Duration::from_millis(5));
                    answer_now(&mut clients).is_some()
                })
            });
        }
    });
}

/// Like [`ask`], but of clients that are refused nobody asks.
fn ask_what_can_be_reached(fleet: &Deployment) -> Vec<Client> {
    let clients = (1..=CLIENTS).filter_map(|number| {
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 3, number));
        let mut client = Client::connect_from(address, fleet.address()).ok()?;
        client.send("/").ok().map(|()| client)
    });
    clients.collect()
}

#[test]
fn a_process_that_the_fleet_does_not_have_cannot_be_ill() {
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        let missing = [Role::Worker(9), Role::Dispatcher(9)];
        for role in missing {
            let unmet = fleet.can_inject(&Fault::Hang, role).expect_err(key);
            assert!(unmet.to_string().len() > 20, "{key}: {unmet}");
            assert!(fleet.inject(&Fault::Hang, role).is_err(), "{key}");
        }
        let worker = fleet.can_inject(&Fault::Hang, Role::Worker(0));
        assert_eq!(
            worker.is_err(),
            is_one_process(strategy),
            "{key}: {worker:?}"
        );
    });
}
