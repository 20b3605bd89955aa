//! What a proxy with defences does about workers that fail.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use evenkeel_strategies::{
    Budget, DefenceCounts, Defences, Hedging, Journal, PassiveHealth, Retries, Share, TryTimeout,
};

use crate::support::{Client, Proxy, Worker, spec, unused_address};

/// Requests of the fast path and of the slow path.
const SAFE: [&str; 3] = [
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nKeep-Alive: timeout=5\r\n\r\n",
    "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n",
];

const UNSAFE: [&str; 2] = [
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
];

const FAILURE: &str = "HTTP/1.1 500 Internal Server Error\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 3\r\n\r\nill";

/// Only a worker that never answers is later than this.
const PATIENCE: Duration = Duration::from_millis(200);

fn retries(most: u32, per_second: u32) -> Defences {
    Defences {
        retries: Some(Retries {
            most: NonZeroU32::new(most).unwrap(),
            budget: Budget {
                share: Share::new(0.001).unwrap(),
                per_second,
            },
        }),
        ..Defences::default()
    }
}

fn with_timeout(defences: Defences) -> Defences {
    Defences {
        try_timeout: Some(TryTimeout(PATIENCE)),
        ..defences
    }
}

/// Starts a proxy with round robin over these workers, and returns where its defences count.
fn defended(upstreams: &[SocketAddr], defences: Defences) -> (Proxy, Journal) {
    let (journal, _file) = Journal::create().unwrap();
    let (upstreams, counted) = (upstreams.to_vec(), journal.clone());
    let proxy = Proxy::with(move || {
        let mut spec = spec(upstreams);
        spec.defences = defences;
        spec.journal = Some(counted);
        spec
    });
    (proxy, journal)
}

/// Sends a request on a new connection, and returns status and body of the answer.
async fn status_of(proxy: &Proxy, request: &str) -> (String, String) {
    let mut client = Client::of(proxy).await;
    client.send(request).await;
    let (head, body) = client.receive().await;
    (head[9..12].to_owned(), body)
}

