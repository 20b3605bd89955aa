//! The four forms of a target, and `Host` (RFC 9112 §3.2).

use crate::support::{Client, Proxy, Worker, exchange, value_of};

#[tokio::test]
async fn each_form_of_a_target_reaches_the_worker_as_a_path_or_an_asterisk_and_a_host() {
    let worker = Worker::echoing().await;
    let proxy = Proxy::over(&[worker.address]);
    for (line, fields, target, host) in [
        ("GET /a?b=c HTTP/1.1", "Host: h:81\r\n", "/a?b=c", "h:81"),
        ("GET / HTTP/1.1", "Host:\r\n", "/", ""),
        ("GET / HTTP/1.1", "Host: [::1]:81\r\n", "/", "[::1]:81"),
        (
            "GET http://h:81/a?b=c HTTP/1.1",
            "Host: other\r\n",
            "/a?b=c",
            "h:81",
        ),
        ("GET HTTP://h HTTP/1.1", "Host: h\r\n", "/", "h"),
        ("GET http://h?b HTTP/1.1", "Host: h\r\n", "/?b", "h"),
        ("GET http://h/ HTTP/1.0", "", "/", "h"),
        ("OPTIONS * HTTP/1.1", "Host: h\r\n", "*", "h"),
        ("OPTIONS http://h:81 HTTP/1.1", "Host: h\r\n", "*", "h:81"),
        ("OPTIONS http://h/ HTTP/1.1", "Host: h\r\n", "/", "h"),
        ("OPTIONS /a HTTP/1.1", "Host: h\r\n", "/a", "h"),
    ] {
        let request = format!("{line}\r\n{fields}Connection: close\r\n\r\n");
        let answer = exchange(&proxy, &request).await;
        let (_, seen) = answer.split_once("\r\n\r\n").unwrap();
        let method = line.split(' ').next().unwrap();
        let expected = format!("{method} {target} HTTP/1.1\r\n");
        assert!(seen.starts_with(&expected), "{request:?} arrives as {seen}");
        assert_eq!(value_of(seen, "host"), Some(host), "{request:?}");
        assert_eq!(
            seen.matches("host: ").count(),
            2,
            "Host and X-Forwarded-Host: {seen}"
        );
    }
}

#[tokio::test]
async fn http_1_0_without_a_host_is_served_under_the_proxys_address() {
    let worker = Worker::echoing().await;
    let proxy = Proxy::over(&[worker.address]);
    let answer = exchange(&proxy, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    let (_, forwarded) = answer.split_once("\r\n\r\n").unwrap();
    assert!(forwarded.starts_with("GET / HTTP/1.1\r\n"), "{forwarded}");
    let address = proxy.address.to_string();
    assert_eq!(value_of(forwarded, "host"), Some(address.as_str()));
    assert_eq!(value_of(forwarded, "via"), Some("1.0 evenkeel"));
}

#[tokio::test]
async fn a_request_with_an_unclear_target_or_host_is_refused_and_its_connection_ends() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    for (line, fields, status) in [
        ("GET / HTTP/1.1", "", "400"),
        ("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n", "400"),
        ("GET / HTTP/1.1", "Host: a\r\nHost: a\r\n", "400"),
        ("GET / HTTP/1.0", "Host: a\r\nHost: a\r\n", "400"),
        ("GET / HTTP/1.1", "Host: a, b\r\n", "400"),
        ("GET / HTTP/1.1", "Host: me@h\r\n", "400"),
        ("GET / HTTP/1.1", "Host: h/\r\n", "400"),
        ("GET / HTTP/1.1", "Host: h:8o\r\n", "400"),
        ("GET / HTTP/1.0", "Host: h h\r\n", "400"),
        (
            "GET / HTTP/1.1",
            "Host: a\r\nConnection: x, Host\r\n",
            "400",
        ),
        ("GET / HTTP/1.0", "Host: a\r\nConnection: host\r\n", "400"),
        ("GET http://h/ HTTP/1.1", "", "400"),
        ("GET http://h/ HTTP/1.1", "Host: a\r\nHost: b\r\n", "400"),
        ("GET http://h/ HTTP/1.1", "Host: a b\r\n", "400"),
        ("GET http://me:pw@h/ HTTP/1.1", "Host: h\r\n", "400"),
        ("GET http:///a HTTP/1.1", "Host: h\r\n", "400"),
        ("GET ftp://h/ HTTP/1.1", "Host: h\r\n", "400"),
        ("GET h:80 HTTP/1.1", "Host: h:80\r\n", "400"),
        ("GET * HTTP/1.1", "Host: h\r\n", "400"),
        ("OPTIONS * HTTP/1.1", "", "400"),
        ("CONNECT h:80 HTTP/1.1", "", "400"),
        ("CONNECT / HTTP/1.1", "Host: h\r\n", "400"),
        ("CONNECT h:80 HTTP/1.1", "Host: h:80\r\n", "501"),
    ] {
        // What follows is not answered.
        let next = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        let request = format!("{line}\r\n{fields}\r\n{next}");
        let answer = exchange(&proxy, &request).await;
        assert_eq!(
            &answer[9..12],
            status,
            "{request:?} is answered by {answer}"
        );
        assert_eq!(answer.matches("HTTP/1.").count(), 1, "{answer}");
    }
    assert_eq!(worker.requests(), 0);
}

#[tokio::test]
async fn a_refused_request_may_follow_served_ones_on_both_paths() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    for first in ["", "Keep-Alive: timeout=5\r\n"] {
        let mut client = Client::of(&proxy).await;
        client
            .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{first}\r\n"))
            .await;
        assert_eq!(client.receive().await.1, "a");
        client.send("GET / HTTP/1.1\r\n\r\n").await;
        let (head, _) = client.receive().await;
        assert!(head.starts_with("HTTP/1.1 400"), "{head}");
        assert_eq!(value_of(&head, "connection"), Some("close"));
    }
}
