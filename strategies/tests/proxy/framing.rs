//! Where bodies end, and the trailers after them.

use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use crate::support::{Client, Connection, Proxy, Worker, exchange, value_of};

/// Reads to the end of a chunked body without data in it that looks like this end.
async fn read_chunked(connection: &mut Connection) -> String {
    let mut body = Vec::new();
    while !(body.starts_with(b"0\r\n") || body.windows(5).any(|it| it == b"\r\n0\r\n"))
        || !body.ends_with(b"\r\n\r\n")
    {
        body.push(connection.stream.read_u8().await.unwrap());
    }
    String::from_utf8(body).unwrap()
}

/// Creates a worker that answers with `ok`, and reports the head and the body of each chunked request.
async fn reporting() -> (Worker, mpsc::UnboundedReceiver<(String, String)>) {
    let (sender, seen) = mpsc::unbounded_channel();
    let worker = Worker::new(move |mut connection| {
        let sender = sender.clone();
        async move {
            while let Some(head) = connection.read_head().await {
                let body = read_chunked(&mut connection).await;
                sender.send((head, body)).unwrap();
                connection.answer("ok").await;
            }
        }
    })
    .await;
    (worker, seen)
}

/// Trailers that may be forwarded, and those that may not.
const TRAILERS: &str = "x-sum: 7\r\netag: \"e\"\r\nx-named: 1\r\nconnection: close\r\nkeep-alive: timeout=9\r\n\
    host: evil\r\ncontent-length: 3\r\ntransfer-encoding: gzip\r\nauthorization: Basic eA==\r\ncookie: a=b\r\n\
    forwarded: for=6.6.6.6\r\nx-forwarded-for: 6.6.6.6\r\nx-forwarded-port: 6\r\nx-real-ip: 6.6.6.6\r\n\
    via: 1.1 evil\r\nset-cookie: a=b\r\nte: gzip\r\nupgrade: evil\r\ncontent-type: text/evil\r\n";

/// Returns the field that announces these trailers.
fn announced() -> String {
    let names = TRAILERS
        .split("\r\n")
        .filter_map(|line| line.split_once(": "));
    let names: Vec<_> = names.map(|(name, _)| name).collect();
    format!("Trailer: {}\r\n", names.join(", "))
}

