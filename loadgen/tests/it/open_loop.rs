//! The open loop: no arrival is skipped, and waiting counts.

use std::io::Write;
use std::net::TcpStream;
use std::num::NonZeroU64;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use crate::common::{Request, Server, Then, answering, offer, saying, short};
use evenkeel_loadgen::{
    Arrivals, Cost, ErrorClass, LoadSpec, Offer, Outcome, RequestSpec, Work, WorkKind, WorkPart,
};

const OK: &str = "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 0\r\ncontent-length: 0\r\n\r\n";

fn open(server: &Server, rate_rps: f64, arrivals: Arrivals) -> LoadSpec {
    LoadSpec {
        offer: Offer::Open { rate_rps, arrivals },
        connections: 8,
        threads: 2,
        warmup: Duration::from_millis(50),
        ..short(server)
    }
}

fn arrivals(outcome: &Outcome) -> u64 {
    outcome.offered.expect("an open loop").arrivals
}

fn assert_all_answered(outcome: &Outcome) {
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(outcome.requests, arrivals(outcome));
    assert_eq!(outcome.lag.len(), outcome.requests);
    assert_eq!(outcome.response.len(), outcome.requests);
    assert_eq!(outcome.service.len(), outcome.requests);
}

#[test]
fn every_arrival_of_the_window_is_sent_and_answered() {
    let server = saying(OK);
    let outcome = offer(&open(&server, 500.0, Arrivals::Constant));
    assert_all_answered(&outcome);
    assert_eq!(
        outcome.requests, 100,
        "500 per second for a fifth of a second"
    );
}

#[test]
fn poisson_arrivals_are_the_same_with_the_same_seed() {
    let offered = |seed| {
        let server = saying(OK);
        let spec = LoadSpec {
            seed,
            ..open(&server, 500.0, Arrivals::Poisson)
        };
        let outcome = offer(&spec);
        assert_all_answered(&outcome);
        arrivals(&outcome)
    };
    assert_eq!(offered(1), offered(1));
    let several: std::collections::HashSet<_> = (2..6).map(offered).collect();
    assert!(several.len() > 1, "{several:?}");
}

#[test]
fn the_same_seed_sends_the_same_work_in_the_same_order() {
    let part = |kind, mean_us| WorkPart {
        weight: 1.0,
        kind,
        cost: Cost::Exponential(mean_us),
    };
    let work = Work::Mix(vec![
        part(WorkKind::Block, 100.0),
        part(WorkKind::Spin, 1_000.0),
    ]);
    let targets = |seed| {
        let server = saying(OK);
        let spec = LoadSpec {
            seed,
            connections: 1,
            request: RequestSpec {
                work: work.clone(),
                ..RequestSpec::default()
            },
            ..open(&server, 100.0, Arrivals::Constant)
        };
        offer(&spec);
        let seen = server.seen();
        seen.iter()
            .map(|request| request.target().to_owned())
            .collect::<Vec<_>>()
    };
    let first = targets(1);
    assert_eq!(first.len(), 25, "100 per second for a quarter of a second");
    assert_eq!(first, targets(1));
    assert_ne!(first, targets(2));
}

#[test]
fn requests_that_open_their_connection_are_all_answered() {
    for most in [1, 3] {
        let server = saying(OK);
        let spec = LoadSpec {
            requests_per_connection: NonZeroU64::new(most),
            client_addresses: 3,
            ..open(&server, 500.0, Arrivals::Constant)
        };
        let outcome = offer(&spec);
        assert_all_answered(&outcome);
        // On a busy host the last ones may connect after the window, which
        // counts the connections that were opened in it.
        let opened = server.connections.load(Ordering::Relaxed) as u64;
        assert!(outcome.connections_opened <= opened);
        if most == 1 {
            assert_eq!(server.seen().len() as u64, opened);
        }
    }
}

/// Answers after five milliseconds: 200 requests per second and connection.
fn slowly(_: &Request, stream: &mut TcpStream) -> std::io::Result<Then> {
    sleep(Duration::from_millis(5));
    stream.write_all(OK.as_bytes())?;
    Ok(Then::Keep)
}

#[test]
fn waiting_for_a_connection_counts_as_response_time() {
    let server = answering(slowly);
    // Twice what one connection can carry: the last arrival of the window waits some hundred
    // milliseconds for others.
    let spec = LoadSpec {
        connections: 1,
        ..open(&server, 400.0, Arrivals::Constant)
    };
    let outcome = offer(&spec);
    assert_all_answered(&outcome);
    assert!(
        outcome.response.max() > 50_000_000,
        "{} ns",
        outcome.response.max()
    );
    assert!(outcome.response.mean() > 2.0 * outcome.service.mean());
    // The server caused the wait, not the generator.
    assert!(outcome.lag.mean() < outcome.response.mean() / 2.0);
}

#[test]
fn arrivals_that_were_never_sent_are_counted_as_unsent() {
    let server = answering(slowly);
    let spec = LoadSpec {
        connections: 1,
        timeout: Duration::from_millis(100),
        ..open(&server, 2_000.0, Arrivals::Constant)
    };
    let outcome = offer(&spec);
    let unsent = outcome.errors.get(&ErrorClass::Unsent);
    assert!(unsent.copied().unwrap_or(0) > 0);
    assert_eq!(outcome.requests + outcome.failures(), arrivals(&outcome));
    assert_eq!(arrivals(&outcome), 400);
}

#[test]
fn a_connection_closed_while_idle_is_replaced_without_an_error() {
    let server = answering(|_, stream| {
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Close)
    });
    // The gap is long, so that the close is noticed before the next request is due.
    let outcome = offer(&open(&server, 50.0, Arrivals::Constant));
    assert_all_answered(&outcome);
    assert_eq!(outcome.requests, 10);
}

/// Returns the number of requests on each of four connections.
fn shares() -> [usize; 4] {
    let server = saying(OK);
    let spec = LoadSpec {
        connections: 4,
        threads: 1,
        ..open(&server, 400.0, Arrivals::Constant)
    };
    offer(&spec);
    let mut counts = [0; 4];
    for request in server.seen() {
        counts[request.connection] += 1;
    }
    counts
}

#[test]
fn connections_carry_equal_shares() {
    // A server thread without CPU time holds up its connection while the others continue. If
    // connections were taken like a stack, one would carry almost all requests in every run.
    let in_rotation = |counts: &[usize; 4]| {
        let most = counts.iter().max().copied().unwrap_or(0);
        counts.iter().all(|count| *count > 0) && most * 2 < counts.iter().sum::<usize>()
    };
    let runs: Vec<_> = (0..5).map(|_| shares()).collect();
    assert!(runs.iter().any(in_rotation), "{runs:?}");
}
