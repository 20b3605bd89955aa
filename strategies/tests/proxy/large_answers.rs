//! Answers of more than one piece, on the fast path and on the slow path.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::support::{Client, Connection, Proxy, Worker, length_of, read_head, until};

/// Fields of requests: none, and one that sends a request to the slow path and is not forwarded.
const PATHS: [&str; 2] = ["", "Keep-Alive: timeout=5\r\n"];

/// Bytes of a body: many pieces, and not a multiple of any.
const LENGTH: usize = (1 << 20) + 1;

/// Returns a head with a date, as the fast path demands.
fn head(framing: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n{framing}\r\n\r\n")
}

fn request(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")
}

/// Returns the body of the answer with this number. No two parts of it are equal.
fn body(answer: u32) -> Vec<u8> {
    let words = (answer..).flat_map(|at| at.wrapping_mul(0x9e37_79b9).to_le_bytes());
    words.take(LENGTH).collect()
}

/// Creates a worker whose answers have these bodies, and `surplus` after them.
async fn numbering(surplus: &'static str) -> Worker {
    Worker::new(move |mut connection| async move {
        let mut answer = 0;
        while connection.read_head().await.is_some() {
            connection
                .write(&head(&format!("content-length: {LENGTH}")))
                .await;
            // The proxy may close its connection before the surplus.
            let _ = connection.stream.write_all(&body(answer)).await;
            connection.write(surplus).await;
            answer += 1;
        }
    })
    .await
}

async fn receive(client: &mut Client) -> Vec<u8> {
    let head = read_head(&mut client.stream).await.unwrap();
    assert_eq!(length_of(&head), Some(LENGTH));
    let mut body = vec![0; LENGTH];
    client.stream.read_exact(&mut body).await.unwrap();
    body
}

#[tokio::test]
async fn they_are_complete_and_leave_both_connections_usable() {
    for fields in PATHS {
        let worker = numbering("").await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        for answer in 0..3 {
            client.send(&request(fields)).await;
            assert!(receive(&mut client).await == body(answer), "{fields:?}");
        }
        assert_eq!(worker.accepted(), 1, "{fields:?}");
    }
}

#[tokio::test]
async fn they_keep_the_order_of_pipelined_requests() {
    let worker = numbering("").await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client.send(&PATHS.map(request).concat().repeat(2)).await;
    for answer in 0..4 {
        assert!(receive(&mut client).await == body(answer), "{answer}");
    }
}

#[tokio::test]
async fn more_bytes_than_announced_end_the_connection_to_the_worker_and_reach_no_client() {
    for fields in PATHS {
        let worker = numbering("surplus").await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        for requests in 1..4 {
            client.send(&request(fields)).await;
            assert!(receive(&mut client).await == body(0), "{fields:?}");
            assert_eq!((worker.requests(), worker.accepted()), (requests, requests));
        }
    }
}

#[tokio::test]
async fn a_client_that_resets_its_connection_within_one_ends_it_at_the_worker() {
    for fields in PATHS {
        let (sender, mut ended) = mpsc::unbounded_channel();
        let worker = Worker::new(move |mut connection| {
            let sender = sender.clone();
            async move {
                connection.read_head().await;
                connection.write(&head("content-length: 9")).await;
                connection.write("half").await;
                assert!(connection.read_head().await.is_none());
                sender.send(()).unwrap();
            }
        })
        .await;
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        client.send(&request(fields)).await;
        read_head(&mut client.stream).await.unwrap();
        client.stream.read_exact(&mut [0; 4]).await.unwrap();
        client.reset();
        assert_eq!(ended.recv().await, Some(()), "{fields:?}");
    }
}

/// What the proxy may hold of an answer for a client that does not read it.
const HELD: i64 = 64 * 1024;

#[tokio::test]
async fn the_proxy_holds_little_of_one_that_its_client_does_not_read() {
    for framing in ["content-length: 99999999", "transfer-encoding: chunked"] {
        for fields in PATHS {
            let (sender, mut peers) = mpsc::unbounded_channel();
            let written = Arc::new(AtomicI64::new(0));
            let counter = Arc::clone(&written);
            let worker = Worker::new(move |mut connection| {
                sender.send(connection.stream.peer_addr().unwrap()).unwrap();
                let counter = Arc::clone(&counter);
                async move { write_endlessly(&mut connection, framing, &counter).await }
            })
            .await;
            let proxy = Proxy::over(&[worker.address]);
            let mut client = Client::of(&proxy).await;
            client.send(&request(fields)).await;
            let to_worker = (worker.address, peers.recv().await.unwrap());
            let to_client = (proxy.address, client.stream.local_addr().unwrap());
            let held =
                || written.load(Ordering::SeqCst) - in_kernel(to_worker) - in_kernel(to_client);
            let (mut last, mut times) = (0, 0);
            until(|| {
                let now = written.load(Ordering::SeqCst);
                times = if now == last { times + 1 } else { 0 };
                last = now;
                now > HELD && times > 20
            })
            .await;
            assert!(held() <= HELD, "{framing} {fields:?}: {} bytes", held());
        }
    }
}

/// Answers a request, and counts the bytes that the kernel takes.
async fn write_endlessly(connection: &mut Connection, framing: &str, written: &AtomicI64) {
    connection.read_head().await;
    let chunk = ["8000\r\n", &"x".repeat(0x8000), "\r\n"].concat();
    let bytes = [&head(framing), chunk.as_str()].concat();
    let mut rest = bytes.as_bytes();
    while let Ok(taken) = connection.stream.write(rest).await {
        written.fetch_add(taken as i64, Ordering::SeqCst);
        rest = &rest[taken..];
        if rest.is_empty() {
            rest = chunk.as_bytes();
        }
    }
}

/// Returns how many bytes of a connection were sent and not received, or received and not read
/// (proc_net_tcp(5)). No bytes go into the opposite direction.
fn in_kernel((from, to): (SocketAddr, SocketAddr)) -> i64 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let queues = |from: SocketAddr, to: SocketAddr| {
        let (from, to) = (
            format!(":{:04X}", from.port()),
            format!(":{:04X}", to.port()),
        );
        let queues = table.lines().find_map(|line| {
            let columns: Vec<_> = line.split_whitespace().collect();
            let is_it = columns[1].ends_with(&from) && columns[2].ends_with(&to);
            is_it.then(|| columns[4].split_once(':').unwrap())
        });
        let (unacknowledged, unread) = queues.expect("an open connection");
        let number = |digits| i64::from_str_radix(digits, 16).unwrap();
        number(unacknowledged) + number(unread)
    };
    queues(from, to) + queues(to, from)
}
