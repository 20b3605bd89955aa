//! Interim answers (1xx).

use tokio::sync::watch;

use crate::support::{Client, Proxy, Worker, exchange, read_head, value_of};

/// A field that sends a request to the slow path and is not forwarded.
const SLOW_PATH: &str = "Keep-Alive: timeout=5\r\n";

const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\nconnection: x-a\r\nx-a: 1\r\n\r\n";
const FINAL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Creates a worker that answers every request with two interim answers and a final one.
async fn hinting() -> Worker {
    let answers = format!("HTTP/1.1 100 Continue\r\n\r\n{HINTS}{FINAL}");
    Worker::answering(Box::leak(answers.into_boxed_str())).await
}

/// Reads two interim answers and a final one.
async fn read_hinted(client: &mut Client) {
    let interim = read_head(&mut client.stream).await.unwrap();
    assert!(
        interim.starts_with("HTTP/1.1 100 Continue\r\n"),
        "{interim}"
    );
    let hints = read_head(&mut client.stream).await.unwrap();
    assert!(hints.starts_with("HTTP/1.1 103 Early Hints\r\n"), "{hints}");
    assert_eq!(value_of(&hints, "link"), Some("</a>"));
    assert_eq!(value_of(&hints, "via"), Some("1.1 evenkeel"));
    assert_eq!(value_of(&hints, "connection"), None);
    assert_eq!(value_of(&hints, "x-a"), None);
    assert_eq!(client.receive().await.1, "ok");
}

#[tokio::test]
async fn interim_answers_reach_the_client_before_the_final_one_on_both_paths() {
    let worker = hinting().await;
    let proxy = Proxy::over(&[worker.address]);
    for fields in ["", SLOW_PATH] {
        let mut client = Client::of(&proxy).await;
        for _ in 0..3 {
            client
                .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
                .await;
            read_hinted(&mut client).await;
        }
    }
    assert_eq!((worker.requests(), worker.accepted()), (6, 1));
}

#[tokio::test]
async fn interim_answers_to_pipelined_requests_keep_their_places() {
    let worker = hinting().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let request = format!("GET / HTTP/1.1\r\nHost: h\r\n{SLOW_PATH}\r\n");
    client.send(&request.repeat(50)).await;
    for _ in 0..50 {
        read_hinted(&mut client).await;
    }
}

#[tokio::test]
async fn an_interim_answer_does_not_wait_for_the_final_one() {
    let (open, gate) = watch::channel(0);
    let worker = Worker::new(move |mut connection| {
        let mut gate = gate.clone();
        async move {
            connection.read_head().await;
            for number in 1..4 {
                connection.write(HINTS).await;
                gate.wait_for(|open| *open >= number).await.unwrap();
            }
            connection.write(FINAL).await;
        }
    })
    .await;
    for fields in ["", SLOW_PATH] {
        open.send_replace(0);
        let proxy = Proxy::over(&[worker.address]);
        let mut client = Client::of(&proxy).await;
        client
            .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
            .await;
        for number in 1..4 {
            let hints = read_head(&mut client.stream).await.unwrap();
            assert!(hints.starts_with("HTTP/1.1 103"), "{hints}");
            open.send_replace(number);
        }
        assert_eq!(client.receive().await.1, "ok");
    }
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_only_the_final_answer() {
    let worker = hinting().await;
    let proxy = Proxy::over(&[worker.address]);
    let answer = exchange(&proxy, "GET / HTTP/1.0\r\nHost: h\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}
