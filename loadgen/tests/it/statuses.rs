//! Which answers are a success, and how many have which status.

use std::io::Write;
use std::num::NonZeroU64;
use std::time::Duration;

use crate::common::{Then, answering, offer, short};
use evenkeel_loadgen::{ErrorClass, LoadSpec, StatusSet};

/// Statuses of the answers, in turn.
const STATUSES: [u16; 4] = [200, 404, 204, 500];

#[test]
fn answers_are_counted_by_status_and_the_expected_ones_are_a_success() {
    for (expected, requests, failed) in [
        (StatusSet::default(), 10, [404, 500]),
        (StatusSet::of([404..=404, 500..=599]), 10, [200, 204]),
    ] {
        let server = answering(|request, stream| {
            let status = STATUSES[request.number % STATUSES.len()];
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")?;
            Ok(Then::Keep)
        });
        let outcome = offer(&LoadSpec {
            connections: 1,
            requests: NonZeroU64::new(20),
            duration: Duration::MAX,
            expected_statuses: expected,
            ..short(&server)
        });
        let statuses = [(200, 5), (204, 5), (404, 5), (500, 5)];
        assert_eq!(outcome.statuses, statuses.into());
        assert_eq!(
            (outcome.requests, outcome.response.len()),
            (requests, requests)
        );
        let errors = failed.map(|status| (ErrorClass::Status(status), 5));
        assert_eq!(outcome.errors, errors.into());
    }
}

#[test]
fn if_no_status_was_expected_the_outcome_names_those_that_came() {
    let server = crate::common::saying("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n");
    let outcome = offer(&LoadSpec {
        requests: NonZeroU64::new(7),
        duration: Duration::MAX,
        ..short(&server)
    });
    let reasons = ["no answer had an expected status: 7 × 503"];
    assert_eq!(outcome.invalid_because, reasons);
}
