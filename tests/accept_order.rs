//! Which worker gets connections that arrive one after another while all workers are idle.

mod support;

use std::collections::BTreeSet;

use evenkeel_strategies::mechanism::reuseport::Reuseport;
use evenkeel_strategies::mechanism::shared_listener::SharedListener;
use evenkeel_strategies::{Host, Role, Strategy};
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::{Client, get};
use support::processes::eventually;
use support::{launch, slot};

const WORKERS: usize = 3;

/// System call of epoll_wait(3): newer architectures have only the call with a signal mask.
#[cfg(target_arch = "x86_64")]
const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_wait;
#[cfg(not(target_arch = "x86_64"))]
const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_pwait;

/// Opens six connections, each when all workers wait for one; returns the workers that answer.
fn six_in_a_row(strategy: &SharedListener, waits: fn(Pid) -> bool) -> Vec<usize> {
    let fleet = launch(strategy, WORKERS);
    let answer = |_| {
        eventually("all workers wait for a connection", || {
            let closed = |worker| slot(&fleet, worker).connections_open() == 0;
            let mut processes = fleet.processes();
            (0..WORKERS).all(closed) && processes.all(|(_, pid)| waits(Pid::from_raw(pid)))
        });
        get(fleet.address(), "/").expect("an answer").worker()
    };
    (0..6).map(answer).collect()
}

/// Whether a thread of the process is in this system call.
fn is_in(pid: Pid, system_call: libc::c_long) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("it runs");
    let is_in_it = |task: std::io::Result<std::fs::DirEntry>| {
        let call = task.and_then(|task| std::fs::read_to_string(task.path().join("syscall")));
        call.is_ok_and(|call| call.split(' ').next() == Some(&system_call.to_string()))
    };
    tasks.into_iter().any(is_in_it)
}

#[test]
fn with_an_exclusive_wake_up_one_worker_gets_all_while_it_keeps_up() {
    let workers: BTreeSet<_> =
        six_in_a_row(&SharedListener::EXCLUSIVE, |pid| is_in(pid, EPOLL_WAIT))
            .into_iter()
            .collect();
    assert_eq!(workers.len(), 1);
}

#[test]
fn with_a_blocking_accept_workers_take_turns() {
    let order = six_in_a_row(&SharedListener::BLOCKING, |pid| {
        is_in(pid, libc::SYS_accept4)
    });
    let first: BTreeSet<_> = order[..WORKERS].iter().collect();
    assert_eq!(first.len(), WORKERS, "{order:?}");
    assert_eq!(order[..WORKERS], order[WORKERS..]);
}

#[test]
fn when_the_holder_of_the_accept_mutex_dies_another_worker_gets_it() {
    let fleet = launch(&SharedListener::MUTEX, WORKERS);
    let holder = get(fleet.address(), "/").expect("an answer").worker();
    let (_, pid) = fleet
        .processes()
        .find(|(role, _)| *role == Role::Worker(holder))
        .expect("the worker that answered");
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it was running");
    let next = get(fleet.address(), "/").expect("another worker answers");
    assert_ne!(next.worker(), holder);
}

#[test]
fn while_two_of_three_workers_are_busy_the_kernel_gives_all_to_the_third() {
    let strategy = &Reuseport::LEAST;
    if let Err(unmet) = strategy.check(&Host::probe()) {
        eprintln!("skipped {}: {unmet}", strategy.key());
        return;
    }
    let fleet = launch(strategy, WORKERS);
    let in_flight = |worker| slot(&fleet, worker).requests_in_flight();
    let mut busy = Vec::new();
    for count in 1..WORKERS as u64 {
        let mut client = Client::connect(fleet.address()).expect("a connection");
        // Longer than the test runs.
        client.send("/sleep/20000000").expect("a request");
        busy.push(client);
        eventually("the request is in flight", || {
            (0..WORKERS).map(in_flight).sum::<u64>() == count
        });
    }
    let free = (0..WORKERS).find(|worker| in_flight(*worker) == 0);
    for _ in 0..30 {
        eventually("the third worker is free", || {
            free.is_some_and(|free| slot(&fleet, free).connections_open() == 0)
        });
        let worker = get(fleet.address(), "/").expect("an answer").worker();
        assert_eq!(Some(worker), free);
    }
}
