//! Requests on kept connections that turn out to be dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tokio::sync::watch;

use crate::support::{Client, Proxy, Worker, exchange, until};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n";
const SLOW_GET: &str = "GET / HTTP/1.1\r\nHost: h\r\nKeep-Alive: timeout=5\r\n\r\n";
const DELETE: &str = "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n";
const PUT: &str = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n";

/// Creates a worker that answers one request on each connection, once the gate is open, and closes the
/// connection when it has read another one.
async fn answering_once() -> (Worker, watch::Sender<bool>) {
    let (open, gate) = watch::channel(false);
    let worker = Worker::new(move |mut connection| {
        let mut gate = gate.clone();
        async move {
            connection.read_head().await;
            gate.wait_for(|open| *open).await.unwrap();
            connection.answer("once").await;
            connection.read_head().await;
        }
    })
    .await;
    (worker, open)
}

/// Leaves this number of connections in the proxy's pool.
async fn keep(proxy: &Proxy, worker: &Worker, open: &watch::Sender<bool>, connections: usize) {
    let mut clients = Vec::new();
    for number in 1..=connections {
        let mut client = Client::of(proxy).await;
        client.send(GET).await;
        until(|| worker.requests() == number).await;
        clients.push(client);
    }
    open.send_replace(true);
    for mut client in clients {
        assert_eq!(client.receive().await.1, "once");
    }
}

#[tokio::test]
async fn a_request_on_a_dead_connection_is_repeated_on_a_new_one_and_not_on_another_kept_one() {
    for request in [GET, SLOW_GET, DELETE] {
        let (worker, open) = answering_once().await;
        let proxy = Proxy::over(&[worker.address]);
        keep(&proxy, &worker, &open, 3).await;
        let mut client = Client::of(&proxy).await;
        client.send(request).await;
        assert_eq!(client.receive().await.1, "once", "{request:?}");
        assert_eq!(
            (worker.accepted(), worker.requests()),
            (4, 5),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn a_request_that_may_have_had_an_effect_is_not_repeated() {
    for request in [POST, PUT] {
        let (worker, open) = answering_once().await;
        let proxy = Proxy::over(&[worker.address]);
        keep(&proxy, &worker, &open, 3).await;
        let mut client = Client::of(&proxy).await;
        client.send(request).await;
        let (head, body) = client.receive().await;
        assert!(head.starts_with("HTTP/1.1 502"), "{request:?}: {head}");
        assert!(body.contains("closed the connection"), "{body}");
        assert_eq!(
            (worker.accepted(), worker.requests()),
            (3, 4),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn a_request_is_repeated_once() {
    for request in [GET, SLOW_GET] {
        let connections = Arc::new(AtomicUsize::new(0));
        let worker = Worker::new(move |mut connection| {
            let is_first = connections.fetch_add(1, SeqCst) == 0;
            async move {
                connection.read_head().await;
                if is_first {
                    connection.answer("once").await;
                    connection.read_head().await;
                }
            }
        })
        .await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        client.send(request).await;
        assert_eq!(client.receive().await.1, "once");
        client.send(request).await;
        let (head, _) = client.receive().await;
        assert!(head.starts_with("HTTP/1.1 502"), "{request:?}: {head}");
        assert_eq!(
            (worker.accepted(), worker.requests()),
            (2, 3),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn an_only_worker_that_closes_a_new_connection_is_told_from_one_that_accepts_none() {
    let worker = Worker::closing().await;
    let proxy = Proxy::over(&[worker.address]);
    let request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let answer = exchange(&proxy, request).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(
        answer.ends_with("closed the connection without an answer\n"),
        "{answer}"
    );
    assert_eq!(worker.requests(), 1);
}
