//! The fields that workers and clients see.

use evenkeel_strategies::mechanism::proxy::engine::ProxySpec;

use crate::support::{Client, Proxy, TIME_LIMIT, Worker, exchange, spec, value_of};

/// Sends a request, and returns its head as the worker sees it.
async fn forwarded(request_line: &str, fields: &str) -> String {
    let worker = Worker::echoing().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client
        .send(&format!("{request_line}\r\n{fields}\r\n"))
        .await;
    client.receive().await.1
}

#[tokio::test]
async fn the_worker_sees_the_client_that_a_proxy_header_names() {
    let worker = Worker::echoing().await;
    let address = worker.address;
    let proxy = Proxy::with(move || ProxySpec {
        header_within: Some(TIME_LIMIT),
        ..spec(vec![address])
    });
    let mut client = Client::of(&proxy).await;
    client
        .send("PROXY TCP4 192.0.2.7 192.0.2.1 40000 80\r\n")
        .await;
    for _ in 0..2 {
        let head = client.get("/").await;
        assert_eq!(value_of(&head, "x-forwarded-for"), Some("192.0.2.7"));
        assert_eq!(value_of(&head, "x-real-ip"), Some("192.0.2.7"));
    }
}

/// Returns the head of a worker's answer as the client sees it.
async fn received(answer: &'static str) -> String {
    let worker = Worker::answering(answer).await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    client.receive().await.0
}

#[tokio::test]
async fn the_worker_sees_the_fields_for_it() {
    let table = [
        ("host", "", Some("h")),
        ("accept", "Accept: text/html\r\n", Some("text/html")),
        ("cookie", "Cookie: a=b\r\n", Some("a=b")),
        ("via", "", Some("1.1 evenkeel")),
        ("x-forwarded-for", "", Some("127.0.0.1")),
        (
            "x-forwarded-for",
            "X-Forwarded-For: 1.2.3.4\r\n",
            Some("1.2.3.4, 127.0.0.1"),
        ),
        (
            "x-forwarded-for",
            "X-Forwarded-For: a, b\r\nX-Forwarded-For: c\r\n",
            Some("a, b, c, 127.0.0.1"),
        ),
        ("x-real-ip", "X-Real-IP: 1.2.3.4\r\n", Some("127.0.0.1")),
        (
            "x-forwarded-proto",
            "X-Forwarded-Proto: https\r\n",
            Some("http"),
        ),
        ("x-forwarded-host", "X-Forwarded-Host: evil\r\n", Some("h")),
        ("forwarded", "Forwarded: for=1.2.3.4\r\n", None),
        ("connection", "Connection: keep-alive\r\n", None),
        ("connection", "Connection: close\r\n", None),
        ("keep-alive", "Keep-Alive: timeout=5\r\n", None),
        ("proxy-connection", "Proxy-Connection: keep-alive\r\n", None),
        (
            "proxy-authorization",
            "Proxy-Authorization: Basic eA==\r\n",
            None,
        ),
        ("te", "TE: gzip\r\n", None),
        ("http2-settings", "HTTP2-Settings: AA\r\n", None),
        (
            "te",
            "TE: gzip, Trailers\r\nConnection: TE\r\n",
            Some("trailers"),
        ),
        ("x-a", "Connection: X-A, close\r\nX-A: 1\r\n", None),
        (
            "x-b",
            "Connection: x-a\r\nConnection: x-B\r\nX-B: 1\r\nX-B: 2\r\n",
            None,
        ),
        ("x-c", "Connection: x-a\r\nX-C: 1\r\n", Some("1")),
        ("upgrade", "Upgrade: websocket\r\n", None),
        (
            "upgrade",
            "Connection: upgrade\r\nUpgrade: websocket\r\n",
            Some("websocket"),
        ),
        (
            "connection",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n",
            Some("upgrade"),
        ),
        ("upgrade", "Connection: upgrade\r\nUpgrade: h2c\r\n", None),
        ("content-length", "", None),
        ("transfer-encoding", "", None),
        ("x-evenkeel-worker", "X-Evenkeel-Worker: 3\r\n", Some("3")),
    ];
    for (name, fields, expected) in table {
        let head = forwarded("GET / HTTP/1.1", &format!("Host: h\r\n{fields}")).await;
        assert_eq!(
            value_of(&head, name),
            expected,
            "{name} after {fields:?} in {head}"
        );
    }
}

