//! Servers over TLS that hang, or close idle connections.

use std::io::Write;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::offer;
use crate::secure::{read_request, secure, trusting};
use evenkeel_loadgen::{LoadSpec, Offer, Trace};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const TIMED_OUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n";

/// Number of requests that are answered, or of connections that are closed.
const FIRST: usize = 10;

#[test]
fn what_is_unanswered_at_the_end_is_told_over_tls() {
    let begun = AtomicUsize::new(0);
    let server = secure(move |stream| {
        while read_request(stream)? {
            if begun.fetch_add(1, Ordering::Relaxed) < FIRST {
                stream.write_all(OK)?;
            }
        }
        Ok(())
    });
    let outcome = offer(&LoadSpec {
        // Handshakes take long on a busy host without optimizations.
        duration: Duration::from_secs(3),
        ..trusting(&server)
    });
    assert_eq!(outcome.requests, FIRST as u64);
    assert_eq!(outcome.unfinished.overdue, 2);
    let why = outcome.invalid_because.join("; ");
    assert!(why.contains("unanswered at the end"), "{why}");
}

#[test]
fn an_idle_connection_that_is_closed_is_no_failure_over_tls() {
    for last in [b"".as_slice(), TIMED_OUT] {
        let begun = AtomicUsize::new(0);
        let server = secure(move |stream| {
            if begun.fetch_add(1, Ordering::Relaxed) < FIRST {
                stream.write_all(last)?;
                return stream.flush();
            }
            while read_request(stream)? {
                stream.write_all(OK)?;
            }
            Ok(())
        });
        // Due when all of them are closed.
        let trace = Trace::parse("2\n2.1\n2.2\n", "times".as_ref()).expect("a trace");
        let outcome = offer(&LoadSpec {
            offer: Offer::Trace(trace),
            duration: Duration::MAX,
            ..trusting(&server)
        });
        assert_eq!(
            (outcome.requests, outcome.failures()),
            (3, 0),
            "{:?}",
            outcome.examples
        );
    }
}

#[test]
fn a_request_whose_kept_connection_is_closed_as_it_arrives_is_sent_again_over_tls() {
    let server = secure(|stream| {
        read_request(stream)?;
        stream.write_all(OK)?;
        read_request(stream).map(|_| ())
    });
    let outcome = offer(&LoadSpec {
        requests: NonZeroU64::new(10),
        duration: Duration::MAX,
        ..trusting(&server)
    });
    assert_eq!(
        (outcome.requests, outcome.failures()),
        (10, 0),
        "{:?}",
        outcome.examples
    );
    assert!(outcome.repeated.requests() > 0);
}
