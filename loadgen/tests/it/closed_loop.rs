//! The closed loop, against servers without faults.

use std::collections::HashSet;
use std::io::Write;
use std::num::NonZeroU64;
use std::sync::Barrier;
use std::time::Duration;

use crate::common::{Server, Then, answering, offer, offer_until, saying, short};
use evenkeel_loadgen::{ErrorClass, LoadSpec, RequestSpec};

const HELLO: &str = "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 1\r\ncontent-length: 5\r\n\r\nhello";

/// Returns a run of a hundred requests, however long a busy machine takes.
fn some(server: &Server) -> LoadSpec {
    LoadSpec {
        requests: NonZeroU64::new(100),
        duration: Duration::MAX,
        ..short(server)
    }
}

#[test]
fn every_answer_is_counted_once_for_its_worker() {
    let server = answering(|request, stream| {
        let worker = request.connection % 2;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nx-evenkeel-worker: {worker}\r\ncontent-length: 0\r\n\r\n"
        )?;
        Ok(Then::Keep)
    });
    let outcome = offer(&some(&server));
    assert!(outcome.requests > 0);
    assert_eq!(outcome.per_worker.iter().sum::<u64>(), outcome.requests);
    assert!(
        outcome.per_worker.iter().all(|count| *count > 0),
        "{:?}",
        outcome.per_worker
    );
    assert_eq!(outcome.unattributed, 0);
    assert_eq!(outcome.response.len(), outcome.requests);
    assert_eq!(outcome.service, outcome.response);
    assert!(outcome.lag.is_empty());
    assert_eq!(outcome.offered, None);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert!(
        outcome.invalid_because.is_empty(),
        "{:?}",
        outcome.invalid_because
    );
    assert!(!outcome.interrupted);
}

#[test]
fn keep_alive_uses_the_requested_number_of_connections() {
    let all_have_asked = Barrier::new(5);
    let server = answering(move |request, stream| {
        if request.number == 0 {
            all_have_asked.wait();
        }
        stream.write_all(HELLO.as_bytes())?;
        Ok(Then::Keep)
    });
    let spec = LoadSpec {
        connections: 5,
        threads: 2,
        ..some(&server)
    };
    let outcome = offer(&spec);
    assert_eq!(
        server
            .seen()
            .iter()
            .map(|request| request.connection)
            .collect::<HashSet<_>>()
            .len(),
        5
    );
    assert_eq!(outcome.threads, 2);
    assert_eq!(outcome.bytes, outcome.requests * HELLO.len() as u64);
}

#[test]
fn there_are_never_more_threads_than_connections() {
    let server = saying(HELLO);
    let spec = LoadSpec {
        connections: 1,
        threads: 8,
        ..some(&server)
    };
    assert_eq!(offer(&spec).threads, 1);
}

#[test]
fn warm_up_is_served_but_not_counted() {
    let server = saying(HELLO);
    let spec = LoadSpec {
        warmup: Duration::from_millis(200),
        ..short(&server)
    };
    let outcome = offer(&spec);
    assert!(outcome.requests > 0);
    assert!((outcome.requests as usize) < server.seen().len());
    assert_eq!(outcome.duration, spec.duration);
    assert_eq!(
        outcome.connections_opened, 0,
        "they were opened during warm-up"
    );
}

#[test]
fn a_connection_carries_the_requested_number_of_requests() {
    for most in [1, 3] {
        let server = saying(HELLO);
        let spec = LoadSpec {
            requests_per_connection: NonZeroU64::new(most),
            ..short(&server)
        };
        let outcome = offer_until(20, &spec);
        let seen = server.seen();
        for request in &seen {
            assert!((request.number as u64) < most);
            assert_eq!(
                request.asks_to_close(),
                request.number as u64 + 1 == most,
                "{}",
                request.head
            );
        }
        assert!(outcome.requests > 0);
        assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
        assert!(outcome.connections_opened > 0);
        // How long a connect took is not known if it began before the load did.
        let unknown = outcome.connections_opened - outcome.connect.len();
        assert!(unknown <= spec.connections as u64, "{unknown}");
    }
}

#[test]
fn connections_come_from_all_client_addresses() {
    let server = saying(HELLO);
    let spec = LoadSpec {
        requests_per_connection: NonZeroU64::new(1),
        client_addresses: 7,
        ..some(&server)
    };
    let outcome = offer(&spec);
    let peers: HashSet<_> = server
        .seen()
        .iter()
        .map(|request| request.peer.ip())
        .collect();
    assert_eq!(
        peers.len(),
        7.min(outcome.connections_opened as usize),
        "{peers:?}"
    );
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn a_large_body_arrives_whole() {
    let body: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    let expected = body.clone();
    let server = answering(move |request, stream| {
        let status = if request.body == expected { 200 } else { 400 };
        write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n")?;
        Ok(Then::Keep)
    });
    let request = RequestSpec {
        method: "POST".into(),
        body,
        ..RequestSpec::default()
    };
    let outcome = offer(&LoadSpec {
        request,
        ..some(&server)
    });
    assert!(outcome.requests > 0);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn large_answers_are_read_to_their_end() {
    let server = answering(|_, stream| {
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
        stream.write_all(&[b'x'; 1_000_000])?;
        Ok(Then::Keep)
    });
    let outcome = offer(&some(&server));
    assert!(outcome.requests > 0);
    assert!(outcome.bytes > outcome.requests * 1_000_000);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn all_framings_of_an_answer_are_understood() {
    for bytes in [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n",
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
    ] {
        let server = saying(bytes);
        let outcome = offer(&some(&server));
        assert!(outcome.requests > 0, "{bytes:?}");
        assert!(outcome.errors.is_empty(), "{bytes:?}: {:?}", outcome.errors);
        assert_eq!(
            server
                .seen()
                .iter()
                .filter(|request| request.number == 0)
                .count(),
            2,
            "{bytes:?}"
        );
    }
}

#[test]
fn answers_that_end_with_the_connection_are_answers() {
    for bytes in [
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    ] {
        let server = answering(move |_, stream| {
            stream.write_all(bytes.as_bytes())?;
            Ok(Then::Close)
        });
        let outcome = offer(&some(&server));
        assert!(outcome.requests > 0, "{bytes:?}");
        assert!(outcome.errors.is_empty(), "{bytes:?}: {:?}", outcome.errors);
        assert_eq!(outcome.bytes, outcome.requests * bytes.len() as u64);
    }
}

#[test]
fn answers_to_head_have_no_body() {
    let server = saying("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    let request = RequestSpec {
        method: "HEAD".into(),
        ..RequestSpec::default()
    };
    let outcome = offer(&LoadSpec {
        request,
        ..some(&server)
    });
    assert!(outcome.requests > 0);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

#[test]
fn an_error_status_counts_as_an_error_and_not_as_a_request() {
    let server = saying("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n");
    let outcome = offer(&some(&server));
    assert_eq!(outcome.requests, 0);
    assert!(outcome.errors[&ErrorClass::Status(503)] > 0);
    assert_eq!(ErrorClass::Status(503).name(), "status-503");
    assert!(outcome.response.is_empty());
    assert_eq!(outcome.invalid_because.len(), 1);
}
