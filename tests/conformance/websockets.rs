//! WebSockets through each mechanism, while workers are replaced.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{LoadSpec, run};
use evenkeel_strategies::worker::WEBSOCKET_TARGET;
use evenkeel_strategies::{Change, Deployment, Host, Reload, Strategy, catalog};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use crate::support::{SKIPPED, fleet_spec, launch_as};

/// A strategy of each mechanism, and of each way in which a worker gets connections.
const KEYS: [&str; 11] = [
    "single",
    "shared-listener",
    "shared-listener:blocking",
    "reuseport",
    "threads:work-stealing",
    "nat:round-robin",
    "handoff:round-robin",
    "handoff:late-binding",
    "splice:round-robin",
    "splice-sockmap:round-robin",
    "proxy:round-robin",
];

/// How long workers drain: long enough for each client to send its next message.
const DRAIN: Duration = Duration::from_millis(600);

#[test]
fn messages_are_sent_back_and_a_reload_loses_none() {
    thread::scope(|scope| {
        for key in KEYS {
            scope.spawn(move || {
                let strategy: &dyn Strategy = catalog::select(&[key]).expect("a key")[0];
                match strategy.check(&Host::probe()) {
                    Ok(()) => check(key, &launch(strategy)),
                    Err(unmet) => eprintln!("{SKIPPED}{key}: {unmet}"),
                }
            });
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
    thread::scope(|scope| {
        let load = scope.spawn(|| answered_until_close(key, fleet, &mut idle));
        fleet.change(&reload).expect(key);
        load.join().expect(key);
    });
}

/// Sends messages until the idle client has got its close frame, and asserts that each is answered.
fn answered_until_close(key: &str, fleet: &Deployment, idle: &mut WebSocket<TcpStream>) {
    let is_over = AtomicBool::new(false);
    let mut spec = LoadSpec::new(fleet.address());
    spec.websocket = Some(WEBSOCKET_TARGET.to_owned());
    spec.connections = 4;
    spec.duration = Duration::from_secs(600);
    let outcome = thread::scope(|scope| {
        let load = scope.spawn(|| run(&spec, &is_over, &mut ()));
        let last = idle.read();
        is_over.store(true, Ordering::Relaxed);
        match last.expect(key) {
            Message::Close(Some(frame)) => assert_eq!(frame.code, CloseCode::Away, "{key}"),
            other => panic!("{key}: {other:?} instead of a close frame"),
        }
        load.join().expect(key).expect(key)
    });
    let account = outcome.account();
    assert!(
        account.failed.is_empty() && account.answered > 0,
        "{key}: {account:?}"
    );
}

fn connect(fleet: &Deployment) -> Option<WebSocket<TcpStream>> {
    let stream = TcpStream::connect(fleet.address()).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .ok()?;
    let url = format!("ws://{}{WEBSOCKET_TARGET}", fleet.address());
    Some(tungstenite::client(url, stream).ok()?.0)
}
