//! Runs that end after a number of requests, and connections opened on demand.

use std::io::Write;
use std::net::TcpListener;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{Server, Then, answering, offer, saying, short};
use evenkeel_loadgen::{Arrivals, ErrorClass, LoadSpec, Offer, SpecError, Trace, WhenBusy, run};

const OK: &str = "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 0\r\ncontent-length: 0\r\n\r\n";

fn limited(server: &Server, requests: u64) -> LoadSpec {
    LoadSpec {
        connections: 5,
        threads: 2,
        requests: NonZeroU64::new(requests),
        duration: Duration::MAX,
        ..short(server)
    }
}

fn open(rate_rps: f64, arrivals: Arrivals) -> Offer {
    Offer::Open { rate_rps, arrivals }
}

#[test]
fn a_closed_loop_ends_after_its_number_of_requests() {
    for requests in [1, 7, 1_000] {
        for per_connection in [0, 1, 3] {
            let server = saying(OK);
            let spec = LoadSpec {
                requests_per_connection: NonZeroU64::new(per_connection),
                ..limited(&server, requests)
            };
            let outcome = offer(&spec);
            assert_eq!(
                outcome.requests, requests,
                "{per_connection} per connection"
            );
            assert_eq!(outcome.response.len(), requests);
            assert_eq!(server.seen().len() as u64, requests);
            assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
            assert!(!outcome.interrupted);
        }
    }
}

#[test]
fn warm_up_does_not_count_towards_the_number() {
    let server = saying(OK);
    let spec = LoadSpec {
        warmup: Duration::from_millis(50),
        ..limited(&server, 500)
    };
    assert_eq!(offer(&spec).requests, 500);
    // Their number depends on the machine.
    assert!(server.seen().len() >= 500);
}

#[test]
fn failures_count_towards_the_number() {
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    for per_connection in [0, 1] {
        let spec = LoadSpec {
            connections: 2,
            requests: NonZeroU64::new(5),
            requests_per_connection: NonZeroU64::new(per_connection),
            duration: Duration::MAX,
            ..LoadSpec::new(*unused.as_ref().expect("a port is free"))
        };
        let outcome = offer(&spec);
        assert_eq!(outcome.errors[&ErrorClass::Refused], 5);
    }
}

