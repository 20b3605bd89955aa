//! Affinity by cookie and by `X-Forwarded-For`.

use std::net::SocketAddr;

use evenkeel_strategies::policy::sticky_cookie::STICKY_COOKIE;
use evenkeel_strategies::policy::sticky_header::STICKY_HEADER;
use evenkeel_strategies::policy::{PolicyInfo, Setup};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Client, Proxy, Worker, spec, value_of};

fn proxy_over(upstreams: &[SocketAddr], kind: &'static PolicyInfo) -> Proxy {
    let upstreams = upstreams.to_vec();
    Proxy::with(move || {
        let setup = Setup::new(upstreams.len(), 1);
        let mut spec = spec(upstreams);
        spec.policy = (kind.make)(&setup);
        spec
    })
}

async fn four_workers() -> Vec<Worker> {
    let mut workers = Vec::new();
    for letter in ['a', 'b', 'c', 'd'] {
        workers.push(Worker::named(letter).await);
    }
    workers
}

/// Sends a request with these fields, and returns the head and the body of the answer.
async fn ask(proxy: &Proxy, fields: &str) -> (String, String) {
    let mut client = Client::of(proxy).await;
    client
        .send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
        .await;
    client.receive().await
}

#[tokio::test]
async fn a_cookie_leads_back_to_the_worker_that_set_it() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_COOKIE);
    let (head, worker) = ask(&proxy, "").await;
    let cookie = value_of(&head, "set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    for _ in 0..10 {
        let fields = format!("Cookie: theme=dark; {cookie}\r\n");
        let (head, again) = ask(&proxy, &fields).await;
        assert_eq!(again, worker);
        assert_eq!(
            value_of(&head, "set-cookie"),
            None,
            "the client has it already"
        );
    }
}

#[tokio::test]
async fn both_paths_set_and_read_the_same_cookie() {
    const DATED: &str = "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
         set-cookie: own=1\r\ncontent-length: 1\r\n\r\nx";
    const SLOW_PATH: &str = "Keep-Alive: timeout=5\r\n";
    let worker = Worker::answering(DATED).await;
    let proxy = proxy_over(&[worker.address], &STICKY_COOKIE);
    let cookies = |head: &str| -> Vec<String> {
        let lines = head.lines().map(str::to_ascii_lowercase);
        lines
            .filter(|line| line.starts_with("set-cookie"))
            .collect()
    };
    let own = "set-cookie: own=1".to_owned();
    let set = "set-cookie: evenkeel-worker=0; path=/; httponly; samesite=lax".to_owned();
    for path in ["", SLOW_PATH] {
        for (cookie, expected) in [
            ("", vec![own.clone(), set.clone()]),
            (
                "Cookie: a=1; evenkeel-worker=7\r\n",
                vec![own.clone(), set.clone()],
            ),
            ("COOKIE:evenkeel-worker=0\r\n", vec![own.clone()]),
            (
                "Cookie: a=b\r\nCookie: c=d ; evenkeel-worker=0 \r\n",
                vec![own.clone()],
            ),
            (
                "X-Cookie: evenkeel-worker=0\r\n",
                vec![own.clone(), set.clone()],
            ),
        ] {
            let (head, _) = ask(&proxy, &format!("{cookie}{path}")).await;
            assert_eq!(cookies(&head), expected, "{cookie}{path}");
        }
    }
}

#[tokio::test]
async fn a_cookie_that_names_no_worker_is_replaced() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_COOKIE);
    let long = "9".repeat(4000);
    for forged in [
        "4",
        "-1",
        "0x1",
        "",
        "99999999999999999999999",
        long.as_str(),
    ] {
        let fields = format!("Cookie: evenkeel-worker={forged}\r\n");
        let (head, _) = ask(&proxy, &fields).await;
        assert!(head.starts_with("HTTP/1.1 200"), "{forged}");
        assert!(value_of(&head, "set-cookie").is_some(), "{forged}");
    }
}

#[tokio::test]
async fn the_last_forwarded_address_identifies_a_client_behind_another_proxy() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    let mut seen = std::collections::BTreeSet::new();
    for client in 1..40 {
        let fields = format!("X-Forwarded-For: 10.0.0.{client}\r\n");
        let (_, worker) = ask(&proxy, &fields).await;
        // An address that the client itself has written is ignored.
        let fields = format!("X-Forwarded-For: 6.6.6.6, 10.0.0.{client}\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, worker);
        seen.insert(worker);
    }
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn a_forwarded_address_may_have_a_port_and_brackets() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    let chosen = async |address: &str| {
        let fields = format!("X-Forwarded-For: 6.6.6.6, {address}\r\n");
        ask(&proxy, &fields).await.1
    };
    for client in 1..20 {
        let worker = chosen(&format!("10.0.0.{client}")).await;
        for mapped in ["", "::ffff:"] {
            let address = format!("{mapped}10.0.0.{client}");
            assert_eq!(chosen(&address).await, worker, "{address}");
        }
        assert_eq!(chosen(&format!("10.0.0.{client}:{client}")).await, worker);
        let fields = format!("Forwarded: for=6.6.6.6, for=\"10.0.0.{client}:80\";proto=http\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, worker);
        let worker = chosen(&format!("2001:db8::{client}")).await;
        assert_eq!(chosen(&format!("[2001:db8::{client}]")).await, worker);
        assert_eq!(
            chosen(&format!("\"[2001:DB8::{client}]:8{client}\" ,")).await,
            worker
        );
    }
}

#[tokio::test]
async fn an_invalid_forwarded_address_counts_as_missing() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    let (_, worker) = ask(&proxy, "").await;
    let long = "x".repeat(4000);
    for forged in [
        "unknown",
        "",
        "10.0.0.1:80:80",
        "10.0.0.1:x",
        "[10.0.0.1]",
        "1.2.3",
        &long,
    ] {
        let fields = format!("X-Forwarded-For: {forged}\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, worker, "{forged}");
    }
}

#[tokio::test]
async fn the_last_of_several_lines_counts() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    for client in 1..20 {
        let fields = format!("X-Forwarded-For: 10.0.0.{client}\r\n");
        let (_, worker) = ask(&proxy, &fields).await;
        let fields = format!("X-Forwarded-For: 6.6.6.6\r\nx-real-ip: 7.7.7.7\r\n{fields}");
        assert_eq!(ask(&proxy, &fields).await.1, worker);
    }
}

#[tokio::test]
async fn a_forged_cookie_chooses_a_worker_and_nothing_else() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_COOKIE);
    for (number, letter) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let fields = format!("Cookie: evenkeel-worker={number}\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, letter);
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_rejected_and_others_are_served() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let large = "9".repeat(1 << 20);
    for (kind, field) in [
        (&STICKY_COOKIE, "Cookie: evenkeel-worker="),
        (&STICKY_HEADER, "X-Forwarded-For: "),
    ] {
        let proxy = proxy_over(&addresses, kind);
        let mut client = Client::of(&proxy).await;
        let request = format!("GET / HTTP/1.1\r\nHost: h\r\n{field}{large}\r\n\r\n");
        // The proxy may close the connection before it has read everything.
        let _sent = client.stream.write_all(request.as_bytes()).await;
        let mut answer = [0; 12];
        if client.stream.read_exact(&mut answer).await.is_ok() {
            assert_eq!(&answer, b"HTTP/1.1 431");
        }
        assert_eq!(ask(&proxy, "").await.1.len(), 1, "{field}");
        let asked: usize = workers.iter().map(Worker::accepted).sum();
        assert!(asked <= 2, "no worker got the large request");
    }
}