#[tokio::test]
async fn the_client_sees_the_fields_for_it() {
    let table = [
        ("x-evenkeel-worker", "x-evenkeel-worker: 7\r\n", Some("7")),
        ("set-cookie", "set-cookie: a=b\r\n", Some("a=b")),
        ("via", "", Some("1.1 evenkeel")),
        (
            "date",
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            Some("Thu, 01 Jan 1970 00:00:00 GMT"),
        ),
        ("connection", "connection: close\r\n", None),
        ("keep-alive", "keep-alive: timeout=5\r\n", None),
        ("proxy-connection", "proxy-connection: close\r\n", None),
        ("proxy-authenticate", "proxy-authenticate: Basic\r\n", None),
        ("x-a", "connection: x-a\r\nx-a: 1\r\n", None),
        ("x-b", "connection: x-a\r\nx-b: 1\r\n", Some("1")),
        ("upgrade", "connection: upgrade\r\nupgrade: h2c\r\n", None),
    ];
    for (name, fields, expected) in table {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}content-length: 0\r\n\r\n");
        let head = received(Box::leak(answer.into_boxed_str())).await;
        assert_eq!(
            value_of(&head, name),
            expected,
            "{name} after {fields:?} in {head}"
        );
        assert_eq!(head.matches("date:").count(), 1, "{head}");
    }
}

#[tokio::test]
async fn a_426_keeps_the_protocols_that_it_requires() {
    let head = received(
        "HTTP/1.1 426 Upgrade Required\r\nconnection: upgrade\r\nupgrade: foo/2\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(value_of(&head, "upgrade"), Some("foo/2"));
    assert_eq!(value_of(&head, "connection"), Some("upgrade"));
}

#[tokio::test]
async fn status_and_reason_are_forwarded_with_the_version_of_the_proxy() {
    let head = received("HTTP/1.0 418 Short And Stout\r\ncontent-length: 0\r\n\r\n").await;
    assert!(
        head.starts_with("HTTP/1.1 418 Short And Stout\r\n"),
        "{head}"
    );
    assert_eq!(value_of(&head, "via"), Some("1.0 evenkeel"));
}

/// RFC 9112 §5.1 and §5.2.
#[tokio::test]
async fn folded_lines_and_spaces_after_names_in_answers_are_mended() {
    for date in ["", "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\n{date}x-folded: a\r\n \tb\r\nx-spaced : c\r\ncontent-length: 2\r\n\r\nok"
        );
        let head = received(Box::leak(answer.into_boxed_str())).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(value_of(&head, "x-folded"), Some("a b"));
        assert!(head.contains("\r\nx-spaced: c\r\n"), "{head}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_rejected() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    let table = [
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400"),
        ("\u{1}\u{2}\r\n\r\n", "400"),
    ];
    for (request, status) in table {
        let answer = exchange(&proxy, request).await;
        assert_eq!(
            &answer[9..12],
            status,
            "{request:?} is answered by {answer}"
        );
    }
    assert_eq!(worker.requests(), 0);
}

#[tokio::test]
async fn many_and_long_fields_arrive() {
    let mut fields = String::from("Host: h\r\n");
    for number in 0..80 {
        fields += &format!("X-Number-{number}: {}\r\n", "v".repeat(200));
    }
    let head = forwarded("GET / HTTP/1.1", &fields).await;
    for number in 0..80 {
        let name = format!("x-number-{number}");
        assert_eq!(value_of(&head, &name).map(str::len), Some(200), "{name}");
    }
}