#[test]
fn time_ends_a_run_that_does_not_reach_its_number() {
    let server = saying(OK);
    let spec = LoadSpec {
        duration: Duration::from_millis(100),
        ..limited(&server, u64::MAX)
    };
    let outcome = offer(&spec);
    assert!(outcome.requests > 0);
    assert_eq!(outcome.duration, spec.duration);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn an_open_loop_ends_after_its_number_of_requests() {
    let times: String = (0..200).map(|number| format!("0.{number:03}\n")).collect();
    let trace = Trace::parse(&times, "times".as_ref()).expect("a trace");
    let (on, off) = (Duration::from_millis(5), Duration::from_millis(15));
    for kind in [
        open(2_000.0, Arrivals::Constant),
        open(2_000.0, Arrivals::Poisson),
        open(2_000.0, Arrivals::Burst { on, off }),
        Offer::Trace(trace),
    ] {
        let server = saying(OK);
        let spec = LoadSpec {
            offer: kind,
            ..limited(&server, 150)
        };
        let outcome = offer(&spec);
        assert_eq!(outcome.requests, 150, "{:?}", spec.offer);
        assert_eq!(outcome.offered.expect("open").arrivals, 150);
        assert_eq!(server.seen().len(), 150);
    }
}

#[test]
fn a_trace_is_sent_to_its_end() {
    let trace = Trace::parse("0\n0.01\n0.01\n0.1\n", "times".as_ref()).expect("a trace");
    let server = saying(OK);
    let spec = LoadSpec {
        offer: Offer::Trace(trace),
        duration: Duration::MAX,
        ..short(&server)
    };
    let outcome = offer(&spec);
    assert_eq!(outcome.requests, 4);
    assert_eq!(outcome.duration, Duration::from_nanos(100_000_001));
}

/// Starts a server that answers none before `requests` requests have arrived.
fn gathering(requests: usize) -> Server {
    let all_there = Arc::new(Barrier::new(requests));
    answering(move |_, stream| {
        all_there.wait();
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    })
}

#[test]
fn arrivals_open_connections_when_all_are_busy() {
    let server = gathering(6);
    let spec = LoadSpec {
        offer: open(1_000.0, Arrivals::Constant),
        connections: 2,
        threads: 2,
        when_busy: WhenBusy::Open { most: 6 },
        ..limited(&server, 12)
    };
    let outcome = offer(&spec);
    assert_eq!(outcome.requests, 12);
    assert_eq!(server.connections.load(Ordering::Relaxed), 6);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn connections_opened_by_arrivals_are_never_missing() {
    let server = answering(|_, stream| {
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Close)
    });
    let spec = LoadSpec {
        offer: open(200.0, Arrivals::Constant),
        connections: 1,
        threads: 1,
        when_busy: WhenBusy::Open { most: 8 },
        ..short(&server)
    };
    let outcome = offer(&spec);
    // One may be sent just before a close is noticed.
    let failures: u64 = outcome.errors.values().sum();
    assert_eq!(outcome.requests + failures, 40);
    let missing = |why: &&String| why.contains("were not open");
    assert_eq!(outcome.invalid_because.iter().find(missing), None);
}

#[test]
fn a_backlog_that_cannot_be_sent_does_not_delay_the_end() {
    let server = answering(|_, stream| {
        sleep(Duration::from_millis(20));
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    });
    for requests in [0, 4_000_000_000] {
        let spec = LoadSpec {
            offer: open(1e8, Arrivals::Poisson),
            requests: NonZeroU64::new(requests),
            duration: Duration::from_secs(30),
            ..short(&server)
        };
        let stop = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(Duration::from_millis(200));
                stop.store(true, Ordering::Relaxed);
            });
            run(&spec, &stop, &mut ()).expect("offered")
        });
        assert!(outcome.interrupted);
        let offered = outcome.offered.expect("an open loop");
        assert_eq!(offered.schedule.count, None, "not all of them were counted");
    }
}

#[test]
fn a_run_without_end_or_without_a_measured_request_is_refused() {
    let server = saying(OK);
    let spec = |kind: Offer, duration| LoadSpec {
        offer: kind,
        duration,
        ..short(&server)
    };
    let (second, forever) = (Duration::from_secs(1), Duration::MAX);
    for rate in [1e9, 1e12, 1e99] {
        let refused = spec(open(rate, Arrivals::Poisson), second).validate();
        assert_eq!(refused, Err(SpecError::RateTooHigh(rate)));
        let ramp = Arrivals::Ramp { to_rps: rate };
        let refused = spec(open(1.0, ramp), second).validate();
        assert_eq!(refused, Err(SpecError::RateTooHigh(rate)));
    }
    let day = Duration::from_secs(86_400);
    let refused = spec(open(1e6, Arrivals::Constant), day).validate();
    assert_eq!(refused, Err(SpecError::TooManyArrivals(86.4e9)));
    assert_eq!(
        spec(Offer::Closed, forever).validate(),
        Err(SpecError::NoEnd)
    );
    let ramp = Arrivals::Ramp { to_rps: 1.0 };
    let refused = spec(open(1.0, ramp), forever).validate();
    assert_eq!(refused, Err(SpecError::EndlessRamp));
    let nothing = Arrivals::Burst {
        on: Duration::ZERO,
        off: second,
    };
    let refused = spec(open(1.0, nothing), second).validate();
    assert_eq!(refused, Err(SpecError::EmptyBurst));
    let hour = Duration::from_secs(3_600);
    assert_eq!(spec(open(1e6, Arrivals::Constant), hour).validate(), Ok(()));
}

#[test]
fn opening_connections_when_busy_needs_an_open_loop_and_a_limit() {
    let server = saying(OK);
    for (kind, most, valid) in [
        (Offer::Closed, 9, false),
        (open(1.0, Arrivals::Constant), 1, false),
        (open(1.0, Arrivals::Constant), 2, true),
    ] {
        let spec = LoadSpec {
            offer: kind,
            when_busy: WhenBusy::Open { most },
            ..short(&server)
        };
        assert_eq!(spec.validate().is_ok(), valid, "{spec:?}");
    }
}
