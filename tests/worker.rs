//! What a worker answers to clients that do not behave as expected.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use evenkeel_strategies::{Deployment, catalog};
use support::launch;

#[test]
fn a_client_that_closes_its_half_is_still_answered() {
    let fleet = single();
    let mut client = connect(fleet.address());
    let request = b"GET /sleep/20000 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    client.write_all(request).expect("it is taken in");
    client.shutdown(Shutdown::Write).expect("it is open");
    let answer = read_all(client);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("ok\n"), "{answer}");
}

#[test]
fn a_broken_body_is_refused_and_not_served() {
    let fleet = single();
    let mut client = connect(fleet.address());
    let request = b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    client.write_all(request).expect("it is taken in");
    let answer = read_all(client);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn a_worker_goes_on_after_clients_that_talk_nonsense() {
    let fleet = single();
    for nonsense in [
        "",
        "\r\n\r\n",
        "hello\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\0\u{1}\u{2}",
    ] {
        let mut client = connect(fleet.address());
        client
            .write_all(nonsense.as_bytes())
            .expect("it is taken in");
        client.shutdown(Shutdown::Write).expect("it is open");
        let answer = read_all(client);
        assert!(!answer.contains("200 OK"), "{nonsense:?}: {answer}");
    }
    let answer = support::client::get(fleet.address(), "/").expect("it serves");
    assert_eq!(answer.status, 200);
}

fn single() -> Deployment {
    let strategy = catalog::select(&["single"]).expect("it is in the catalogue")[0];
    launch(strategy, 1)
}

fn connect(address: SocketAddr) -> TcpStream {
    let client = TcpStream::connect(address).expect("the fleet listens");
    let patience = Some(Duration::from_secs(20));
    client.set_read_timeout(patience).expect("not zero");
    client
}

/// All that comes until the worker closes or resets the connection.
fn read_all(mut client: TcpStream) -> String {
    let mut answer = Vec::new();
    let _reset_or_end = client.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
