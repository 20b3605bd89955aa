//! Dispatchers are replaced.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{Change, ChangeError, Deployment, Order, Overlap, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::client::{Client, get};
use crate::support::launch_as;
use crate::support::processes::{eventually, is_alive};
use crate::{change, for_each_key, for_each_of, reload, scale, served, spec, strategy, under_load};

const ALL: Change = Change::ReplaceDispatcher {
    dispatcher: None,
    drain_within: None,
};

fn only(dispatcher: usize) -> Change {
    Change::ReplaceDispatcher {
        dispatcher: Some(dispatcher),
        drain_within: None,
    }
}

/// The events of a dispatcher in all its lives.
fn events_of(fleet: &Deployment, number: usize) -> Vec<(u32, &'static str)> {
    let events = fleet.events().into_iter();
    let its = events.filter(|event| event.role == Role::Dispatcher(number));
    let mut its: Vec<_> = its
        .map(|event| (event.generation, event.what.name()))
        .collect();
    its.sort_by_key(|(generation, _)| *generation);
    its
}

/// What happens in the life of a dispatcher that has a successor, or in that of the last one.
fn whole_life(generation: u32, is_last: bool) -> Vec<(u32, &'static str)> {
    let all = [
        "fork",
        "online",
        "listening",
        "admitted",
        "draining",
        "exit",
    ];
    let count = if is_last { 4 } else { all.len() };
    all[..count].iter().map(|it| (generation, *it)).collect()
}

