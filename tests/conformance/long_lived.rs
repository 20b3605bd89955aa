//! Long-lived connections through each mechanism, while workers are replaced: WebSockets, and answers that go on.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{LoadSpec, Work, run};
use evenkeel_strategies::worker::WEBSOCKET_TARGET;
use evenkeel_strategies::{Change, Deployment, Reload, Strategy};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use crate::support::processes::eventually;
use crate::support::{fleet_spec, launch_as, slot, supported_strategies};

/// A strategy of each mechanism, and of each way in which a worker gets connections. Late binding is not among them: a
/// worker of its gets nothing until its last stream has ended.
const KEYS: [&str; 10] = [
    "single",
    "shared-listener",
    "shared-listener:blocking",
    "reuseport",
    "threads:work-stealing",
    "nat:round-robin",
    "handoff:round-robin",
    "splice:round-robin",
    "splice-sockmap:round-robin",
    "proxy:round-robin",
];

/// How long workers drain: long enough for each client to send its next message.
const DRAIN: Duration = Duration::from_secs(2);

/// Streams at once. All begin before the reload, since only a draining worker ends a stream early.
const STREAMS: usize = 4;

#[test]
fn a_reload_loses_no_message_and_cuts_no_stream() {
    let mut strategies = supported_strategies();
    strategies.retain(|strategy| KEYS.contains(&strategy.key()));
    thread::scope(|scope| {
        for strategy in strategies {
            scope.spawn(move || check(strategy.key(), &launch(strategy)));
        }
    });
}

fn launch(strategy: &dyn Strategy) -> Deployment {
    let mut spec = fleet_spec(2);
    spec.places = spec.workers.saturating_add(1);
    launch_as(strategy, &spec)
}

fn check(key: &str, fleet: &Deployment) {
    let mut idle = connect(fleet).expect(key);
    let long = "x".repeat(70_000);
    for text in ["hello", "/sleep/1000", &long] {
        idle.send(text.into()).expect(key);
        assert_eq!(idle.read().expect(key), Message::text(text), "{key}");
    }
    let reload = Change::Reload(Reload {
        drain_within: Some(DRAIN),
        ..Reload::default()
    });
    if let Err(unmet) = fleet.can_change(&reload) {
        return eprintln!("not changed: {key}: {unmet}");
    }
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let end_loads = EndLoads(&is_over);
        let loads = [messages(fleet), streams(fleet)].map(|load| {
            let is_over = &is_over;
            scope.spawn(move || run(&load, is_over, &mut ()))
        });
        let closed = scope.spawn(|| assert_closed(key, &mut idle));
        eventually("every stream has begun", || {
            let workers = (0..fleet.workers()).map(|worker| slot(fleet, worker));
            workers
                .map(|worker| worker.requests_in_flight())
                .sum::<u64>()
                >= STREAMS as u64
        });
        fleet.change(&reload).expect(key);
        closed.join().expect(key);
        drop(end_loads);
        for load in loads {
            let account = load.join().expect(key).expect(key).account();
            let nothing_lost = account.failed.is_empty() && account.answered > 0;
            assert!(nothing_lost, "{key}: {account:?}");
        }
    });
}

/// Ends the loads when it is dropped, also when a check fails.
struct EndLoads<'a>(&'a AtomicBool);

impl Drop for EndLoads<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn assert_closed(key: &str, idle: &mut WebSocket<TcpStream>) {
    match idle.read().expect(key) {
        Message::Close(Some(frame)) => assert_eq!(frame.code, CloseCode::Away, "{key}"),
        other => panic!("{key}: {other:?} instead of a close frame"),
    }
}

fn messages(fleet: &Deployment) -> LoadSpec {
    let mut load = LoadSpec::new(fleet.address());
    load.websocket = Some(WEBSOCKET_TARGET.to_owned());
    load.connections = 4;
    load.duration = Duration::from_secs(600);
    load
}

/// Answers that nobody waits for, unless their worker drains.
fn streams(fleet: &Deployment) -> LoadSpec {
    let mut load = LoadSpec::new(fleet.address());
    load.request.work = Work::Target("/stream/20000/100000".to_owned());
    load.connections = STREAMS;
    load.duration = Duration::from_secs(600);
    load.timeout = Duration::from_secs(600);
    load
}

fn connect(fleet: &Deployment) -> Option<WebSocket<TcpStream>> {
    let stream = TcpStream::connect(fleet.address()).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let url = format!("ws://{}{WEBSOCKET_TARGET}", fleet.address());
    Some(tungstenite::client(url, stream).ok()?.0)
}
