//! What a request says of the worker that it belongs to.

use std::net::SocketAddr;

use evenkeel_strategies::policy::sticky_cookie::STICKY_COOKIE;
use evenkeel_strategies::policy::sticky_header::STICKY_HEADER;
use evenkeel_strategies::policy::{Kind, Setup};

use crate::support::{Client, Proxy, Worker, spec, value_of};

fn proxy_over(upstreams: &[SocketAddr], kind: &'static Kind) -> Proxy {
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

/// The head and the body of the answer to a request with these fields.
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
        assert_eq!(value_of(&head, "set-cookie"), None, "it has it already");
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
async fn a_client_behind_another_proxy_is_known_by_the_last_forwarded_address() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    let mut seen = std::collections::BTreeSet::new();
    for client in 1..40 {
        let fields = format!("X-Forwarded-For: 10.0.0.{client}\r\n");
        let (_, worker) = ask(&proxy, &fields).await;
        // What the client itself has written counts for nothing.
        let fields = format!("X-Forwarded-For: 6.6.6.6, 10.0.0.{client}\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, worker);
        seen.insert(worker);
    }
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn a_forwarded_address_that_is_none_counts_as_missing() {
    let workers = four_workers().await;
    let addresses: Vec<_> = workers.iter().map(|worker| worker.address).collect();
    let proxy = proxy_over(&addresses, &STICKY_HEADER);
    let (_, worker) = ask(&proxy, "").await;
    let long = "x".repeat(4000);
    for forged in ["unknown", "", "10.0.0.1:80:80", "1.2.3", long.as_str()] {
        let fields = format!("X-Forwarded-For: {forged}\r\n");
        assert_eq!(ask(&proxy, &fields).await.1, worker, "{forged}");
    }
}