#[test]
fn no_request_is_lost_or_served_twice_while_dispatchers_are_replaced() {
    const TIMES: u32 = 3;
    for_each_key(|strategy| {
        let fleet = launch_as(strategy, &spec(2));
        let key = strategy.key();
        let answered = under_load(&fleet, || {
            (0..TIMES).for_each(|_| change(&fleet, key, &ALL));
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        let lives: Vec<_> = (0..=TIMES)
            .flat_map(|it| whole_life(it, it == TIMES))
            .collect();
        assert_eq!(events_of(&fleet, 0), lives, "{key}");
        assert_eq!(fleet.processes().count(), 3, "{key}");
        fleet.stop();
    });
}

#[test]
fn of_several_dispatchers_one_or_all_can_be_replaced() {
    for key in ["handoff:idle", "splice:round-robin", "proxy:late-binding"] {
        let mut spec = spec(2);
        spec.dispatchers = NonZeroUsize::new(2).expect("two");
        let fleet = launch_as(strategy(key), &spec);
        let answered = under_load(&fleet, || {
            change(&fleet, key, &only(1));
            change(&fleet, key, &ALL);
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        let lives = |replaced: u32| {
            let all = (0..=replaced).flat_map(|it| whole_life(it, it == replaced));
            all.collect::<Vec<_>>()
        };
        assert_eq!(events_of(&fleet, 0), lives(1), "{key}");
        assert_eq!(events_of(&fleet, 1), lives(2), "{key}");
        let error = fleet.change(&only(2)).expect_err(key);
        assert!(
            matches!(error, ChangeError::NoSuchDispatcher { .. }),
            "{key}: {error}"
        );
        fleet.stop();
    }
}

#[test]
fn a_successor_learns_of_workers_that_come_and_go_before_and_after_it() {
    let keys = [
        "handoff:idle",
        "handoff:late-binding",
        "splice:least-connections",
        "proxy:prequal",
    ];
    for_each_of(&keys, |strategy| {
        let fleet = launch_as(strategy, &spec(2));
        let key = strategy.key();
        let one_by_one = reload(Order::OneAtATime, Overlap::StartThenDrain);
        let with_a_gap = reload(Order::AllAtOnce, Overlap::DrainThenStart);
        let answered = under_load(&fleet, || {
            change(&fleet, key, &scale(3));
            change(&fleet, key, &ALL);
            change(&fleet, key, &scale(1));
            thread::scope(|scope| {
                scope.spawn(|| change(&fleet, key, &one_by_one));
                change(&fleet, key, &ALL);
            });
            change(&fleet, key, &with_a_gap);
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        fleet.stop();
    });
}

#[test]
fn connections_that_wait_in_a_dispatcher_are_served_after_it_is_replaced() {
    for key in [
        "handoff:late-binding",
        "handoff:idle",
        "splice:late-binding",
        "proxy:late-binding",
    ] {
        let fleet = launch_as(strategy(key), &spec(1));
        let mut clients: Vec<_> = (0..20)
            .map(|_| Client::connect(fleet.address()).expect(key))
            .collect();
        for client in &mut clients {
            // The first one occupies the only worker, and all others wait.
            client.send("/block/20000").expect(key);
        }
        change(&fleet, key, &ALL);
        change(&fleet, key, &ALL);
        // In the order of their arrival. With `splice` each is served when the one before it has ended.
        for mut client in clients {
            assert_eq!(client.read_answer().expect(key).status, 200, "{key}");
        }
        assert_eq!(served(&fleet), 20, "{key}");
        fleet.stop();
    }
}

#[test]
fn a_proxy_header_may_arrive_in_part_before_and_in_part_after_a_replacement() {
    for key in [
        "handoff:round-robin",
        "splice:round-robin",
        "proxy:round-robin",
    ] {
        let mut spec = spec(1);
        spec.proxy_protocol.accept = true;
        let fleet = launch_as(strategy(key), &spec);
        let start = b"PROXY TCP4 192.0.2.7 ";
        let mut client = Client::connect_with(start, fleet.address()).expect(key);
        thread::scope(|scope| {
            let replacing = scope.spawn(|| change(&fleet, key, &ALL));
            let events = || events_of(&fleet, 0);
            eventually("it has a successor", || events().contains(&(1, "admitted")));
            let rest = b"192.0.2.1 40000 443\r\n";
            client.socket().write_all(rest).expect(key);
            assert_eq!(client.get("/").expect(key).status, 200, "{key}");
            drop(client);
            replacing.join().expect("it was replaced");
        });
        fleet.stop();
    }
}

#[test]
fn bytes_on_their_way_through_a_layer_4_proxy_arrive_once_and_in_order() {
    const BODY: usize = 16 << 20;
    for_each_of(
        &["splice:round-robin", "splice-sockmap:round-robin"],
        |strategy| {
            let key = strategy.key();
            let fleet = launch_as(strategy, &spec(1));
            // More than all buffers on the way have room for, so the relay waits for the client.
            let mut client = TcpStream::connect(fleet.address()).expect(key);
            let request =
                format!("GET /bytes/{BODY} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
            client.write_all(request.as_bytes()).expect(key);
            let mut answer = Vec::new();
            for _ in 0..3 {
                change(&fleet, key, &ALL);
                let mut piece = vec![0; BODY / 4];
                client.read_exact(&mut piece).expect(key);
                answer.extend(piece);
            }
            client.read_to_end(&mut answer).expect(key);
            let head = answer.windows(4).position(|it| it == b"\r\n\r\n");
            assert_eq!(answer.len() - head.expect("a head") - 4, BODY, "{key}");
            fleet.stop();
        },
    );
}

#[test]
fn a_successor_that_does_not_start_leaves_the_old_dispatcher_in_service() {
    for key in [
        "handoff:round-robin",
        "splice:round-robin",
        "proxy:round-robin",
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let (broken, program) = (folder.path().join("broken"), folder.path().join("program"));
        let mut spec = spec(1);
        let script = format!(
            "#!/bin/sh\n[ -e {} ] && exit 7\nexec {} \"$@\"\n",
            broken.display(),
            spec.executable.display()
        );
        fs::write(&program, script).expect("there is room");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
        spec.executable = program;
        let fleet = launch_as(strategy(key), &spec);
        fs::write(&broken, "").expect("there is room");
        let answered = under_load(&fleet, || {
            let error = fleet.change(&ALL).expect_err(key);
            assert!(matches!(error, ChangeError::Launch(_)), "{key}: {error}");
            fs::remove_file(&broken).expect("it is there");
            change(&fleet, key, &ALL);
        });
        let answered = answered.unwrap_or_else(|error| panic!("{key}: {error}"));
        assert_eq!(served(&fleet), answered, "{key}");
        fleet.stop();
    }
}

#[test]
fn a_dispatcher_that_has_crashed_has_no_successor_and_refuses_clients() {
    for key in [
        "handoff:round-robin",
        "splice:round-robin",
        "proxy:round-robin",
    ] {
        let mut fleet = launch_as(strategy(key), &spec(1));
        let dispatcher = fleet.processes().find(|(role, _)| role.is_dispatcher());
        let (_, pid) = dispatcher.expect("it is there");
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it runs");
        eventually("it is gone", || !is_alive(pid));
        let error = fleet.change(&ALL).expect_err(key);
        assert!(error.to_string().contains("crashed"), "{key}: {error}");
        assert!(get(fleet.address(), "/").is_err(), "{key}");
        let deaths = fleet.deaths();
        assert!(deaths[0].starts_with("dispatcher 0"), "{key}: {deaths:?}");
    }
}

#[test]
fn idle_clients_of_a_proxy_get_their_last_answer_from_the_old_one() {
    let key = "proxy:round-robin";
    let fleet = launch_as(strategy(key), &spec(1));
    let mut client = Client::connect(fleet.address()).expect(key);
    client.get("/").expect(key);
    thread::scope(|scope| {
        let replacing = scope.spawn(|| change(&fleet, key, &ALL));
        eventually("it drains", || {
            events_of(&fleet, 0).contains(&(0, "draining"))
        });
        // Longer than idle connections stay open when the whole fleet ends.
        thread::sleep(Duration::from_millis(300));
        let answer = client.get("/").expect(key);
        assert_eq!(answer.field("connection"), Some("close"));
        replacing.join().expect("it was replaced");
    });
    fleet.stop();
}
