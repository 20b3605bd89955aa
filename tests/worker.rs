//! What a worker answers to clients that do not behave as expected.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use evenkeel_strategies::worker::WORK_FIELD;
use evenkeel_strategies::{Deployment, catalog};
use support::launch;

#[test]
fn a_client_that_closes_its_sending_side_still_gets_an_answer() {
    let fleet = single();
    let mut client = connect(fleet.address());
    let request = b"GET /sleep/20000 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    client.write_all(request).expect("the worker reads it");
    client.shutdown(Shutdown::Write).expect("it is open");
    let answer = read_all(client);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("ok\n"), "{answer}");
}

#[test]
fn a_malformed_body_is_refused() {
    let fleet = single();
    let mut client = connect(fleet.address());
    let request = b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    client.write_all(request).expect("the worker reads it");
    let answer = read_all(client);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn a_worker_continues_after_clients_that_send_garbage() {
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
            .expect("the worker reads it");
        client.shutdown(Shutdown::Write).expect("it is open");
        let answer = read_all(client);
        assert!(!answer.contains("200 OK"), "{nonsense:?}: {answer}");
    }
    let answer = support::client::get(fleet.address(), "/").expect("it serves");
    assert_eq!(answer.status, 200);
}

#[test]
fn an_answer_reports_how_long_its_work_occupied_the_worker() {
    let fleet = single();
    let work_of = |target| {
        let answer = support::client::get(fleet.address(), target).expect("it serves");
        let work = answer.field(WORK_FIELD)?;
        work.parse::<u64>().ok()
    };
    for (target, asked_ns) in [("/block/3000", 3_000_000), ("/spin/2000", 2_000_000)] {
        let work_ns = work_of(target);
        assert!(work_ns >= Some(asked_ns), "{target}: {work_ns:?}");
    }
    for target in ["/", "/bytes/5", "/sleep/100", "/nowhere"] {
        assert_eq!(work_of(target), None, "{target}");
    }
}

#[test]
fn queued_requests_occupy_the_worker_one_after_another() {
    let fleet = single();
    let began = Instant::now();
    let clients: Vec<_> = (0..5)
        .map(|_| {
            let address = fleet.address();
            thread::spawn(move || support::client::get(address, "/block/4000"))
        })
        .collect();
    let work = clients.into_iter().map(|client| {
        let answer = client.join().expect("no panic").expect("it serves");
        let work = answer.field(WORK_FIELD).and_then(|work| work.parse().ok());
        Duration::from_nanos(work.expect("a number"))
    });
    // Each nanosecond belongs to one request at most.
    assert!(work.sum::<Duration>() <= began.elapsed());
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

/// Reads until the worker closes or resets the connection.
fn read_all(mut client: TcpStream) -> String {
    let mut answer = Vec::new();
    let _reset_or_end = client.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
