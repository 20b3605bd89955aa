//! What HTTP demands of every server (RFC 9112), whatever lies between client and worker.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr};

use super::WORKERS;
use super::support::client::Client;
use super::support::{for_each_strategy, launch};

/// Sends a request and closes the sending half. Returns all bytes up to the end of the connection.
fn answer_to_last(request: &str, server: SocketAddr) -> io::Result<String> {
    let client = Client::connect_with(request.as_bytes(), server)?;
    let mut socket = client.socket();
    socket.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_client_that_has_closed_its_sending_half_is_answered() {
    let get = |target| format!("GET {target} HTTP/1.1\r\nhost: h\r\n\r\n");
    let post = |fields| format!("POST /sleep/20000 HTTP/1.1\r\nhost: h\r\n{fields}");
    let requests = [
        get("/"),
        get("/sleep/20000"),
        get("/bytes/1048576"),
        post("content-length: 2\r\n\r\nab"),
        post("transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
        get("/").repeat(5),
    ];
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        for request in &requests {
            let answers = answer_to_last(request, fleet.address()).expect(key);
            let (asked, answered) = (
                request.matches(" HTTP/1.1"),
                answers.matches("HTTP/1.1 200"),
            );
            assert_eq!(answered.count(), asked.count(), "{key}: {request:?}");
            let (head, body) = answers.rsplit_once("\r\n\r\n").expect(key);
            let length = format!("content-length: {}", body.len());
            assert!(head.contains(&length), "{key}: {request:?}: {head}");
        }
    });
}

#[test]
fn the_same_requests_are_refused_under_every_strategy() {
    let cases = [
        ("GET / HTTP/1.1", "", 400),
        ("GET / HTTP/1.1", "host: a\r\nhost: b\r\n", 400),
        ("GET / HTTP/1.1", "host: a b\r\n", 400),
        ("GET / HTTP/1.1", "host: me@h\r\n", 400),
        ("GET / HTTP/1.0", "host: a\r\nhost: a\r\n", 400),
        ("GET / HTTP/1.1", "host: h\r\nconnection: host\r\n", 400),
        ("GET * HTTP/1.1", "host: h\r\n", 400),
        ("GET h:80 HTTP/1.1", "host: h:80\r\n", 400),
        ("GET http://h/ HTTP/1.1", "", 400),
        ("GET http://me@h/ HTTP/1.1", "host: h\r\n", 400),
        ("CONNECT h:80 HTTP/1.1", "host: h:80\r\n", 501),
        (
            "POST / HTTP/1.1",
            "host: h\r\ntransfer-encoding: gzip, chunked\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1",
            "host: h\r\ntransfer-encoding: gzip\r\n",
            400,
        ),
        ("GET / HTTP/1.0", "", 200),
        ("GET http://h:81 HTTP/1.1", "host: other\r\n", 200),
        ("OPTIONS * HTTP/1.1", "host: h\r\n", 200),
        ("GET / HTTP/1.1", "host:\r\n", 200),
    ];
    for_each_strategy(|strategy, key| {
        let fleet = launch(strategy, WORKERS);
        for (line, fields, status) in cases {
            let request = format!("{line}\r\n{fields}\r\n");
            let client = Client::connect_with(request.as_bytes(), fleet.address());
            let answer = client.expect(key).read_answer().expect(key);
            assert_eq!(answer.status, status, "{key}: {request:?}");
        }
    });
}
