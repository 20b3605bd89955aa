//! Clients that close their sending half after their last request.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use crate::support::{Client, Proxy, Worker, until};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const SLOW_GET: &str = "GET / HTTP/1.1\r\nHost: h\r\nKeep-Alive: timeout=5\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
const CHUNKED: &str =
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";

/// Sends requests and closes the sending half. Returns all bytes of the answers.
async fn last_words(proxy: &Proxy, requests: &str) -> Client {
    let mut client = Client::of(proxy).await;
    client.send(requests).await;
    client.stream.shutdown().await.unwrap();
    client
}

async fn rest(mut client: Client) -> String {
    let mut answers = String::new();
    client.stream.read_to_string(&mut answers).await.unwrap();
    answers
}

/// Creates a worker that reads requests with the body `ab`, chunked or not, and answers later.
async fn gated() -> (Worker, watch::Sender<bool>) {
    let (open, gate) = watch::channel(false);
    let worker = Worker::new(move |mut connection| {
        let mut gate = gate.clone();
        async move {
            while let Some(head) = connection.read_head().await {
                let body = match head.contains("content-length") {
                    true => "ab".len(),
                    false if head.contains("chunked") => "2\r\nab\r\n0\r\n\r\n".len(),
                    false => 0,
                };
                connection
                    .stream
                    .read_exact(&mut vec![0; body])
                    .await
                    .unwrap();
                gate.wait_for(|open| *open).await.unwrap();
                connection.answer("late").await;
            }
        }
    })
    .await;
    (worker, open)
}

#[tokio::test]
async fn a_client_that_has_closed_its_sending_half_is_answered() {
    for request in [GET, SLOW_GET, POST, CHUNKED] {
        let (worker, open) = gated().await;
        let proxy = Proxy::over(&[worker.address]);
        let client = last_words(&proxy, request).await;
        until(|| worker.requests() == 1).await;
        open.send_replace(true);
        let answer = rest(client).await;
        assert!(
            answer.ends_with("\r\n\r\nlate"),
            "{request:?} is answered by {answer:?}"
        );
    }
}

#[tokio::test]
async fn all_its_pipelined_requests_are_answered() {
    let (worker, open) = gated().await;
    open.send_replace(true);
    let proxy = Proxy::over(&[worker.address]);
    for requests in [GET.repeat(5), [GET, SLOW_GET, POST, GET, CHUNKED].concat()] {
        let answers = rest(last_words(&proxy, &requests).await).await;
        assert_eq!(
            answers.matches("late").count(),
            5,
            "{requests:?}: {answers}"
        );
    }
}

#[tokio::test]
async fn its_answer_is_complete_however_long_it_is() {
    const LENGTH: usize = 10 << 20;
    let worker = Worker::new(|mut connection| async move {
        while connection.read_head().await.is_some() {
            connection.answer(&"x".repeat(LENGTH)).await;
        }
    })
    .await;
    let proxy = Proxy::over(&[worker.address]);
    for request in [GET, SLOW_GET] {
        let answer = rest(last_words(&proxy, request).await).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), LENGTH);
    }
}

#[tokio::test]
async fn a_request_that_ends_before_its_body_does_is_not_completed() {
    let (worker, open) = gated().await;
    open.send_replace(true);
    let proxy = Proxy::over(&[worker.address]);
    let answer = rest(last_words(&proxy, POST.trim_end_matches('b')).await).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}
