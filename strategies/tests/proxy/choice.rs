//! Which worker gets a request, and on which connection.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use evenkeel_strategies::policy::idle::IDLE;
use evenkeel_strategies::policy::late_binding::LATE_BINDING;
use evenkeel_strategies::policy::{Arrival, Pick, Policy, PolicyInfo, Setup};
use evenkeel_strategies::{Signal, Workers};
use tokio::sync::watch;

use crate::support::{Client, Proxy, Worker, spec, until};

#[tokio::test]
async fn requests_rotate_over_the_workers_on_every_client_connection() {
    let (a, b, c) = (
        Worker::named('a').await,
        Worker::named('b').await,
        Worker::named('c').await,
    );
    let proxy = Proxy::over(&[a.address, b.address, c.address]);
    let mut clients = [Client::of(&proxy).await, Client::of(&proxy).await];
    let mut order = String::new();
    for number in 0..12 {
        order += &clients[number % 2].get("/").await;
    }
    assert_eq!(order, "abcabcabcabc");
}

#[tokio::test]
async fn connections_to_workers_are_kept_alive() {
    let worker = Worker::named('a').await;
    let proxy = Proxy::over(&[worker.address]);
    for _ in 0..5 {
        let mut client = Client::of(&proxy).await;
        for _ in 0..20 {
            assert_eq!(client.get("/").await, "a");
        }
    }
    assert_eq!((worker.requests(), worker.accepted()), (100, 1));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let (a, b) = (Worker::named('a').await, Worker::named('b').await);
    let proxy = Proxy::over(&[a.address, b.address]);
    let mut client = Client::of(&proxy).await;
    client
        .send(&"GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(200))
        .await;
    for number in 0..200 {
        let expected = if number % 2 == 0 { "a" } else { "b" };
        assert_eq!(client.receive().await.1, expected);
    }
}

/// Picks always the first worker, and records its load.
struct First {
    seen: Arc<Mutex<Vec<u32>>>,
}

impl Policy for First {
    fn pick(&mut self, _arrival: &Arrival, workers: &mut Workers) -> Pick {
        let load = workers.load(0, Signal::Requests);
        self.seen.lock().unwrap().push(load);
        Pick::Worker(0)
    }
}

#[tokio::test]
async fn a_policy_sees_only_the_requests_in_flight() {
    let worker = Worker::new(|mut connection| async move {
        while let Some(head) = connection.read_head().await {
            if head.starts_with("GET /quick") {
                connection.answer("quick").await;
            }
        }
    })
    .await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (upstreams, policy) = (
        vec![worker.address],
        First {
            seen: Arc::clone(&seen),
        },
    );
    let proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.policy = Box::new(policy);
        spec
    });
    let mut abandoned = Client::of(&proxy).await;
    abandoned
        .send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    until(|| worker.requests() == 1).await;
    let mut client = Client::of(&proxy).await;
    client.get("/quick").await;
    abandoned.reset();
    // The proxy notices the end soon, but not immediately.
    let last = || seen.lock().unwrap().last().copied();
    while last() != Some(0) {
        client.get("/quick").await;
    }
    client.get("/quick").await;
    let in_flight = seen.lock().unwrap().clone();
    assert_eq!(in_flight[..2], [0, 1]);
    assert!(
        in_flight.iter().all(|requests| *requests <= 1),
        "{in_flight:?}"
    );
    assert_eq!(in_flight.last(), Some(&0));
}

/// Counts the requests at the worker.
#[derive(Default)]
struct Concurrency {
    now: AtomicUsize,
    max: AtomicUsize,
}

#[tokio::test]
async fn a_request_waits_if_the_policy_picks_no_worker() {
    for kind in [&IDLE, &LATE_BINDING] {
        a_request_waits_under(kind).await;
    }
}

async fn a_request_waits_under(kind: &'static PolicyInfo) {
    let (open, gate) = watch::channel(false);
    let concurrency = Arc::new(Concurrency::default());
    let counted = Arc::clone(&concurrency);
    let worker = Worker::new(move |mut connection| {
        let (mut gate, counted) = (gate.clone(), Arc::clone(&counted));
        async move {
            while connection.read_head().await.is_some() {
                let now = counted.now.fetch_add(1, SeqCst) + 1;
                counted.max.fetch_max(now, SeqCst);
                gate.wait_for(|open| *open).await.unwrap();
                counted.now.fetch_sub(1, SeqCst);
                connection.answer("done").await;
            }
        }
    })
    .await;
    let upstreams = vec![worker.address];
    let proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.policy = (kind.make)(&Setup::new(1, 0));
        spec
    });
    let mut clients = Vec::new();
    for _ in 0..8 {
        let mut client = Client::of(&proxy).await;
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        clients.push(client);
    }
    until(|| worker.requests() == 1).await;
    // A request that leaves the queue must not block the others.
    clients.remove(1).reset();
    open.send_replace(true);
    for mut client in clients {
        assert_eq!(client.receive().await.1, "done");
    }
    assert_eq!(concurrency.max.load(SeqCst), 1);
}
