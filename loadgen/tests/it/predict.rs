//! The requests of an open loop can be predicted.

use std::num::NonZeroU64;

use crate::common::{answering, offer, saying, short};
use evenkeel_loadgen::{
    Arrivals, Cost, LoadSpec, Offer, RequestSpec, Work, WorkKind, WorkPart, predict,
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn spec(server: &crate::common::Server, threads: usize) -> LoadSpec {
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
        ..short(server)
    }
}

#[test]
fn the_requests_of_a_run_are_those_predicted() {
    for threads in [1, 2, 3] {
        let server = saying(OK);
        let spec = spec(&server, threads);
        let mut predicted: Vec<String> = predict(&spec)
            .expect("an open loop")
            .iter()
            .map(|request| format!("/block/{:010}", request.work_us))
            .collect();
        let outcome = offer(&spec);
        assert_eq!(outcome.request_log, None, "it was not requested");
        let seen = server.seen();
        assert_eq!(seen.len(), predicted.len());
        predicted.sort_unstable();
        for request in &seen {
            let text = format!("{request:?}");
            assert!(
                predicted.iter().any(|target| text.contains(target)),
                "{text}"
            );
        }
    }
}

#[test]
fn arrivals_do_not_depend_on_the_number_of_threads_and_come_in_order() {
    let server = answering(|_, _| Ok(crate::common::Then::Close));
    let times = |threads| {
        let requests = predict(&spec(&server, threads)).expect("an open loop");
        requests.iter().map(|r| r.at_ns).collect::<Vec<_>>()
    };
    assert_eq!(times(1), times(3));
    assert!(times(1).is_sorted());
}

#[test]
fn a_closed_loop_and_fixed_targets_are_not_predicted() {
    let server = answering(|_, _| Ok(crate::common::Then::Close));
    let open = spec(&server, 1);
    let closed = LoadSpec {
        offer: Offer::Closed,
        ..open.clone()
    };
    let as_they_stand = LoadSpec {
        request: RequestSpec::default(),
        ..open
    };
    assert_eq!((predict(&closed), predict(&as_they_stand)), (None, None));
}
