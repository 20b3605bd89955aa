//! Tests of policies: which worker they pick for given arrivals and loads.

mod affinity;
mod contributing;
mod latency;
mod load;
mod replaced;
mod rotation;
mod support;

/// The modules around the policy that the documentation shows.
mod policy {
    pub(crate) use evenkeel_strategies::policy::*;

    #[expect(unreachable_pub, reason = "a policy is public in the library")]
    pub(crate) mod first;
}

mod view {
    pub(crate) use evenkeel_strategies::{Signal, Workers};
}

use std::time::Duration;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{self as policies, FeedbackMode, Pick, Setup};
use proptest::prelude::*;
use support::{any_fleet, client, fleet};

/// Policies that make arrivals wait although workers are available.
const WAITING: [&str; 2] = ["idle", "late-binding"];

#[test]
fn only_policies_that_may_wait_get_feedback() {
    for kind in policies::all() {
        let has_feedback = kind.feedback != FeedbackMode::None;
        assert_eq!(has_feedback, WAITING.contains(&kind.name), "{}", kind.name);
    }
}

#[test]
fn no_pick_allocates() {
    for kind in policies::all() {
        let mut workers = Workers::new(64);
        let mut policy = (kind.make)(&Setup::new(64, 1));
        let mut rounds = |clients: std::ops::Range<u32>| {
            for number in clients {
                if let Pick::Worker(worker) = policy.pick(&client(number), &mut workers) {
                    workers.begin(worker);
                    workers.end(worker, 1);
                    policy.answered(worker, Duration::from_millis(1), client(number).at);
                }
            }
        };
        rounds(0..100); // the first pick may build a table
        let counted = allocation_counter::measure(|| rounds(100..1000));
        assert_eq!(counted.count_total, 0, "{}", kind.name);
    }
}

proptest! {
    #[test]
    fn no_policy_picks_a_worker_that_is_not_available(
        state in any_fleet(),
        clients in prop::collection::vec(any::<u32>(), 1..20),
        seed in any::<u64>(),
    ) {
        for kind in policies::all() {
            let mut workers = fleet(&state);
            let mut policy = (kind.make)(&Setup::new(state.len(), seed));
            let none = match WAITING.contains(&kind.name) {
                true => state.iter().all(|(available, load)| !available || *load > 0),
                false => state.iter().all(|(available, _)| !available),
            };
            for number in &clients {
                match policy.pick(&client(number % 1000), &mut workers) {
                    Pick::Worker(worker) => prop_assert!(state[worker].0, "{}", kind.name),
                    Pick::Wait => prop_assert!(none, "{}", kind.name),
                }
            }
        }
    }

    #[test]
    fn the_same_seed_picks_the_same(state in any_fleet(), seed in any::<u64>()) {
        for kind in policies::all() {
            let order = || {
                let mut workers = fleet(&state);
                let mut policy = (kind.make)(&Setup::new(state.len(), seed));
                (0..20).map(|number| policy.pick(&client(number), &mut workers)).collect::<Vec<_>>()
            };
            prop_assert_eq!(order(), order(), "{}", kind.name);
        }
    }
}
