//! Workers that fail, stall or send invalid answers, and clients that go away.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

use crate::support::{Client, Proxy, Worker, exchange, spec, until, unused_address};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";

#[tokio::test]
async fn a_dead_worker_is_passed_over_for_every_method() {
    let alive = Worker::named('a').await;
    let proxy = Proxy::over(&[
        unused_address().await,
        unused_address().await,
        alive.address,
    ]);
    for request in [POST, GET, POST, GET] {
        let answer = exchange(&proxy, request).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    assert_eq!(alive.requests(), 4);
}

#[tokio::test]
async fn without_any_worker_the_client_gets_an_error() {
    let proxy = Proxy::over(&[unused_address().await, unused_address().await]);
    for request in [GET, POST, GET] {
        let answer = exchange(&proxy, request).await;
        assert!(answer.starts_with("HTTP/1.1 502 Bad Gateway"), "{answer}");
        assert!(
            answer.ends_with("no worker accepts connections at the moment\n"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_worker_that_comes_back_is_used_again() {
    let address = unused_address().await;
    let proxy = Proxy::over(&[address]);
    assert!(exchange(&proxy, GET).await.starts_with("HTTP/1.1 502"));
    let listener = TcpListener::bind(address).await.unwrap();
    let worker = Worker::on(listener, |mut connection| async move {
        while connection.read_head().await.is_some() {
            connection.answer("back").await;
        }
    });
    while !exchange(&proxy, GET).await.ends_with("back") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(worker.requests(), 1);
}

#[tokio::test]
async fn an_idempotent_request_is_retried_on_another_worker() {
    let (closing, alive) = (Worker::closing().await, Worker::named('b').await);
    let proxy = Proxy::over(&[closing.address, alive.address]);
    for method in ["GET", "DELETE", "PUT"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        let answer = exchange(&proxy, &request).await;
        assert!(answer.ends_with("\r\n\r\nb"), "{answer}");
    }
    // Each request went to the closing worker first, since the retry took the turn of the other.
    assert_eq!((closing.requests(), alive.requests()), (3, 3));
}

#[tokio::test]
async fn a_request_is_retried_only_once() {
    let (first, second) = (Worker::closing().await, Worker::closing().await);
    let third = Worker::named('c').await;
    let proxy = Proxy::over(&[first.address, second.address, third.address]);
    let answer = exchange(&proxy, GET).await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert_eq!(
        (first.requests(), second.requests(), third.requests()),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_request_that_is_not_idempotent_is_not_sent_twice() {
    let (closing, alive) = (Worker::closing().await, Worker::named('b').await);
    let proxy = Proxy::over(&[closing.address, closing.address, alive.address]);
    let bodiless = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for request in [POST, bodiless] {
        let answer = exchange(&proxy, request).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        assert!(
            answer.ends_with("closed the connection without an answer\n"),
            "{answer}"
        );
    }
    assert_eq!((closing.requests(), alive.requests()), (2, 0));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_causes_no_error() {
    let (sender, mut closed) = mpsc::unbounded_channel();
    let close = Arc::new(Notify::new());
    let to_close = Arc::clone(&close);
    let worker = Worker::new(move |mut connection| {
        let (sender, to_close) = (sender.clone(), Arc::clone(&to_close));
        async move {
            connection.read_head().await;
            connection.answer("once").await;
            to_close.notified().await;
            drop(connection);
            sender.send(()).unwrap();
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    for request in [GET, POST, GET, POST] {
        let answer = exchange(&proxy, request).await;
        assert!(answer.ends_with("once"), "{answer}");
        close.notify_one();
        closed.recv().await.unwrap();
    }
    assert_eq!(worker.requests(), 4);
}

#[tokio::test]
async fn a_silent_worker_causes_a_timeout() {
    let worker = Worker::silent().await;
    let upstreams = vec![worker.address];
    let proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.answer_timeout = Duration::from_millis(50);
        spec
    });
    let answer = exchange(&proxy, GET).await;
    assert!(
        answer.starts_with("HTTP/1.1 504 Gateway Timeout"),
        "{answer}"
    );
    assert_eq!(worker.requests(), 1);
}

#[tokio::test]
async fn an_invalid_answer_is_a_bad_gateway_and_is_not_retried() {
    let (invalid, alive) = (
        Worker::answering("ABRACADABRA\r\n\r\n").await,
        Worker::named('b').await,
    );
    let coding =
        Worker::answering("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
            .await;
    let proxy = Proxy::over(&[invalid.address, coding.address, alive.address]);
    for _ in 0..2 {
        let answer = exchange(&proxy, GET).await;
        assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
        assert!(answer.ends_with("not valid HTTP\n"), "{answer}");
    }
    assert_eq!(alive.requests(), 0);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_not_completed() {
    let table = [
        ("HTTP/1.1", "content-length: 9\r\n\r\nhello"),
        // With a date it takes the fast path.
        (
            "HTTP/1.1",
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 9\r\n\r\nhello",
        ),
        (
            "HTTP/1.1",
            "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ),
        (
            "HTTP/1.0",
            "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ),
    ];
    for (version, rest) in table {
        let answer: &str = Box::leak(format!("HTTP/1.1 200 OK\r\n{rest}").into_boxed_str());
        let worker = Worker::new(move |mut connection| async move {
            connection.read_head().await;
            connection.write(answer).await;
        })
        .await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        client
            .send(&format!("GET / {version}\r\nHost: h\r\n\r\n"))
            .await;
        let mut received = Vec::new();
        let error = client.stream.read_to_end(&mut received).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::ConnectionReset,
            "{version} {rest:?}"
        );
        let received = String::from_utf8(received).unwrap();
        assert!(
            received.ends_with("hello") || received.ends_with("5\r\nhello\r\n"),
            "{received:?}"
        );
        assert_eq!(worker.requests(), 1, "an answer had begun");
    }
}

#[tokio::test]
async fn a_client_that_resets_its_connection_cancels_its_request_on_both_paths() {
    for fields in ["", "Keep-Alive: timeout=5\r\n"] {
        let (sender, mut ended) = mpsc::unbounded_channel();
        let worker = Worker::new(move |mut connection| {
            let sender = sender.clone();
            async move {
                connection.read_head().await;
                sender.send("asked").unwrap();
                // The proxy closes the connection.
                assert!(connection.read_head().await.is_none());
                sender.send("ended").unwrap();
            }
        })
        .await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        client
            .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
            .await;
        assert_eq!(ended.recv().await, Some("asked"));
        client.reset();
        assert_eq!(ended.recv().await, Some("ended"), "{fields:?}");
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_completed_at_the_worker() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let worker = Worker::new(move |mut connection| {
        let sender = sender.clone();
        async move {
            connection.read_head().await;
            let mut body = Vec::new();
            let _ = connection.stream.read_to_end(&mut body).await;
            sender.send(String::from_utf8(body).unwrap()).unwrap();
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        .await;
    until(|| worker.requests() == 1).await;
    drop(client);
    let body = seen.recv().await.unwrap();
    assert!(!body.contains("0\r\n\r\n"), "{body:?} looks complete");
}

#[tokio::test]
async fn a_broken_upload_is_the_clients_fault() {
    let worker = Worker::silent().await;
    let proxy = Proxy::over(&[worker.address]);
    let answer = exchange(
        &proxy,
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
