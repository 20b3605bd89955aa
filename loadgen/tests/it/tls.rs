//! TLS: which certificates are accepted, and what is counted.

use std::io::{Read, Write};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::common::{offer_until, raw};
use crate::secure::{Secure, read_request, saying, secure, spec, trusting};
use evenkeel_loadgen::{ErrorClass, LoadSpec, Outcome, RequestSpec, Trust};
use rcgen::{CertificateParams, DnType, KeyPair};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn assert_only_answers(outcome: &Outcome) {
    assert!(outcome.requests > 0);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.examples);
}

fn assert_tls_failed(outcome: &Outcome, words: &str) {
    assert_eq!(outcome.requests, 0);
    let classes: Vec<_> = outcome.connect_errors.keys().copied().collect();
    assert_eq!(classes, [ErrorClass::TlsFailed]);
    let example = &outcome.examples[&ErrorClass::TlsFailed];
    assert!(example.contains(words), "{example}");
}

#[test]
fn a_trusted_server_is_loaded_over_kept_connections() {
    let server = saying(OK);
    let outcome = offer_until(
        4,
        &LoadSpec {
            // Both handshakes are complete before it ends, even on a busy host.
            warmup: Duration::from_secs(1),
            ..trusting(&server)
        },
    );
    assert_only_answers(&outcome);
    assert_eq!(server.server.connections.load(Ordering::Relaxed), 2);
    assert_eq!(outcome.handshake.len(), 0, "they were before the window");
}

#[test]
fn each_handshake_is_timed_separately_from_its_connect() {
    let server = saying(OK);
    let spec = LoadSpec {
        requests_per_connection: NonZeroU64::new(1),
        ..trusting(&server)
    };
    let outcome = offer_until(4, &spec);
    assert_only_answers(&outcome);
    // How long it took is not known of those that began before the load did.
    let at_first = spec.connections as u64;
    assert!(outcome.handshake.len() + at_first >= outcome.requests);
    assert!(outcome.connect.len() + at_first >= outcome.handshake.len());
    assert!(outcome.connections_opened >= outcome.handshake.len());
}

/// Returns the certificate of an authority that has signed nothing.
fn another_authority() -> Vec<u8> {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "another authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    certificate.pem().into_bytes()
}

#[test]
fn an_unknown_authority_and_a_wrong_name_are_tls_failures() {
    let server = saying(OK);
    let unknown = spec(&server, "localhost", Trust::Only(another_authority()));
    assert_tls_failed(&offer_until(4, &unknown), "UnknownIssuer");
    let pem = server.pem.clone().into_bytes();
    let misnamed = spec(&server, "elsewhere.example", Trust::Only(pem));
    assert_tls_failed(&offer_until(4, &misnamed), "not valid for name");
}

#[test]
fn accepting_any_certificate_checks_neither_authority_nor_name() {
    let server = saying(OK);
    assert_only_answers(&offer_until(
        4,
        &spec(&server, "elsewhere.example", Trust::AnyCertificate),
    ));
}

#[test]
fn sessions_are_resumed_only_on_request() {
    for resumption in [false, true] {
        let (sender, kinds) = std::sync::mpsc::channel();
        let server = secure(move |stream| {
            read_request(stream)?;
            let _ = sender.send(stream.conn.handshake_kind());
            stream.write_all(OK)
        });
        let mut spec = LoadSpec {
            requests_per_connection: NonZeroU64::new(1),
            ..trusting(&server)
        };
        if let Some(tls) = &mut spec.target.tls {
            tls.resumption = resumption;
        }
        assert_only_answers(&offer_until(4, &spec));
        let resumed = kinds.try_iter().flatten();
        let resumed = resumed
            .filter(|kind| *kind == rustls::HandshakeKind::Resumed)
            .count();
        assert_eq!(resumed > 0, resumption);
    }
}

#[test]
fn bodies_longer_than_a_record_are_sent_and_received() {
    let server = secure(|stream| {
        let body = vec![b'x'; 1_000_000];
        while read_request(stream)? {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                body.len()
            )?;
            stream.write_all(&body)?;
        }
        Ok(())
    });
    let outcome = offer_until(
        4,
        &LoadSpec {
            request: RequestSpec {
                method: "POST".into(),
                body: vec![b'y'; 300_000],
                ..RequestSpec::default()
            },
            ..trusting(&server)
        },
    );
    assert_only_answers(&outcome);
    assert!(outcome.bytes > outcome.requests * 1_000_000);
}

#[test]
fn requests_are_pipelined_over_a_session() {
    let server = saying(OK);
    let outcome = offer_until(
        100,
        &LoadSpec {
            pipeline: NonZeroU32::new(5).expect("not 0"),
            ..trusting(&server)
        },
    );
    assert_only_answers(&outcome);
}

#[test]
fn an_answer_that_ends_with_the_session_is_complete_only_after_a_graceful_end() {
    let unframed = b"HTTP/1.1 200 OK\r\n\r\nall until the end";
    let server = secure(move |stream| {
        read_request(stream)?;
        stream.write_all(unframed)
    });
    assert_only_answers(&offer_until(4, &trusting(&server)));

    let server = secure(move |stream| {
        read_request(stream)?;
        stream.write_all(unframed)?;
        stream.sock.shutdown(std::net::Shutdown::Both)
    });
    let outcome = offer_until(4, &trusting(&server));
    assert_eq!(outcome.requests, 0);
    assert!(outcome.errors[&ErrorClass::Cut] > 0, "{:?}", outcome.errors);
}

#[test]
fn a_server_without_tls_and_a_silent_one_end_in_counted_errors() {
    let plain = Secure {
        server: raw(|mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read(&mut [0; 1024]);
        }),
        pem: String::new(),
    };
    assert_tls_failed(
        &offer_until(4, &spec(&plain, "localhost", Trust::AnyCertificate)),
        "TLS",
    );

    let silent = Secure {
        server: raw(|mut stream| while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}),
        pem: String::new(),
    };
    let outcome = offer_until(
        4,
        &LoadSpec {
            timeout: Duration::from_millis(50),
            ..spec(&silent, "localhost", Trust::AnyCertificate)
        },
    );
    assert_eq!(outcome.requests, 0);
    assert!(
        outcome.connect_errors[&ErrorClass::ConnectTimedOut] > 0,
        "{:?}",
        outcome.errors
    );
}