#[tokio::test]
async fn a_safe_request_that_a_worker_fails_is_sent_to_another_one() {
    for request in SAFE {
        for ill in [
            Worker::answering(FAILURE).await,
            Worker::closing().await,
            Worker::silent().await,
        ] {
            let healthy = Worker::named('h').await;
            let workers = [ill.address, healthy.address];
            let (proxy, journal) = defended(&workers, with_timeout(retries(1, 10)));
            for _ in 0..2 {
                let (status, body) = status_of(&proxy, request).await;
                assert_eq!(
                    (status.as_str(), body.as_str()),
                    ("200", "h"),
                    "{request:?}"
                );
            }
            assert_eq!((ill.requests(), healthy.requests()), (2, 2), "{request:?}");
            assert_eq!(journal.counts().requests, 2, "{request:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_may_have_had_an_effect_is_not_sent_again() {
    for request in UNSAFE {
        for (ill, status) in [
            (Worker::answering(FAILURE).await, "500"),
            (Worker::silent().await, "504"),
        ] {
            let healthy = Worker::named('h').await;
            let workers = [ill.address, healthy.address];
            let (proxy, journal) = defended(&workers, with_timeout(retries(3, 10)));
            assert_eq!(status_of(&proxy, request).await.0, status, "{request:?}");
            assert_eq!((healthy.requests(), journal.counts().retries), (0, 0));
        }
    }
}

#[tokio::test]
async fn a_try_that_takes_too_long_is_answered_by_504_without_retries() {
    for request in SAFE {
        let silent = Worker::silent().await;
        let (proxy, journal) = defended(&[silent.address], with_timeout(Defences::default()));
        let (status, body) = status_of(&proxy, request).await;
        assert_eq!(status, "504", "{request:?}");
        assert!(body.contains("within the time allowed"), "{body}");
        let counts = DefenceCounts {
            requests: 1,
            try_timeouts: 1,
            ..DefenceCounts::default()
        };
        assert_eq!(journal.counts(), counts, "{request:?}");
    }
}

#[tokio::test]
async fn a_request_has_at_most_its_number_of_retries_and_then_gets_the_last_answer() {
    for request in SAFE {
        let ill = [
            Worker::answering(FAILURE).await,
            Worker::answering(FAILURE).await,
        ];
        let workers = [ill[0].address, ill[1].address];
        let (proxy, journal) = defended(&workers, retries(3, 10));
        let (status, body) = status_of(&proxy, request).await;
        assert_eq!(
            (status.as_str(), body.as_str()),
            ("500", "ill"),
            "{request:?}"
        );
        assert_eq!(ill[0].requests() + ill[1].requests(), 4, "{request:?}");
        assert_eq!(journal.counts().retries, 3, "{request:?}");
    }
}

#[tokio::test]
async fn without_another_worker_the_client_gets_the_answer_that_has_failed() {
    for request in SAFE {
        let ill = Worker::answering(FAILURE).await;
        let (proxy, journal) = defended(&[ill.address], retries(2, 10));
        let (status, body) = status_of(&proxy, request).await;
        assert_eq!(
            (status.as_str(), body.as_str()),
            ("500", "ill"),
            "{request:?}"
        );
        assert_eq!(
            (ill.requests(), journal.counts().retries),
            (1, 0),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn retries_of_all_requests_keep_to_the_budget() {
    let ill = Worker::answering(FAILURE).await;
    let workers = [ill.address, ill.address];
    let (proxy, journal) = defended(&workers, retries(1, 1));
    for _ in 0..15 {
        assert_eq!(status_of(&proxy, SAFE[0]).await.0, "500");
    }
    let counts = journal.counts();
    assert_eq!(
        (counts.requests, counts.retries, counts.over_budget),
        (15, 10, 5)
    );
    assert_eq!(ill.requests(), 25);
}

/// Ejects workers after a number of failures in a row.
fn ejection(after: u32, time: Duration, panic_below: f64) -> Defences {
    Defences {
        passive_health: Some(PassiveHealth {
            consecutive: NonZeroU32::new(after),
            success_rate: None,
            time,
            at_most: Share::new(1.0).unwrap(),
            panic_below: Share::new(panic_below).unwrap(),
        }),
        ..Defences::default()
    }
}

/// No test takes so long.
const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_worker_that_fails_is_not_picked_for_a_while() {
    for request in SAFE {
        for ill in [
            Worker::answering(FAILURE).await,
            Worker::closing().await,
            Worker::silent().await,
        ] {
            let healthy = Worker::named('h').await;
            let workers = [ill.address, healthy.address];
            let defences = with_timeout(ejection(2, LONG, 0.1));
            let (proxy, journal) = defended(&workers, defences);
            for _ in 0..10 {
                status_of(&proxy, request).await;
            }
            assert_eq!(ill.requests(), 2, "{request:?}");
            assert!(healthy.requests() >= 8, "{request:?}");
            assert_eq!(journal.counts().ejections, 1, "{request:?}");
        }
    }
}

#[tokio::test]
async fn a_worker_that_refuses_connections_is_ejected() {
    let healthy = Worker::named('h').await;
    let workers = [unused_address().await, healthy.address];
    let (proxy, journal) = defended(&workers, ejection(1, LONG, 0.1));
    for request in SAFE {
        assert_eq!(status_of(&proxy, request).await.0, "200", "{request:?}");
    }
    assert_eq!(journal.counts().ejections, 1);
    assert_eq!(journal.counts().requests, SAFE.len() as u64);
}

#[tokio::test]
async fn an_ejected_worker_is_picked_again_after_its_time() {
    let (ill, healthy) = (Worker::answering(FAILURE).await, Worker::named('h').await);
    let workers = [ill.address, healthy.address];
    let (proxy, journal) = defended(&workers, ejection(1, Duration::from_millis(20), 0.1));
    while ill.requests() < 3 {
        status_of(&proxy, SAFE[0]).await;
    }
    assert_eq!(journal.counts().ejections, 3, "it is ejected again at once");
}

#[tokio::test]
async fn if_too_few_workers_are_left_all_are_picked() {
    let ill = [
        Worker::answering(FAILURE).await,
        Worker::answering(FAILURE).await,
    ];
    let workers = [ill[0].address, ill[1].address];
    let (proxy, journal) = defended(&workers, ejection(1, LONG, 0.5));
    for _ in 0..10 {
        assert_eq!(status_of(&proxy, SAFE[0]).await.0, "500");
    }
    assert_eq!(journal.counts().ejections, 2);
    assert!(ill.iter().all(|worker| worker.requests() >= 4));
}

/// Sends a second try when a request takes longer than this share of the last 100 and more.
fn hedging(after: f64) -> Defences {
    Defences {
        hedging: Some(Hedging {
            after: Share::new(after).unwrap(),
            budget: Budget {
                share: Share::new(0.001).unwrap(),
                per_second: 1000,
            },
        }),
        ..Defences::default()
    }
}

/// Creates a worker that answers a number of requests, and none after them.
async fn hanging_after(answers: usize) -> Worker {
    let answered = Arc::new(AtomicUsize::new(0));
    Worker::new(move |mut connection| {
        let answered = Arc::clone(&answered);
        async move {
            while connection.read_head().await.is_some() {
                if answered.fetch_add(1, SeqCst) < answers {
                    connection.answer("h").await;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_request_that_takes_long_is_sent_to_a_second_worker() {
    for request in SAFE {
        let workers = [hanging_after(100).await, Worker::named('s').await];
        let addresses = [workers[0].address, workers[1].address];
        let (proxy, journal) = defended(&addresses, hedging(1.0));
        // The first 100 latencies, from which the percentile comes. They alternate between the workers.
        for _ in 0..200 {
            assert_eq!(status_of(&proxy, request).await.0, "200", "{request:?}");
        }
        // The first worker hangs from now on.
        for _ in 0..4 {
            let (status, body) = status_of(&proxy, request).await;
            assert_eq!(
                (status.as_str(), body.as_str()),
                ("200", "s"),
                "{request:?}"
            );
        }
        let counts = journal.counts();
        assert!(
            counts.hedges_won >= 2 && counts.hedges >= counts.hedges_won,
            "{counts:?}"
        );
        assert_eq!(counts.retries, 0, "{request:?}");
    }
}

#[tokio::test]
async fn a_request_that_may_have_had_an_effect_has_no_second_try() {
    let workers = [hanging_after(50).await, Worker::named('s').await];
    let addresses = [workers[0].address, workers[1].address];
    let (proxy, journal) = defended(&addresses, with_timeout(hedging(1.0)));
    for _ in 0..100 {
        assert_eq!(status_of(&proxy, SAFE[0]).await.0, "200");
    }
    let before = journal.counts().hedges;
    // One of two requests goes to the worker that hangs.
    let statuses = [
        status_of(&proxy, UNSAFE[0]).await.0,
        status_of(&proxy, UNSAFE[0]).await.0,
    ];
    assert!(statuses.contains(&"504".to_owned()), "{statuses:?}");
    assert_eq!(journal.counts().hedges, before);
}
