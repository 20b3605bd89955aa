//! Connections that have become too old, or have carried as many requests as they may.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use evenkeel_loadgen::{LoadSpec, run};
use evenkeel_strategies::{ConnectionLimits, FleetSpec, MaxAge};

use crate::support::client::{Answer, Client};
use crate::support::fleet_spec;
use crate::{for_each, rest};

/// Requests on a connection.
const MOST: u32 = 3;

/// An age that a test waits for.
const AGE: Duration = Duration::from_millis(50);

fn spec(connection_limits: ConnectionLimits) -> FleetSpec {
    FleetSpec {
        connection_limits,
        ..fleet_spec(2)
    }
}

fn max_requests() -> FleetSpec {
    spec(ConnectionLimits {
        max_requests: NonZeroU32::new(MOST),
        ..ConnectionLimits::default()
    })
}

fn max_age(least: Duration, jitter: Duration) -> FleetSpec {
    spec(ConnectionLimits {
        max_age: Some(MaxAge::new(least, jitter)),
        ..ConnectionLimits::default()
    })
}

fn is_last(answer: &Answer) -> bool {
    answer.field("connection") == Some("close")
}

#[test]
fn a_connection_has_as_many_answers_as_it_may_and_the_last_one_says_so() {
    for_each(&max_requests(), |key, fleet| {
        let mut client = Client::connect(fleet.address()).expect(key);
        for number in 1..=MOST {
            // The body makes a proxy serve the second one on its slow path.
            let answer = match number {
                2 => client.post("/").expect(key),
                _ => client.get("/").expect(key),
            };
            assert_eq!(is_last(&answer), number == MOST, "{key}: answer {number}");
        }
        assert_eq!(rest(&mut client), "", "{key}: the connection ends");
    });
}

#[test]
fn a_connection_over_age_has_one_last_answer_or_ends_while_it_is_idle() {
    for_each(&max_age(AGE, AGE), |key, fleet| {
        let mut idle = Client::connect(fleet.address()).expect(key);
        assert!(!is_last(&idle.get("/").expect(key)), "{key}: it is new");
        let mut busy = Client::connect(fleet.address()).expect(key);
        while !is_last(&busy.get("/sleep/1000").expect(key)) {}
        assert_eq!(rest(&mut busy), "", "{key}: after the last answer");
        assert_eq!(rest(&mut idle), "", "{key}: while it is idle");
    });
}

#[test]
fn no_request_is_lost_although_connections_end_all_the_time() {
    let both = spec(ConnectionLimits {
        max_age: Some(MaxAge::new(AGE / 2, AGE / 2)),
        max_requests: NonZeroU32::new(20),
    });
    for_each(&both, |key, fleet| {
        let mut load = LoadSpec::new(fleet.address());
        load.connections = 4;
        load.duration = Duration::MAX;
        load.requests = NonZeroU64::new(500);
        let outcome = run(&load, &AtomicBool::new(false), &mut ()).expect(key);
        let account = outcome.account();
        assert_eq!(account.answered, 500, "{key}: {account:?}");
        assert!(outcome.connections_opened >= 500 / 20, "{key}");
    });
}
