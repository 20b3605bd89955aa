//! The shutdown of a proxy.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::{Client, Proxy, Worker, spec, until, value_of};

#[tokio::test]
async fn requests_in_flight_are_answered_and_new_connections_are_refused() {
    let (open, gate) = tokio::sync::watch::channel(false);
    let worker = Worker::new(move |mut connection| {
        let mut gate = gate.clone();
        async move {
            connection.read_head().await;
            gate.wait_for(|open| *open).await.unwrap();
            connection.answer("late").await;
        }
    })
    .await;
    let upstreams = vec![worker.address];
    let mut proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.drain_within = Duration::from_secs(60);
        spec
    });
    let mut idle = Client::of(&proxy).await;
    let mut busy = Client::of(&proxy).await;
    busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    until(|| worker.requests() == 1).await;
    proxy.stop();
    assert_eq!(idle.stream.read(&mut [0]).await.unwrap(), 0);
    while TcpStream::connect(proxy.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    open.send_replace(true);
    let (head, body) = busy.receive().await;
    assert_eq!(body, "late");
    assert_eq!(value_of(&head, "connection"), Some("close"));
    proxy.join();
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off() {
    let worker = Worker::silent().await;
    let mut proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    until(|| worker.requests() == 1).await;
    proxy.join();
    let mut answer = Vec::new();
    let _ = client.stream.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}
