//! Workers with names instead of numbers.

use std::io::Write;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use crate::common::{Server, Then, answering, offer, short};
use evenkeel_loadgen::{Arrivals, Cost, LoadSpec, Offer, RequestSpec, Work, WorkKind, WorkPart};

/// Names as large as process IDs, in the order of the workers' numbers.
const NAMES: [u32; 3] = [4_194_303, 70_001, 70_000];

/// Starts a server with these workers, which take requests in turn.
fn served_by(names: &'static [u32]) -> Server {
    answering(move |request, stream| {
        let name = names[(request.connection + request.number) % names.len()];
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nx-evenkeel-worker: {name}\r\nx-evenkeel-work: 1\r\n\
             content-length: 0\r\n\r\n"
        )?;
        Ok(match request.asks_to_close() {
            true => Then::Close,
            false => Then::Keep,
        })
    })
}

/// Returns a run of ninety requests on one connection.
fn ninety(server: &Server) -> LoadSpec {
    LoadSpec {
        connections: 1,
        requests: NonZeroU64::new(90),
        duration: Duration::MAX,
        worker_names: NAMES.to_vec(),
        ..short(server)
    }
}

#[test]
fn answers_count_for_the_workers_with_these_names() {
    let server = served_by(&[70_000, 4_194_303, 70_000]);
    let spec = ninety(&server);
    assert_eq!(offer(&spec).per_worker, [30, 0, 60]);
    let pipeline = NonZeroU32::new(4).expect("not 0");
    let pipelined = LoadSpec { pipeline, ..spec };
    assert_eq!(offer(&pipelined).per_worker, [30, 0, 60]);
}

#[test]
fn unknown_names_have_the_numbers_after_the_last_worker() {
    let server = served_by(&[70_000, 0, u32::MAX]);
    let outcome = offer(&ninety(&server));
    assert_eq!(outcome.per_worker, [0, 0, 30, 30, 30]);
    let names = outcome.later_workers.iter().map(|later| later.name);
    assert!(names.eq([0, u32::MAX]));
    assert_eq!(outcome.unattributed, 0);
}

#[test]
fn a_request_log_has_numbers_and_no_names() {
    let server = served_by(&[70_001]);
    let part = WorkPart {
        weight: 1.0,
        kind: WorkKind::Block,
        cost: Cost::Fixed(1.0),
    };
    let outcome = offer(&LoadSpec {
        offer: Offer::Open {
            rate_rps: 300.0,
            arrivals: Arrivals::Constant,
        },
        request: RequestSpec {
            work: Work::Mix(vec![part]),
            ..RequestSpec::default()
        },
        keep_request_log: true,
        worker_names: NAMES.to_vec(),
        ..short(&server)
    });
    let request_log = outcome.request_log.expect("it was requested");
    assert!(!request_log.is_empty());
    let numbers = request_log
        .iter()
        .map(|entry| entry.served.and_then(|it| it.worker));
    assert!(numbers.into_iter().all(|number| number == Some(1)));
}
