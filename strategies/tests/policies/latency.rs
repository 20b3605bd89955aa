//! Policies that use the latency of workers.

use std::time::Duration;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::Policy;

use crate::support::{counts, loaded, picks, policy};

const AT_ONCE: Duration = Duration::ZERO;
const FAST: Duration = Duration::from_millis(1);
const SLOW: Duration = Duration::from_millis(80);

/// Returns a policy that has seen several answers of each worker, with these latencies.
fn trained(name: &str, latencies: &[Duration]) -> Box<dyn Policy> {
    let mut policy = policy(name, latencies.len());
    for _ in 0..8 {
        for (worker, latency) in latencies.iter().enumerate() {
            policy.answered(worker, *latency, AT_ONCE);
        }
    }
    policy
}

#[test]
fn peak_ewma_picks_the_quicker_of_two() {
    let mut policy = trained("peak-ewma", &[SLOW, FAST]);
    let order = picks(&mut *policy, 50, &mut Workers::new(2));
    assert_eq!(counts(&order, 2), [0, 50]);
}

#[test]
fn peak_ewma_weights_latency_by_the_requests_in_flight() {
    let mut policy = trained("peak-ewma", &[4 * FAST, FAST]);
    let order = picks(&mut *policy, 50, &mut loaded(&[0, 9]));
    assert_eq!(counts(&order, 2), [50, 0]);
}

#[test]
fn peak_ewma_reacts_to_a_peak_at_once_and_forgets_it_slowly() {
    let mut policy = trained("peak-ewma", &[FAST, FAST, FAST]);
    policy.answered(0, SLOW, AT_ONCE);
    policy.answered(0, FAST, Duration::from_millis(10));
    let order = picks(&mut *policy, 50, &mut Workers::new(3));
    assert_eq!(counts(&order, 3)[0], 0);
    for second in 1..100 {
        for (worker, latency) in [FAST / 2, FAST, FAST].into_iter().enumerate() {
            policy.answered(worker, latency, Duration::from_secs(second));
        }
    }
    let order = picks(&mut *policy, 50, &mut Workers::new(3));
    assert!(counts(&order, 3)[0] > 0);
}

#[test]
fn peak_ewma_does_not_flood_a_worker_that_has_never_answered() {
    let mut policy = policy("peak-ewma", 2);
    policy.answered(0, SLOW, AT_ONCE);
    let order = picks(&mut *policy, 50, &mut loaded(&[5, 1]));
    assert_eq!(counts(&order, 2), [50, 0]);
}

#[test]
fn prequal_picks_the_quickest_if_no_worker_has_many_requests() {
    let mut policy = trained("prequal", &[SLOW, SLOW, SLOW, FAST]);
    let order = picks(&mut *policy, 1000, &mut Workers::new(4));
    let counts = counts(&order, 4);
    assert!(counts[3] > 500, "{counts:?}");
}

#[test]
fn prequal_avoids_a_quick_worker_with_many_requests() {
    let mut policy = trained("prequal", &[FAST, SLOW, SLOW, SLOW, SLOW, SLOW, SLOW, SLOW]);
    let order = picks(&mut *policy, 1000, &mut loaded(&[90, 1, 1, 1, 1, 1, 1, 1]));
    let counts = counts(&order, 8);
    // An eighth would be an even share.
    assert!(counts[0] < 60, "{counts:?}");
}
