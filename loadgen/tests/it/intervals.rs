//! The window in intervals.

use std::num::NonZeroU64;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::common::{Server, saying, short};
use evenkeel_loadgen::{Arrivals, Histogram, Interval, LoadSpec, Observer, Offer, run};

const OK: &str = "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 0\r\ncontent-length: 0\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";

#[derive(Default)]
struct Seen {
    intervals: Vec<Interval>,
    times: u64,
}

impl Observer for Seen {
    fn interval(&mut self, interval: &Interval, response: &Histogram<u64>) {
        assert_eq!(response.len(), interval.requests);
        self.intervals.push(*interval);
        self.times += response.len();
    }
}

fn spec(server: &Server) -> LoadSpec {
    LoadSpec {
        connections: 4,
        threads: 2,
        warmup: Duration::from_millis(30),
        interval: Duration::from_millis(50),
        ..short(server)
    }
}

#[test]
fn intervals_add_up_to_the_window() {
    let open = Offer::Open {
        rate_rps: 1_000.0,
        arrivals: Arrivals::Poisson,
    };
    for offer in [Offer::Closed, open] {
        for answer in [OK, BUSY] {
            let server = saying(answer);
            let spec = LoadSpec {
                offer: offer.clone(),
                ..spec(&server)
            };
            let mut seen = Seen::default();
            let outcome = run(&spec, &AtomicBool::new(false), &mut seen).expect("offered");
            assert_eq!(outcome.intervals, seen.intervals);
            let sum = |count: fn(&Interval) -> u64| seen.intervals.iter().map(count).sum::<u64>();
            assert_eq!(sum(|interval| interval.requests), outcome.requests);
            assert_eq!(sum(|interval| interval.failures), outcome.failures());
            assert!(outcome.requests + outcome.failures() > 0);
            assert_eq!(seen.times, outcome.response.len());
        }
    }
}

#[test]
fn intervals_follow_each_other_from_the_opening_of_the_window_to_its_end() {
    let server = saying(OK);
    let spec = spec(&server);
    let outcome = run(&spec, &AtomicBool::new(false), &mut ()).expect("offered");
    let mut at = Duration::ZERO;
    for interval in &outcome.intervals {
        assert_eq!(interval.begin, at);
        assert!(interval.begin < interval.end);
        assert_eq!(interval.response.is_some(), interval.requests > 0);
        at = interval.end;
    }
    assert_eq!(at, outcome.duration);
}

#[test]
fn a_run_shorter_than_an_interval_has_one_interval() {
    let server = saying(OK);
    let spec = LoadSpec {
        requests: NonZeroU64::new(10),
        duration: Duration::MAX,
        interval: Duration::from_secs(3_600),
        ..spec(&server)
    };
    let outcome = run(&spec, &AtomicBool::new(false), &mut ()).expect("offered");
    let [only] = outcome.intervals[..] else {
        panic!("one interval, not {:?}", outcome.intervals)
    };
    assert_eq!((only.requests, only.end), (10, outcome.duration));
}
