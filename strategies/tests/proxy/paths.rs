//! The fast path of plain requests and the slow path of all others give the same results.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{Client, Proxy, Worker, read_head, spec, until, value_of};

/// A field that sends a request to the slow path and is not forwarded.
const SLOW_PATH: &str = "Keep-Alive: timeout=5\r\n";

const DATED: &str = "HTTP/1.1 200 Fine\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Answer: a  b\r\n\
     set-cookie: one\r\nset-cookie: two\r\ncontent-length: 3\r\n\r\nyes";

/// Returns the lines of a head in sorted order, since the order of different fields has no meaning.
fn lines(head: &str) -> Vec<String> {
    let mut lines = head.lines();
    let first = lines.next().unwrap().to_owned();
    let named = lines.filter_map(|line| line.split_once(": "));
    let mut fields: Vec<String> = named
        .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
        .collect();
    fields.sort();
    [vec![first], fields].concat()
}

#[tokio::test]
async fn a_worker_sees_the_same_request_on_both_paths() {
    let worker = Worker::echoing().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut seen = Vec::new();
    for fields in ["", SLOW_PATH] {
        let mut client = Client::of(&proxy).await;
        let line = "GET /a/b?c=%20&d HTTP/1.1";
        let same = "Host: h:1\r\nX-Odd:\t a:b \r\nCookie: x=y\r\nAccept: */*\r\nAccept: a/b\r\n";
        client
            .send(&format!(
                "{line}\r\n{same}{fields}Connection: keep-alive\r\n\r\n"
            ))
            .await;
        seen.push(lines(&client.receive().await.1));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].contains(&"x-odd: a:b".to_owned()), "{seen:?}");
}

#[tokio::test]
async fn a_client_sees_the_same_answer_on_both_paths() {
    let worker = Worker::answering(DATED).await;
    let proxy = Proxy::over(&[worker.address]);
    let mut seen = Vec::new();
    for fields in ["", SLOW_PATH] {
        let mut client = Client::of(&proxy).await;
        client
            .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
            .await;
        let (head, body) = client.receive().await;
        seen.push((lines(&head), body));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(
        seen[0].0.contains(&"via: 1.1 evenkeel".to_owned()),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_connection_can_change_the_path_between_requests_and_connections_to_workers_stay_open() {
    let worker = Worker::answering(DATED).await;
    let proxy = Proxy::over(&[worker.address]);
    for _ in 0..3 {
        let mut client = Client::of(&proxy).await;
        for fields in ["", "", SLOW_PATH, ""] {
            client
                .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
                .await;
            assert_eq!(client.receive().await.1, "yes");
        }
    }
    assert_eq!((worker.requests(), worker.accepted()), (12, 1));
}

#[tokio::test]
async fn a_request_that_arrives_in_pieces_is_answered() {
    let worker = Worker::answering(DATED).await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    for piece in [
        "GET / HT",
        "TP/1.1\r\nHo",
        "st: h\r\n\r",
        "\nGET / HTTP/1.1\r\n",
    ] {
        client.send(piece).await;
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(client.receive().await.1, "yes");
    client.send("Host: h\r\n\r\n").await;
    assert_eq!(client.receive().await.1, "yes");
}

#[tokio::test]
async fn an_answer_that_arrives_in_pieces_is_forwarded_completely() {
    for cut in [1, 20, DATED.len() - 4, DATED.len() - 1] {
        let worker = Worker::new(move |mut connection| async move {
            while connection.read_head().await.is_some() {
                connection.write(&DATED[..cut]).await;
                sleep(Duration::from_millis(5)).await;
                connection.write(&DATED[cut..]).await;
            }
        })
        .await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        for _ in 0..2 {
            assert_eq!(client.get("/").await, "yes", "cut at {cut}");
        }
        assert_eq!(worker.requests(), 2, "each request was sent once");
    }
}

#[tokio::test]
async fn more_bytes_than_announced_end_the_connection_to_the_worker() {
    let worker = Worker::new(|mut connection| async move {
        while connection.read_head().await.is_some() {
            connection.write(&format!("{DATED}{DATED}")).await;
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    for _ in 0..3 {
        assert_eq!(client.get("/").await, "yes");
    }
    assert_eq!((worker.requests(), worker.accepted()), (3, 3));
}

#[tokio::test]
async fn a_plain_answer_closes_the_connection_once_the_proxy_ends() {
    let (open, gate) = tokio::sync::watch::channel(false);
    let worker = Worker::new(move |mut connection| {
        let mut gate = gate.clone();
        async move {
            connection.read_head().await;
            gate.wait_for(|open| *open).await.unwrap();
            connection.write(DATED).await;
        }
    })
    .await;
    let upstreams = vec![worker.address];
    let mut proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.drain_within = Duration::from_secs(60);
        spec
    });
    let mut client = Client::of(&proxy).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    until(|| worker.requests() == 1).await;
    proxy.stop();
    while TcpStream::connect(proxy.address).await.is_ok() {
        sleep(Duration::from_millis(5)).await;
    }
    open.send_replace(true);
    let (head, body) = client.receive().await;
    assert_eq!(
        (value_of(&head, "connection"), body.as_str()),
        (Some("close"), "yes")
    );
    assert!(read_head(&mut client.stream).await.is_none());
    proxy.join();
}
