//! What became of each request is logged on request.

use std::io::Write;
use std::num::NonZeroU64;

use crate::common::{Server, Then, answering, offer, saying, short};
use evenkeel_loadgen::{
    Arrivals, Cost, LoadSpec, Offer, RequestSpec, Work, WorkKind, WorkPart, predict,
};

/// Poisson arrivals with drawn work, each on its own connection.
fn spec(server: &Server, threads: usize) -> LoadSpec {
    let part = WorkPart {
        weight: 1.0,
        kind: WorkKind::Block,
        cost: Cost::Exponential(2_000.0),
    };
    LoadSpec {
        offer: Offer::Open {
            rate_rps: 300.0,
            arrivals: Arrivals::Poisson,
        },
        request: RequestSpec {
            work: Work::Mix(vec![part]),
            ..RequestSpec::default()
        },
        connections: 64,
        threads,
        requests_per_connection: NonZeroU64::new(1),
        keep_request_log: true,
        ..short(server)
    }
}

/// Starts a server that reports as many nanoseconds of work as the target has microseconds, and
/// refuses every `refused`-th request.
fn reporting(refused: usize) -> Server {
    answering(move |request, stream| {
        let us: u64 = request
            .target()
            .trim_start_matches("/block/")
            .parse()
            .unwrap_or(0);
        let status = match (request.connection + 1).is_multiple_of(refused) {
            true => "503 Busy",
            false => "200 OK",
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nx-evenkeel-worker: 7\r\nx-evenkeel-work: {us}\r\n\
             content-length: 0\r\n\r\n"
        )?;
        Ok(Then::Close)
    })
}

#[test]
fn each_arrival_has_the_work_that_its_answer_reports() {
    for threads in [1, 2, 3] {
        let server = reporting(usize::MAX);
        let spec = spec(&server, threads);
        let outcome = offer(&spec);
        let request_log = outcome.request_log.expect("it was requested");
        let predicted: Vec<_> = request_log.iter().map(|entry| entry.predicted).collect();
        assert_eq!(Some(predicted), predict(&spec));
        for entry in &request_log {
            let served = entry.served.expect("answered");
            assert_eq!(
                (served.work_ns, served.worker),
                (Some(entry.predicted.work_us), Some(7))
            );
            assert!(entry.predicted.at_ns <= served.sent_ns);
            assert!(served.sent_ns <= served.answered_ns);
        }
    }
}

#[test]
fn a_failed_request_has_an_empty_line() {
    let server = reporting(5);
    let outcome = offer(&spec(&server, 2));
    let request_log = outcome.request_log.as_ref().expect("it was requested");
    let empty = request_log
        .iter()
        .filter(|entry| entry.served.is_none())
        .count();
    assert_eq!(empty as u64, outcome.failures());
    assert!(empty > 0);
}

#[test]
fn a_server_that_reports_no_work_leaves_it_out_of_its_lines() {
    let server = saying("HTTP/1.1 200 OK\r\nx-evenkeel-worker: 0\r\ncontent-length: 0\r\n\r\n");
    let outcome = offer(&spec(&server, 1));
    let request_log = outcome.request_log.expect("it was requested");
    assert!(!request_log.is_empty());
    let served = request_log
        .iter()
        .map(|entry| entry.served.expect("answered"));
    for served in served {
        assert_eq!((served.work_ns, served.worker), (None, Some(0)));
    }
}

#[test]
fn a_closed_loop_has_no_request_log() {
    let server = reporting(usize::MAX);
    let closed = LoadSpec {
        offer: Offer::Closed,
        ..spec(&server, 1)
    };
    assert_eq!(offer(&closed).request_log, None);
}
