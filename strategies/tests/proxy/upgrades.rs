//! Connections that switch to another protocol.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, Proxy, Worker, exchange, read_head, value_of};

const SWITCH: &str = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

/// Creates a worker that switches to a protocol with a greeting and an echo of every byte.
async fn echo() -> Worker {
    Worker::new(|mut connection| async move {
        let head = connection.read_head().await.unwrap();
        assert_eq!(value_of(&head, "upgrade"), Some("echo"));
        connection
            .write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nwelcome ")
            .await;
        let (mut from, mut to) = connection.stream.split();
        let _ = tokio::io::copy(&mut from, &mut to).await;
    })
    .await
}

#[tokio::test]
async fn after_an_upgrade_bytes_pass_in_both_directions() {
    let worker = echo().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    // The first bytes follow the request directly.
    client.send(&format!("{SWITCH}one ")).await;
    let head = read_head(&mut client.stream).await.unwrap();
    assert!(
        head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"),
        "{head}"
    );
    assert_eq!(value_of(&head, "upgrade"), Some("echo"));
    assert_eq!(value_of(&head, "connection"), Some("upgrade"));
    client.send("two").await;
    client.stream.shutdown().await.unwrap();
    let mut echoed = String::new();
    client.stream.read_to_string(&mut echoed).await.unwrap();
    assert_eq!(echoed, "welcome one two");
}

#[tokio::test]
async fn an_upgrade_that_the_worker_declines_changes_nothing() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    for _ in 0..3 {
        client.send(SWITCH).await;
        assert_eq!(client.receive().await.1, "a");
        assert_eq!(client.get("/").await, "a");
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn an_upgrade_that_was_not_requested_is_rejected() {
    let worker =
        Worker::answering("HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\n\r\n").await;
    let proxy = Proxy::over(&[worker.address]);
    let answer = exchange(
        &proxy,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}
