//! Bodies arrive complete, are streamed, and respect back-pressure.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::support::{Client, Connection, Proxy, Worker, exchange, length_of, read_head, value_of};

const SIZE: usize = 10 << 20;

/// Returns bytes in which no part equals the next one.
fn pattern() -> Vec<u8> {
    (0..SIZE as u64)
        .map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

/// FNV-1a (Fowler, Noll and Vo). It detects missing and swapped pieces.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// Reads a chunked body.
async fn read_chunked(connection: &mut Connection) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(connection.stream.read_u8().await.unwrap());
        }
        let size = String::from_utf8(line).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        connection.stream.read_exact(&mut chunk).await.unwrap();
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return body;
        }
    }
}

/// Creates a worker that answers with the checksum of the request's body.
async fn summing() -> Worker {
    Worker::new(|mut connection| async move {
        while let Some(head) = connection.read_head().await {
            let body = match length_of(&head) {
                Some(length) => {
                    let mut body = vec![0; length];
                    connection.stream.read_exact(&mut body).await.unwrap();
                    body
                }
                None => {
                    assert_eq!(
                        value_of(&head, "transfer-encoding"),
                        Some("chunked"),
                        "{head}"
                    );
                    read_chunked(&mut connection).await
                }
            };
            connection.answer(&checksum(&body).to_string()).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_large_upload_of_known_length_arrives_complete() {
    let worker = summing().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let body = pattern();
    for _ in 0..2 {
        client
            .send(&format!(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {SIZE}\r\n\r\n"
            ))
            .await;
        client.stream.write_all(&body).await.unwrap();
        assert_eq!(client.receive().await.1, checksum(&body).to_string());
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn a_large_chunked_upload_arrives_complete_with_every_method() {
    let worker = summing().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let body = pattern();
    for method in ["POST", "GET"] {
        client
            .send(&format!(
                "{method} / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            ))
            .await;
        for piece in body.chunks(77_777) {
            client.send(&format!("{:x}\r\n", piece.len())).await;
            client.stream.write_all(piece).await.unwrap();
            client.send("\r\n").await;
        }
        client.send("0\r\n\r\n").await;
        assert_eq!(
            client.receive().await.1,
            checksum(&body).to_string(),
            "{method}"
        );
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn a_large_download_arrives_complete() {
    let worker = Worker::new(|mut connection| async move {
        let pattern = pattern();
        while connection.read_head().await.is_some() {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n");
            connection.write(&head).await;
            connection.stream.write_all(&pattern).await.unwrap();
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let mut bodies = Vec::new();
    // They are compared later, since a connection that is idle for seconds would be closed.
    for _ in 0..2 {
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        let head = read_head(&mut client.stream).await.unwrap();
        assert_eq!(length_of(&head), Some(SIZE));
        let mut body = vec![0; SIZE];
        client.stream.read_exact(&mut body).await.unwrap();
        bodies.push(body);
    }
    assert_eq!(worker.accepted(), 1);
    for body in bodies {
        assert_eq!(checksum(&body), checksum(&pattern()));
    }
}

#[tokio::test]
async fn an_upload_that_the_worker_does_not_read_is_held_back() {
    let worker = Worker::new(|mut connection| async move {
        connection.read_head().await;
        std::future::pending().await
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let size = 256 << 20;
    client
        .send(&format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n"
        ))
        .await;
    let body = vec![0; size];
    let written = timeout(Duration::from_secs(2), client.stream.write_all(&body)).await;
    assert!(written.is_err(), "the proxy buffered 256 MiB");
}

#[tokio::test]
async fn a_download_that_the_client_does_not_read_is_held_back() {
    let (sender, mut written) = tokio::sync::mpsc::unbounded_channel();
    let worker = Worker::new(move |mut connection| {
        let sender = sender.clone();
        async move {
            connection.read_head().await;
            let size = 256 << 20;
            connection
                .write(&format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n"
                ))
                .await;
            let body = vec![0; size];
            let sent = connection.stream.write_all(&body);
            sender
                .send(timeout(Duration::from_secs(2), sent).await.is_ok())
                .unwrap();
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(written.recv().await, Some(false));
}

#[tokio::test]
async fn answers_without_a_body_leave_both_connections_usable() {
    let worker = Worker::new(|mut connection| async move {
        while let Some(head) = connection.read_head().await {
            let answer = match head.split(' ').next() {
                Some("HEAD") => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
                Some("PUT") => "HTTP/1.1 204 No Content\r\n\r\n",
                _ => "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n",
            };
            connection.write(answer).await;
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    for (method, status) in [
        ("HEAD", "200"),
        ("PUT", "204"),
        ("GET", "304"),
        ("HEAD", "200"),
    ] {
        client
            .send(&format!("{method} / HTTP/1.1\r\nHost: h\r\n\r\n"))
            .await;
        let head = read_head(&mut client.stream).await.unwrap();
        assert_eq!(&head[9..12], status);
        assert_eq!(length_of(&head), (method == "HEAD").then_some(5));
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn an_answer_of_unknown_length_is_chunked_for_http_1_1_and_ends_the_connection_of_http_1_0() {
    let worker = Worker::answering(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    )
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let new = exchange(
        &proxy,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(value_of(&new, "transfer-encoding"), Some("chunked"));
    assert!(new.ends_with("\r\n0\r\n\r\n"), "{new}");
    let old = exchange(&proxy, "GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(value_of(&old, "transfer-encoding"), None);
    assert!(old.ends_with("\r\n\r\nhello world"), "{old}");
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn trailers_are_forwarded_if_the_client_accepts_them() {
    let worker = Worker::answering(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 7\r\n\r\n",
    )
    .await;
    let proxy = Proxy::over(&[worker.address]);
    let request = "GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n";
    for _ in 0..2 {
        let answer = exchange(&proxy, request).await;
        assert!(
            answer.ends_with("2\r\nhi\r\n0\r\nx-sum: 7\r\n\r\n"),
            "{answer}"
        );
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn a_client_that_expects_100_continue_gets_it() {
    let worker = summing().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client
        .send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        .await;
    let interim = read_head(&mut client.stream).await.unwrap();
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello").await;
    assert_eq!(client.receive().await.1, checksum(b"hello").to_string());
}
