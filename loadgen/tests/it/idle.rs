//! Connections that a server closes while it has no request, or just as it gets one.

use std::io::{Result, Write};
use std::net::{Shutdown, TcpStream};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{Request, Server, Then, answering, connecting, offer, short};
use evenkeel_loadgen::{Arrivals, ErrorClass, LoadSpec, Offer, Outcome, RequestSpec, Trace};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const TIMED_OUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n";

/// Number of connections that are closed before the others are served.
const UNUSED: usize = 4;

/// Starts a server that says `last` on the first connections and closes them, without a request.
fn closing_unused(last: &'static [u8]) -> Server {
    connecting(
        move |number, stream| {
            if number >= UNUSED {
                return true;
            }
            std::thread::sleep(Duration::from_millis(30));
            // The client may have closed it.
            let _ = stream.write_all(last);
            false
        },
        |_, stream| {
            stream.write_all(OK)?;
            Ok(Then::Keep)
        },
    )
}

fn assert_no_failure(outcome: &Outcome) {
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
    assert!(outcome.connect_errors.is_empty(), "{:?}", outcome.examples);
    let answered = outcome.offered.map(|offered| offered.arrivals);
    assert!(answered.is_none_or(|arrivals| arrivals == outcome.requests));
}

#[test]
fn an_unused_connection_that_is_closed_with_or_without_a_word_is_no_failure() {
    let words: [&[u8]; 3] = [b"", TIMED_OUT, b"bye\r\n"];
    for last in words {
        let server = closing_unused(last);
        // Due when all of them are closed, even on a busy host.
        let times = (0..10)
            .map(|number| format!("0.5{number}\n"))
            .collect::<String>();
        let trace = Trace::parse(&times, "times".as_ref()).expect("a trace");
        let outcome = offer(&LoadSpec {
            offer: Offer::Trace(trace),
            duration: Duration::MAX,
            ..short(&server)
        });
        assert_no_failure(&outcome);
        assert_eq!(outcome.requests, 10);
        assert!(server.connections.load(Ordering::Relaxed) > UNUSED);
    }
}

/// Closes each connection as its second request arrives, with these words.
fn close_second(request: &Request, stream: &mut TcpStream, last: &[u8]) -> Result<Then> {
    if request.number == 0 {
        stream.write_all(OK)?;
        return Ok(Then::Keep);
    }
    stream.write_all(last)?;
    Ok(Then::Close)
}

fn limited(server: &Server, requests: u64) -> LoadSpec {
    LoadSpec {
        requests: NonZeroU64::new(requests),
        duration: Duration::MAX,
        ..short(server)
    }
}

#[test]
fn a_request_whose_kept_connection_is_closed_as_it_arrives_is_sent_again() {
    for last in [b"".as_slice(), TIMED_OUT] {
        for io_uring in [true, false] {
            for kind in [
                Offer::Closed,
                Offer::Open {
                    rate_rps: 200.0,
                    arrivals: Arrivals::Constant,
                },
            ] {
                let server = answering(move |request, stream| close_second(request, stream, last));
                let outcome = offer(&LoadSpec {
                    offer: kind,
                    io_uring,
                    ..limited(&server, 20)
                });
                assert_no_failure(&outcome);
                assert_eq!(outcome.requests, 20);
                assert!(outcome.repeated.requests() > 0);
                let notes = outcome.notes.join("; ");
                assert!(notes.contains("sent again"), "{notes}");
            }
        }
    }
}

#[test]
fn a_408_that_arrives_together_with_an_answer_does_not_spoil_it() {
    for pipeline in [1, 4] {
        let server = answering(|_, stream| {
            stream.write_all(&[OK, TIMED_OUT].concat())?;
            Ok(Then::Close)
        });
        let outcome = offer(&LoadSpec {
            pipeline: NonZeroU32::new(pipeline).expect("not 0"),
            connections: 1,
            ..limited(&server, 20)
        });
        assert_no_failure(&outcome);
        assert_eq!(outcome.requests, 20);
    }
}

#[test]
fn a_request_that_must_not_arrive_twice_fails_instead() {
    let server = answering(|request, stream| close_second(request, stream, b""));
    let outcome = offer(&LoadSpec {
        request: RequestSpec {
            method: "POST".into(),
            ..RequestSpec::default()
        },
        connections: 1,
        ..limited(&server, 20)
    });
    assert_eq!((outcome.requests, outcome.repeated.requests()), (10, 0));
    assert_eq!(outcome.failures(), 10, "{:?}", outcome.errors);
}

#[test]
fn a_request_is_sent_again_once() {
    let server = answering(|request, stream| {
        if (request.connection, request.number) == (0, 0) {
            stream.write_all(OK)?;
            return Ok(Then::Keep);
        }
        Ok(Then::Close)
    });
    let outcome = offer(&LoadSpec {
        connections: 1,
        ..limited(&server, 3)
    });
    assert_eq!((outcome.requests, outcome.repeated.requests()), (1, 1));
    assert_eq!(outcome.failures(), 2, "{:?}", outcome.errors);
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn an_answer_that_was_begun_is_not_asked_for_again() {
    let server = answering(|request, stream| close_second(request, stream, b"HTTP/1.1 200"));
    let outcome = offer(&LoadSpec {
        connections: 1,
        ..limited(&server, 20)
    });
    assert_eq!((outcome.requests, outcome.repeated.requests()), (10, 0));
    assert_eq!(outcome.errors[&ErrorClass::Cut], 10);
}

#[test]
fn a_server_that_answers_every_request_with_408_fails_every_request() {
    let server = answering(|_, stream| {
        stream.write_all(TIMED_OUT)?;
        Ok(Then::Close)
    });
    let outcome = offer(&limited(&server, 10));
    assert_eq!(outcome.errors[&ErrorClass::Status(408)], 10);
    assert_eq!(server.seen().len(), 10);
}

#[test]
fn a_pipeline_that_is_reset_between_answers_continues_on_another_connection() {
    for last in [b"".as_slice(), TIMED_OUT] {
        let server = answering(move |request, stream| {
            if request.number < 2 {
                stream.write_all(OK)?;
                return Ok(Then::Keep);
            }
            stream.write_all(last)?;
            // What was sent beyond is not read: after the last bytes, the close is a reset.
            stream.shutdown(Shutdown::Write)?;
            Ok(Then::Close)
        });
        let outcome = offer(&LoadSpec {
            pipeline: NonZeroU32::new(5).expect("not 0"),
            ..limited(&server, 40)
        });
        assert_no_failure(&outcome);
        assert_eq!(outcome.requests, 40);
        assert!(outcome.repeated.requests() > 0);
    }
}
