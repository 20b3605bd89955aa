//! A server that stalls: all requests that were due in the meantime waited, and the percentiles show
//! for how long.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{Server, Then, answering, offer, short};
use evenkeel_loadgen::{Arrivals, LoadSpec, Offer, Outcome};

const OK: &str = "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 0\r\ncontent-length: 0\r\n\r\n";

const RATE_RPS: f64 = 1_000.0;
const PERIOD: Duration = Duration::from_secs(1);
const STALL: Duration = Duration::from_millis(100);

/// One of this number of runs must be undisturbed by other work of this machine.
const ATTEMPTS: usize = 8;

/// When each request was answered, in the order of the answers.
type Answers = Arc<Mutex<Vec<Instant>>>;

/// Serves one connection, and stalls for the first tenth of each second.
fn stalling(answers: &Answers) -> Server {
    let answers = Arc::clone(answers);
    let started = Instant::now();
    answering(move |_, stream| {
        let into_period = started.elapsed().as_nanos() % PERIOD.as_nanos();
        let left = STALL.as_nanos().saturating_sub(into_period);
        sleep(Duration::from_nanos(left as u64));
        let mut answers = answers.lock().expect("no panic before");
        answers.push(Instant::now());
        stream.write_all(OK.as_bytes())?;
        Ok(Then::Keep)
    })
}

/// Returns response times as seen by the server: the i-th arrival was due i gaps after the window
/// opened, and one connection is served in order.
fn as_served(outcome: &Outcome, answers: &[Instant]) -> Vec<Duration> {
    let opened = outcome.opened_at.expect("the window opened");
    let due = |number: usize| opened + Duration::from_secs_f64(number as f64 / RATE_RPS);
    let mut times: Vec<Duration> = (answers.iter().enumerate())
        .map(|(number, at)| at.saturating_duration_since(due(number)))
        .collect();
    times.sort_unstable();
    times
}

fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.max(1) - 1].as_nanos() as f64
}

/// Returns the tail of one run, as seen by the generator and by the server.
fn tails() -> Vec<(f64, f64)> {
    let answers = Answers::default();
    let server = stalling(&answers);
    let spec = LoadSpec {
        offer: Offer::Open {
            rate_rps: RATE_RPS,
            arrivals: Arrivals::Constant,
        },
        connections: 1,
        duration: 2 * PERIOD,
        ..short(&server)
    };
    let outcome = offer(&spec);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert_eq!(outcome.requests, 2_000, "nothing is skipped");
    let served = as_served(&outcome, &answers.lock().expect("no panic before"));
    // A tenth of all arrivals fell into a stall and waited for its end.
    let seen = |share| outcome.response.value_at_quantile(share) as f64;
    let shares = [0.92, 0.95, 0.99, 0.999];
    shares
        .map(|share| (seen(share), quantile(&served, share)))
        .to_vec()
}

#[test]
fn percentiles_include_all_requests_that_were_due_in_a_stall() {
    let mut attempts = Vec::new();
    for _ in 0..ATTEMPTS {
        let tails = tails();
        let (_, p99) = tails[2];
        assert!(
            p99 > STALL.as_nanos() as f64 / 2.0,
            "the server stood still"
        );
        if tails
            .iter()
            .all(|(seen, exact)| (seen / exact - 1.0).abs() < 0.02)
        {
            return;
        }
        attempts.push(tails);
    }
    panic!("never within 2%, in nanoseconds: {attempts:#?}");
}
