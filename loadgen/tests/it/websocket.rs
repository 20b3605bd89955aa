//! Messages of WebSockets instead of requests.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{Server, offer, offer_until, raw, requests_of, saying, short};
use evenkeel_loadgen::{ErrorClass, LoadSpec, SpecError};

const UPGRADE: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nx-evenkeel-worker: 1\r\n\r\n";
const ANSWER: &[u8] = b"\x81\x02ok";
const CLOSE: &[u8] = b"\x88\x02\x03\xe9";

/// Opcodes of messages and of close frames.
const TEXT: u8 = 1;
const CLOSED: u8 = 8;

/// Starts a server that answers each message as told by the number of the connection and the stream, until it fails.
fn answering(
    answer: impl Fn(usize, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> Server {
    let connections = AtomicUsize::new(0);
    raw(move |mut stream| {
        let Some(request) = requests_of(stream.try_clone().expect("a descriptor")).next() else {
            return;
        };
        assert_eq!(request.target(), "/chat");
        let number = connections.fetch_add(1, Ordering::Relaxed);
        let _written = stream.write_all(UPGRADE.as_bytes());
        while let Ok((opcode, text)) = message(&mut stream) {
            assert!(opcode == CLOSED || (opcode, text.as_str()) == (TEXT, "/"));
            if opcode == CLOSED || answer(number, &mut stream).is_err() {
                return;
            }
        }
    })
}

/// Reads a short masked frame: its opcode and its text.
fn message(stream: &mut TcpStream) -> io::Result<(u8, String)> {
    let mut head = [0; 6];
    stream.read_exact(&mut head)?;
    assert!(head[1] >= 128, "a client masks what it sends");
    let mut text = vec![0; usize::from(head[1] & 127)];
    stream.read_exact(&mut text)?;
    let mask = head[2..].iter().cycle();
    let text: Vec<u8> = text
        .iter()
        .zip(mask)
        .map(|(byte, key)| byte ^ key)
        .collect();
    Ok((head[0] & 15, String::from_utf8_lossy(&text).into_owned()))
}

fn messages(server: &Server, requests: u64) -> LoadSpec {
    LoadSpec {
        websocket: Some("/chat".to_owned()),
        requests: NonZeroU64::new(requests),
        duration: Duration::MAX,
        ..short(server)
    }
}

#[test]
fn each_request_is_a_message_and_its_answer_belongs_to_the_worker_that_switched() {
    let server = answering(|_, stream| stream.write_all(ANSWER));
    let outcome = offer(&messages(&server, 20));
    assert_eq!((outcome.requests, outcome.failures()), (20, 0));
    assert_eq!(outcome.per_worker.get(1), Some(&20));
    assert_eq!(outcome.bytes, 20 * ANSWER.len() as u64);
}

#[test]
fn a_close_frame_after_an_answer_ends_the_connection_and_loses_nothing() {
    let server = answering(|_, stream| stream.write_all(&[ANSWER, CLOSE].concat()));
    let outcome = offer(&messages(&server, 20));
    assert_eq!((outcome.requests, outcome.failures()), (20, 0));
    assert_eq!(outcome.repeated.requests(), 0);
    assert!(server.connections.load(Ordering::Relaxed) >= 20);
}

#[test]
fn a_message_that_crosses_a_close_frame_is_sent_again_if_it_may_be() {
    // Every other connection answers once, and then closes as the next message is on its way.
    let seen = AtomicUsize::new(0);
    let server = answering(
        move |_, stream| match seen.fetch_add(1, Ordering::Relaxed) % 10 {
            5 => stream.write_all(CLOSE),
            _ => stream.write_all(ANSWER),
        },
    );
    let spec = LoadSpec {
        connections: 1,
        ..messages(&server, 40)
    };
    let outcome = offer(&spec);
    assert_eq!((outcome.requests, outcome.failures()), (40, 0));
    let repeated = &outcome.repeated.instead_of;
    assert!(repeated[&ErrorClass::ClosedAsItWasSent] >= 3 && repeated.len() == 1);
    let once = LoadSpec {
        repeat: false,
        ..spec
    };
    let lost = offer(&once).errors;
    assert!(
        lost[&ErrorClass::ClosedAsItWasSent] >= 3 && lost.len() == 1,
        "{lost:?}"
    );
}

#[test]
fn an_answer_that_breaks_off_is_cut() {
    let server = answering(|_, stream| {
        stream.write_all(&ANSWER[..3])?;
        Err(io::ErrorKind::Other.into())
    });
    let outcome = offer(&messages(&server, 6));
    assert_eq!(
        outcome.errors.keys().collect::<Vec<_>>(),
        [&ErrorClass::Cut]
    );
}

#[test]
fn a_server_that_does_not_switch_fails_attempts_to_connect_and_is_quoted() {
    let server = saying("HTTP/1.1 426 Upgrade Required\r\ncontent-length: 2\r\n\r\nno");
    let spec = LoadSpec {
        requests: None,
        ..messages(&server, 1)
    };
    let outcome = offer_until(3, &spec);
    assert_eq!(outcome.requests, 0);
    assert!(outcome.connect_errors[&ErrorClass::NotUpgraded] >= 3);
    let example = &outcome.examples[&ErrorClass::NotUpgraded];
    assert_eq!(
        example,
        "the server answered 426 to the request for a WebSocket"
    );
}

#[test]
fn what_messages_cannot_have_is_refused() {
    let server = saying("");
    let mut piped = messages(&server, 1);
    piped.pipeline = 2.try_into().expect("above 0");
    let mut with_body = messages(&server, 1);
    with_body.request.body = b"body".to_vec();
    for spec in [piped, with_body] {
        assert!(matches!(spec.validate(), Err(SpecError::WebSocket(_))));
    }
}