#[tokio::test]
async fn of_the_trailers_of_a_request_only_harmless_ones_are_forwarded() {
    let (worker, mut seen) = reporting().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    let announced = announced();
    for _ in 0..2 {
        client
            .send(&format!(
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: X-Named\r\nTransfer-Encoding: chunked\r\n{announced}\r\n\
                 2\r\nhi\r\n0\r\n{TRAILERS}\r\n"
            ))
            .await;
        assert_eq!(client.receive().await.1, "ok");
        let (head, body) = seen.recv().await.unwrap();
        assert_eq!(value_of(&head, "trailer"), Some("x-sum, etag"));
        let (data, trailers) = body.split_once("0\r\n").unwrap();
        assert_eq!(data, "2\r\nhi\r\n");
        assert_eq!(trailers, "x-sum: 7\r\netag: \"e\"\r\n\r\n");
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn of_the_trailers_of_an_answer_only_harmless_ones_are_forwarded() {
    let announced = announced();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nconnection: x-named\r\ntransfer-encoding: chunked\r\n{announced}\r\n\
         2\r\nhi\r\n0\r\n{TRAILERS}\r\n"
    );
    let worker = Worker::answering(Box::leak(answer.into_boxed_str())).await;
    let proxy = Proxy::over(&[worker.address]);
    let request = "GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n";
    for _ in 0..2 {
        let answer = exchange(&proxy, request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(value_of(head, "trailer"), Some("x-sum, etag"));
        assert_eq!(body, "2\r\nhi\r\n0\r\nx-sum: 7\r\netag: \"e\"\r\n\r\n");
    }
    assert_eq!(worker.accepted(), 1);
}

#[tokio::test]
async fn forbidden_trailers_alone_leave_a_complete_body() {
    let (worker, mut seen) = reporting().await;
    let proxy = Proxy::over(&[worker.address]);
    let mut client = Client::of(&proxy).await;
    for _ in 0..2 {
        client
            .send(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: forwarded\r\n\r\n\
                 2\r\nhi\r\n0\r\nforwarded: for=6.6.6.6\r\n\r\n",
            )
            .await;
        assert_eq!(client.receive().await.1, "ok");
        assert_eq!(seen.recv().await.unwrap().1, "2\r\nhi\r\n0\r\n\r\n");
    }
}

#[tokio::test]
async fn a_request_that_is_chunked_and_has_a_length_loses_the_length_and_is_the_last() {
    let (worker, mut seen) = reporting().await;
    let proxy = Proxy::over(&[worker.address]);
    let (length, chunked) = ("Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n");
    for fields in [format!("{length}{chunked}"), format!("{chunked}{length}")] {
        let request = format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n2\r\nhi\r\n0\r\n\r\n");
        // What follows is not answered.
        let answer = exchange(&proxy, &format!("{request}{request}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
        let (head, _) = seen.recv().await.unwrap();
        assert_eq!(value_of(&head, "content-length"), None, "{head}");
        assert_eq!(
            value_of(&head, "transfer-encoding"),
            Some("chunked"),
            "{head}"
        );
    }
    assert_eq!(worker.requests(), 2);
}

#[tokio::test]
async fn a_request_with_another_transfer_coding_than_one_chunked_is_refused() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    for codings in [
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: \r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
    ] {
        let request = format!("POST / HTTP/1.1\r\nHost: h\r\n{codings}\r\n0\r\n\r\n");
        let answer = exchange(&proxy, &format!("{request}{request}")).await;
        let status = &answer[9..12];
        assert!(
            ["400", "501"].contains(&status),
            "{codings:?} is answered by {answer}"
        );
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
    assert_eq!(worker.requests(), 0);
}

/// Returns the answer to a request of this method, as the client sees it.
async fn received(method: &str, answer: &str) -> String {
    let answer = Box::leak(answer.to_owned().into_boxed_str());
    let worker = Worker::answering(answer).await;
    let proxy = Proxy::over(&[worker.address]);
    let request = format!("{method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    exchange(&proxy, &request).await
}

#[tokio::test]
async fn an_answer_says_once_where_its_body_ends() {
    const HELLO: &str = "5\r\nhello\r\n0\r\n\r\n";
    for (method, fields, body, expected) in [
        (
            "GET",
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            HELLO,
            (None, Some("chunked")),
        ),
        (
            "GET",
            "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
            HELLO,
            (None, Some("chunked")),
        ),
        (
            "GET",
            "content-length: 5\r\ncontent-length: 5\r\n",
            "hello",
            (Some("5"), None),
        ),
        (
            "GET",
            "content-length: 5, 5\r\n",
            "hello",
            (Some("5"), None),
        ),
        (
            "HEAD",
            "content-length: 5\r\ncontent-length: 5\r\n",
            "",
            (Some("5"), None),
        ),
        (
            "HEAD",
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            "",
            (None, None),
        ),
    ] {
        let answer = received(method, &format!("HTTP/1.1 200 OK\r\n{fields}\r\n{body}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{fields:?}: {answer}");
        let seen = (
            value_of(&answer, "content-length"),
            value_of(&answer, "transfer-encoding"),
        );
        assert_eq!(seen, expected, "{method} {fields:?}: {answer}");
        assert!(answer.matches("content-length").count() <= 1, "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_that_contradicts_itself_about_its_end_is_a_bad_gateway() {
    for method in ["GET", "HEAD"] {
        for fields in [
            "content-length: 5\r\ncontent-length: 6\r\n",
            "content-length: 5, 6\r\n",
            "content-length: five\r\n",
            "content-length: +5\r\n",
            "transfer-encoding: gzip, chunked\r\n",
            "transfer-encoding: chunked, chunked\r\n",
            "transfer-encoding: identity\r\ncontent-length: 5\r\n",
        ] {
            let answer = received(method, &format!("HTTP/1.1 200 OK\r\n{fields}\r\nhello")).await;
            assert!(
                answer.starts_with("HTTP/1.1 502"),
                "{method} {fields:?}: {answer}"
            );
        }
    }
}
