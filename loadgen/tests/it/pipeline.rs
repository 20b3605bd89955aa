//! Several requests in flight on each connection.

use std::io::{Read, Write};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::Ordering;

use crate::common::{Server, Then, answering, offer, raw, saying, short};
use evenkeel_loadgen::{
    Arrivals, ErrorClass, LoadSpec, Offer, RequestSpec, SpecError, TargetPart, Work,
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Returns a run with this number of requests on one connection at a time.
fn pipelined(server: &Server, requests: u64, in_flight: u32) -> LoadSpec {
    LoadSpec {
        connections: 1,
        requests: NonZeroU64::new(requests),
        duration: std::time::Duration::MAX,
        pipeline: NonZeroU32::new(in_flight).expect("not 0"),
        ..short(server)
    }
}

#[test]
fn the_pipeline_is_filled_before_the_first_answer() {
    let server = raw(|mut stream| {
        // Four of them or none.
        let mut four = [0; 4 * "GET / HTTP/1.1\r\nhost: here\r\n\r\n".len()];
        while stream.read_exact(&mut four).is_ok() {
            if stream.write_all(OK.repeat(4).as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut spec = pipelined(&server, 40, 4);
    spec.target.authority = "here".to_owned();
    let outcome = offer(&spec);
    assert_eq!(outcome.requests, 40);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
}

#[test]
fn answers_are_matched_with_their_requests_in_order() {
    let server = answering(|request, stream| {
        match request.target() {
            "/body" => write!(stream, "{OK}"),
            "/missing" => write!(stream, "HTTP/1.1 404 No\r\ncontent-length: 1\r\n\r\n!"),
            _ => write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
        }?;
        Ok(Then::Keep)
    });
    let part = |method: &str, target: &str| TargetPart {
        weight: 1.0,
        method: Some(method.to_owned()),
        target: target.to_owned(),
        body: None,
    };
    let parts = [
        part("GET", "/body"),
        part("GET", "/missing"),
        part("HEAD", "/head"),
    ];
    let outcome = offer(&LoadSpec {
        request: RequestSpec {
            work: Work::Targets(parts.to_vec()),
            ..RequestSpec::default()
        },
        ..pipelined(&server, 300, 7)
    });
    let seen = server.seen();
    let missing = seen.iter().filter(|request| request.target() == "/missing");
    let missing = missing.count() as u64;
    let not_found = ErrorClass::Status(404);
    assert_eq!(outcome.errors.keys().collect::<Vec<_>>(), [&not_found]);
    assert_eq!(outcome.errors[&not_found], missing);
    assert_eq!(outcome.requests, 300 - missing);
    let example = &outcome.examples[&not_found];
    assert_eq!(example, "the answer to `GET /missing HTTP/1.1`");
}

#[test]
fn requests_left_unanswered_by_a_graceful_close_are_sent_again() {
    for announced in [true, false] {
        let server = answering(move |request, stream| {
            if request.number < 2 {
                write!(stream, "{OK}")?;
                return Ok(Then::Keep);
            }
            let close = if announced {
                "connection: close\r\n"
            } else {
                ""
            };
            write!(
                stream,
                "HTTP/1.1 200 OK\r\n{close}content-length: 0\r\n\r\n"
            )?;
            stream.shutdown(std::net::Shutdown::Write)?;
            // What was sent beyond is read, or the close would be a reset.
            while stream.read(&mut [0; 1024])? > 0 {}
            Ok(Then::Close)
        });
        let outcome = offer(&pipelined(&server, 60, 5));
        assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
        assert_eq!(outcome.requests, 60, "announced: {announced}");
        // Three answers on each; after the last one may come another.
        let connections = server.connections.load(Ordering::Relaxed);
        assert!((20..=21).contains(&connections), "{connections}");
    }
}

#[test]
fn all_requests_in_flight_fail_with_their_connection() {
    let server = answering(|_, _| Ok(Then::Close));
    let outcome = offer(&pipelined(&server, 8, 4));
    assert_eq!(outcome.requests, 0);
    assert_eq!(outcome.failures(), 8, "{:?}", outcome.errors);
}

#[test]
fn an_answer_without_a_request_is_malformed() {
    let server = answering(|_, stream| {
        // In one write, so that they are read at once.
        stream.write_all(OK.repeat(3).as_bytes())?;
        Ok(Then::Keep)
    });
    let outcome = offer(&pipelined(&server, 100, 2));
    assert!(
        outcome.errors.contains_key(&ErrorClass::Malformed),
        "{:?}",
        outcome.errors
    );
}

#[test]
fn a_pipelined_connection_carries_the_requested_number_of_requests() {
    let server = saying(OK);
    let outcome = offer(&LoadSpec {
        requests_per_connection: NonZeroU64::new(5),
        ..pipelined(&server, 50, 3)
    });
    assert_eq!(outcome.requests, 50);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
    for request in server.seen() {
        assert_eq!(request.asks_to_close(), request.number == 4);
    }
}

#[test]
fn large_requests_are_written_as_the_server_reads_them() {
    let server = saying(OK);
    let outcome = offer(&LoadSpec {
        request: RequestSpec {
            method: "POST".into(),
            body: vec![b'x'; 500_000],
            ..RequestSpec::default()
        },
        ..pipelined(&server, 20, 4)
    });
    assert_eq!(outcome.requests, 20);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
}

#[test]
fn the_open_loop_does_not_pipeline() {
    let server = saying(OK);
    let spec = LoadSpec {
        offer: Offer::Open {
            rate_rps: 10.0,
            arrivals: Arrivals::Constant,
        },
        duration: std::time::Duration::from_secs(1),
        ..pipelined(&server, 2, 2)
    };
    assert_eq!(spec.validate(), Err(SpecError::OpenPipeline));
}
