//! A server that stops answering: what waits at the end of the window is part of the result.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{Server, Then, answering, offer, offer_until, short};
use evenkeel_loadgen::{Arrivals, ErrorClass, LoadSpec, Offer, Outcome};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Number of requests that are answered.
const ANSWERED: usize = 20;

/// Long enough that the hang is longer than an answer of a busy host.
const WINDOW: Duration = Duration::from_millis(1_500);

/// Reads without answering, until the client gives up.
fn hang(stream: &mut TcpStream) -> std::io::Result<Then> {
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(Then::Close)
}

/// Starts a server that answers some requests and then none.
fn hanging() -> Server {
    let begun = AtomicUsize::new(0);
    answering(move |_, stream| {
        if begun.fetch_add(1, Ordering::Relaxed) >= ANSWERED {
            return hang(stream);
        }
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    })
}

fn spec(server: &Server) -> LoadSpec {
    LoadSpec {
        duration: WINDOW,
        interval: Duration::from_millis(100),
        ..short(server)
    }
}

fn assert_noted(outcome: &Outcome, waiting: u64) {
    assert_eq!(outcome.requests, ANSWERED as u64);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    let unfinished = outcome.unfinished;
    assert_eq!(
        (unfinished.requests, unfinished.overdue),
        (waiting, waiting)
    );
    let why = outcome.invalid_because.join("; ");
    assert!(why.contains("unanswered at the end"), "{why}");
    assert!(why.contains("lower bounds"), "{why}");
    let notes = outcome.notes.join("; ");
    assert!(notes.contains("nothing was answered"), "{notes}");
    let last = outcome.intervals.last().expect("an interval");
    assert!(last.stalled.is_some());
}

#[test]
fn what_a_closed_loop_waits_for_at_the_end_is_told_by_every_driver() {
    let drivers: [fn(LoadSpec) -> LoadSpec; 5] = [
        |spec| spec,
        |spec| LoadSpec {
            io_uring: false,
            ..spec
        },
        |spec| LoadSpec { threads: 2, ..spec },
        |spec| LoadSpec {
            requests: NonZeroU64::new(1_000),
            ..spec
        },
        |spec| LoadSpec {
            requests_per_connection: NonZeroU64::new(1),
            ..spec
        },
    ];
    std::thread::scope(|scope| {
        for driver in drivers {
            scope.spawn(move || assert_noted(&offer(&driver(spec(&hanging()))), 2));
        }
    });
}

#[test]
fn each_request_of_a_pipeline_is_unfinished() {
    let server = hanging();
    let outcome = offer(&LoadSpec {
        pipeline: NonZeroU32::new(4).expect("not 0"),
        ..spec(&server)
    });
    assert_noted(&outcome, 8);
}

#[test]
fn a_closed_loop_leaves_at_most_a_request_for_each_connection_which_changes_nothing() {
    let server = answering(|_, stream| {
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    });
    let outcome = offer_until(100, &short(&server));
    assert!(outcome.unfinished.requests <= 2);
    assert!(
        outcome.invalid_because.is_empty(),
        "{:?}",
        outcome.invalid_because
    );
}

#[test]
fn an_open_loop_waits_for_its_answers_and_leaves_none_unfinished() {
    let server = hanging();
    let outcome = offer(&LoadSpec {
        offer: Offer::Open {
            rate_rps: 100.0,
            arrivals: Arrivals::Constant,
        },
        connections: 50,
        timeout: Duration::from_secs(1),
        ..spec(&server)
    });
    assert_eq!(outcome.requests, ANSWERED as u64);
    assert_eq!(outcome.unfinished.requests, 0);
    assert!(outcome.errors[&ErrorClass::TimedOut] > 0);
    assert!(outcome.known_up_to() < 1.0);
    assert_eq!(outcome.requests + outcome.failures(), 150);
}

#[test]
fn a_stall_within_the_window_is_noted() {
    let begun = AtomicUsize::new(0);
    let server = answering(move |_, stream| {
        if begun.fetch_add(1, Ordering::Relaxed) == ANSWERED {
            std::thread::sleep(WINDOW / 2);
        }
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    });
    let outcome = offer(&LoadSpec {
        offer: Offer::Open {
            rate_rps: 100.0,
            arrivals: Arrivals::Constant,
        },
        connections: 1,
        ..spec(&server)
    });
    assert_eq!(outcome.requests, 150);
    assert!(
        outcome
            .intervals
            .iter()
            .any(|interval| interval.stalled.is_some())
    );
    let notes = outcome.notes.join("; ");
    assert!(notes.contains("nothing was answered"), "{notes}");
}
