//! Requests and answers are the same in batches and one by one.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::num::NonZeroU64;
use std::time::Duration;

use crate::common::{Request, Server, Then, answering, offer, short};
use evenkeel_loadgen::{Cost, LoadSpec, Outcome, RequestSpec, Work, WorkKind, WorkPart};

const REQUESTS: u64 = 400;
const BODY: &[u8] = b"the same for all";
const LARGE: usize = 200_000;

type Answer = fn(&Request, &mut TcpStream) -> io::Result<Then>;

/// Ways to answer that a batch handles differently.
const WAYS: &[(&str, Answer)] = &[
    ("whole", |_, stream| say(stream, b"ok", Then::Keep)),
    ("in pieces", in_pieces),
    ("larger than a slot", |_, stream| {
        say(stream, &vec![b'x'; LARGE], Then::Keep)
    }),
    ("large now and then", |request, stream| {
        let length = if request.number % 5 == 4 { LARGE } else { 3 };
        say(stream, &vec![b'x'; length], Then::Keep)
    }),
    ("as large as a slot", |_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n";
        say(stream, &vec![b'x'; 4_096 - head.len()], Then::Keep)
    }),
    ("with an announced end", |request, stream| {
        let last = request.number == 2;
        let then = if last { Then::Close } else { Then::Keep };
        let field = if last { "connection: close\r\n" } else { "" };
        write!(
            stream,
            "HTTP/1.1 200 OK\r\n{field}content-length: 2\r\n\r\nok"
        )?;
        Ok(then)
    }),
    ("with an error status", |_, stream| {
        stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")?;
        Ok(Then::Keep)
    }),
    ("with something else", |_, stream| {
        stream.write_all(b"SSH-2.0-x\r\n")?;
        Ok(Then::Close)
    }),
    ("too much", |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more")?;
        Ok(Then::Keep)
    }),
    ("not to the end", |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal")?;
        stream.shutdown(Shutdown::Both)?;
        Ok(Then::Close)
    }),
];

fn say(stream: &mut TcpStream, body: &[u8], then: Then) -> io::Result<Then> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat())?;
    Ok(then)
}

fn in_pieces(_: &Request, stream: &mut TcpStream) -> io::Result<Then> {
    for piece in [
        "HTTP/1.1 200",
        " OK\r\ntransfer-encoding: chunked\r\n",
        "\r\n2\r\nok\r\n",
        "0\r\n\r\n",
    ] {
        stream.write_all(piece.as_bytes())?;
        std::thread::yield_now();
    }
    Ok(Then::Keep)
}

fn spec(server: &Server, io_uring: bool) -> LoadSpec {
    LoadSpec {
        connections: 40,
        threads: 2,
        requests: NonZeroU64::new(REQUESTS),
        duration: Duration::MAX,
        timeout: Duration::from_secs(30),
        io_uring,
        ..short(server)
    }
}

/// Returns the number of requests that were answered, and of failures by class.
fn counts(outcome: &Outcome) -> (u64, Vec<(String, u64)>) {
    let errors = (outcome.errors.iter())
        .map(|(class, count)| (class.to_string(), *count))
        .collect();
    (outcome.requests, errors)
}

#[test]
fn every_request_ends_as_it_would_alone() {
    for (name, answer) in WAYS {
        let outcomes = [true, false].map(|io_uring| {
            let server = answering(answer);
            offer(&spec(&server, io_uring))
        });
        for outcome in &outcomes {
            let failures: u64 = outcome.errors.values().sum();
            assert_eq!(outcome.requests + failures, REQUESTS, "answered {name}");
            assert_eq!(outcome.response.len(), outcome.requests);
            assert_eq!(outcome.service.len(), outcome.requests);
        }
        assert_eq!(
            counts(&outcomes[0]),
            counts(&outcomes[1]),
            "answered {name}"
        );
    }
}

#[test]
fn each_request_carries_its_own_number_and_body() {
    let server = answering(|request, stream| {
        if request.body != BODY {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")?;
            return Ok(Then::Keep);
        }
        say(stream, b"ok", Then::Keep)
    });
    let work = RequestSpec {
        work: Work::Mix(vec![WorkPart {
            weight: 1.0,
            kind: WorkKind::Spin,
            cost: Cost::Uniform {
                low: 1.0,
                high: 9_000.0,
            },
        }]),
        body: BODY.to_vec(),
        ..RequestSpec::default()
    };
    let sent = [true, false].map(|io_uring| {
        let spec = LoadSpec {
            request: work.clone(),
            threads: 1,
            ..spec(&server, io_uring)
        };
        assert_eq!(offer(&spec).requests, REQUESTS);
        let mut sent = Vec::new();
        for request in server.requests.lock().expect("no panic before").drain(..) {
            sent.push(request.target().to_owned());
        }
        sent.sort_unstable();
        sent
    });
    assert_eq!(sent[0].len() as u64, REQUESTS);
    assert_eq!(sent[0], sent[1]);
}
