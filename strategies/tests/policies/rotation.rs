//! Policies that give every worker its share, independent of load.

use std::num::NonZeroU16;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{Policy, Setup};
use proptest::prelude::*;

use crate::support::{counts, kind, picks, policy};

#[test]
fn round_robin_picks_workers_in_strict_rotation() {
    let order = picks(&mut *policy("round-robin", 3), 7, &mut Workers::new(3));
    assert_eq!(order, [0, 1, 2, 0, 1, 2, 0]);
}

#[test]
fn round_robin_passes_over_a_worker_that_is_not_available() {
    let mut workers = Workers::new(4);
    workers.set_available(2, false);
    assert_eq!(
        picks(&mut *policy("round-robin", 4), 6, &mut workers),
        [0, 1, 3, 0, 1, 3]
    );
}

#[test]
fn random_gives_every_worker_its_share() {
    // 8,000 draws over 8 workers: the count of one worker has a standard deviation of 30.
    let drawn = picks(&mut *policy("random", 8), 8000, &mut Workers::new(8));
    let drawn = counts(&drawn, 8);
    assert!(
        drawn.iter().all(|count| count.abs_diff(1000) < 180),
        "{drawn:?}"
    );
}

#[test]
fn random_draws_another_order_from_another_seed() {
    let draw = |seed| {
        let mut policy = (kind("random").make)(&Setup::new(8, seed));
        picks(&mut *policy, 50, &mut Workers::new(8))
    };
    assert_ne!(draw(7), draw(8));
}

#[test]
fn weighted_spreads_the_turns_of_a_heavy_worker_evenly() {
    let mut policy = weighted(&[3, 1, 1]);
    let order = picks(&mut *policy, 10, &mut Workers::new(3));
    assert_eq!(order, [0, 1, 0, 2, 0, 0, 1, 0, 2, 0]);
}

#[test]
fn weighted_continues_with_the_others_while_a_worker_is_unavailable() {
    let (mut policy, mut workers) = (weighted(&[2, 1, 1]), Workers::new(3));
    picks(&mut *policy, 3, &mut workers);
    workers.set_available(0, false);
    let without = picks(&mut *policy, 10, &mut workers);
    assert_eq!(counts(&without, 3), [0, 5, 5]);
    workers.set_available(0, true);
    let with = picks(&mut *policy, 40, &mut workers);
    assert!(counts(&with, 3)[0].abs_diff(20) <= 2, "{with:?}");
}

fn weighted(weights: &[u16]) -> Box<dyn Policy> {
    let mut setup = Setup::new(weights.len(), 1);
    let weights = weights.iter().map(|weight| NonZeroU16::new(*weight));
    setup.options.weights = weights.map(|weight| weight.expect("not zero")).collect();
    (kind("weighted").make)(&setup)
}

proptest! {
    #[test]
    fn weighted_gives_each_its_weight_in_every_round(weights in prop::collection::vec(1..20_u16, 1..12)) {
        let (mut policy, mut workers) = (weighted(&weights), Workers::new(weights.len()));
        for _ in 0..3 {
            let order = picks(&mut *policy, weights.iter().map(|weight| u32::from(*weight)).sum(), &mut workers);
            let turns: Vec<usize> = weights.iter().map(|weight| usize::from(*weight)).collect();
            prop_assert_eq!(counts(&order, weights.len()), turns);
        }
    }

    #[test]
    fn round_robin_is_never_more_than_one_ahead(workers in 1..30_usize, arrivals in 1..500_u32) {
        let order = picks(&mut *policy("round-robin", workers), arrivals, &mut Workers::new(workers));
        let counts = counts(&order, workers);
        let spread = counts.iter().max().zip(counts.iter().min()).map(|(most, least)| most - least);
        prop_assert!(spread <= Some(1));
    }
}
