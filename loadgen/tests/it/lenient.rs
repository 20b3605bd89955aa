//! Answers that are not as a server should write them, and that other clients read.

use std::io::Write;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{Server, Then, answering, offer, saying, short};
use evenkeel_loadgen::LoadSpec;

const REQUESTS: u64 = 6;

/// Sends the requests, all of which are answered, and returns the number of connections.
fn connections(server: &Server, pipeline: u32) -> usize {
    let spec = LoadSpec {
        connections: 1,
        requests: NonZeroU64::new(REQUESTS),
        duration: Duration::MAX,
        pipeline: NonZeroU32::new(pipeline).expect("not 0"),
        ..short(server)
    };
    let outcome = offer(&spec);
    assert_eq!(outcome.requests, REQUESTS, "{:?}", outcome.examples);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
    server.connections.load(Ordering::Relaxed)
}

#[test]
fn answers_with_unusual_line_ends_lists_and_blanks_are_answers() {
    for bytes in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 204\n\n",
        "HTTP/1.1  200\nContent-Length:2\n\nok",
        "HTTP/1.1 200 OK\r\nset-cookie: a=b;\r\n\tc=d\r\ncontent-length:\r\n 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nCONTENT-LENGTH : 2\r\ncontent-length: 2, 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nsp ace: x\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nconnection: x\r\nconnection: , Keep-Alive\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: ,\r\ntransfer-encoding: Chunked\r\n\r\n2 ; a=b\r\nok\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n2\nok\n0\n\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\ncontent-length: 2\r\n\r\nok",
    ] {
        for pipeline in [1, 3] {
            assert_eq!(connections(&saying(bytes), pipeline), 1, "{bytes:?}");
        }
    }
}

#[test]
fn a_connection_that_any_line_closes_is_not_used_again() {
    for lines in [
        "connection: close\r\nconnection: keep-alive\r\n",
        "connection: keep-alive\r\nConnection: Close\r\n",
        "connection: keep-alive,, close,\r\n",
        "connection: keep-alive,\r\n close\r\n",
        "connection: keep-alive\r\nx: y\r\nconnection:\r\n\tclose\r\n",
    ] {
        let server = answering(move |_, stream| {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\nok"
            )?;
            Ok(Then::Keep)
        });
        assert!(connections(&server, 1) >= REQUESTS as usize, "{lines:?}");
        let requests = server.requests.lock().expect("no panic before");
        assert!(
            requests.iter().all(|request| request.number == 0),
            "{lines:?}"
        );
    }
}

#[test]
fn a_line_end_that_comes_after_its_answer_is_no_answer() {
    for pipeline in [1, 3] {
        let server = answering(|_, stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
            stream.write_all(b"\r")?;
            stream.write_all(b"\n")?;
            Ok(Then::Keep)
        });
        assert_eq!(connections(&server, pipeline), 1);
    }
}
