//! How often rankings of many strategies see what is not there, and how often they find what is.

use crate::common::{header, measured};
use evenkeel_reports::compare::{Criteria, MIN_BLOCKS, Verdict, rankings};
use evenkeel_reports::{LoopKind, Measured, Study};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Cauchy, Distribution, StandardNormal, StudentT};
use rand_pcg::Pcg64Mcg;

const KEYS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// Studies per rate.
const STUDIES: usize = 120;

/// Logarithms of the figures of all strategies in a block on a machine of this kind.
fn block(kind: &str, random: &mut Pcg64Mcg) -> Vec<f64> {
    let normal = |random: &mut Pcg64Mcg| -> f64 { StandardNormal.sample(random) };
    let machine = normal(random);
    let mut logs: Vec<f64> = (0..KEYS.len())
        .map(|strategy| match kind {
            "calm" => 0.2 * normal(random),
            "one strategy varies six times as much" if strategy == 0 => 0.6 * normal(random),
            "one strategy varies six times as much" => 0.1 * normal(random),
            "heavy tails" => 0.1 * StudentT::new(2.0).unwrap().sample(random),
            "no mean at all" => Cauchy::new(0.0, 0.05).unwrap().sample(random),
            "two modes" => 0.2 * f64::from(random.random_range(-1..=1i8)) + 0.01 * normal(random),
            "blocks of different noise" => 0.2 * normal(random) * machine.exp(),
            // The first trial of a block is fastest, the last one slowest.
            "order matters" => 0.05 * strategy as f64,
            _ => panic!("no such noise: {kind}"),
        })
        .collect();
    if kind == "order matters" {
        logs.shuffle(random);
    }
    logs.iter().map(|log| log + machine).collect()
}

const KINDS: [&str; 7] = [
    "calm",
    "one strategy varies six times as much",
    "heavy tails",
    "no mean at all",
    "two modes",
    "blocks of different noise",
    "order matters",
];

/// A study in which the first strategy is truly `lead` times as fast as all others.
fn study(kind: &str, lead: f64, blocks: usize, random: &mut Pcg64Mcg) -> Study {
    let mut trials = Vec::new();
    for number in 0..blocks {
        for (key, log) in KEYS.into_iter().zip(block(kind, random)) {
            let factor = if key == KEYS[0] { lead } else { 1.0 };
            let figures = Measured {
                throughput_rps: 1_000.0 * log.exp() * factor,
                ..crate::common::figures(&[], 80.0, 1.5, None)
            };
            trials.push(measured(key, "bare", number as u32, figures));
        }
    }
    Study {
        header: header(&KEYS, &[("bare", LoopKind::Closed)]),
        trials,
        warnings: Vec::new(),
    }
}

/// The share of studies with any verdict on strategies that are all the same.
fn false_rate(kind: &str, blocks: usize, studies: usize) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(blocks as u64);
    let wrong = (0..studies).filter(|_| {
        let study = study(kind, 1.0, blocks, &mut random);
        rankings(&study, &Criteria::default())[0].groups.len() > 1
    });
    wrong.count() as f64 / studies as f64
}

#[test]
fn at_most_one_ranking_of_twenty_tells_equal_strategies_apart_whatever_the_noise() {
    for kind in KINDS {
        let rate = false_rate(kind, MIN_BLOCKS, STUDIES);
        assert!(rate <= 0.05, "{kind}: {rate}");
    }
}

#[test]
fn five_blocks_tell_nothing_apart() {
    assert_eq!(false_rate("calm", MIN_BLOCKS - 1, 10), 0.0);
}

/// The share of rivals that the leader is shown to be better than.
fn power(lead: f64, blocks: usize) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut shown = 0;
    for _ in 0..STUDIES / 4 {
        let study = study("calm", lead, blocks, &mut random);
        let ranking = &rankings(&study, &Criteria::default())[0];
        let rivals = ranking
            .rivals()
            .filter_map(|rival| rival.to_leader.as_ref());
        shown += rivals.filter(|c| c.verdict == Verdict::Worse).count();
    }
    shown as f64 / (STUDIES / 4 * (KEYS.len() - 1)) as f64
}

#[test]
fn six_blocks_show_a_factor_of_two_and_twelve_one_and_a_half_through_noise_of_a_quarter() {
    // Of the ratio of two strategies, whose logarithm has a standard deviation of 0.28.
    assert!(power(2.0, 6) >= 0.9, "{}", power(2.0, 6));
    assert!(power(1.5, 12) >= 0.8, "{}", power(1.5, 12));
}

#[test]
fn the_blocks_that_a_seen_difference_needs_show_it_in_most_studies() {
    let criteria = Criteria::default();
    let (mut random, mut studies, mut shown) = (Pcg64Mcg::seed_from_u64(3), 0, 0);
    while studies < STUDIES / 4 {
        let first = study("calm", 1.3, MIN_BLOCKS, &mut random);
        let ranking = &rankings(&first, &criteria)[0];
        let second = ranking.rivals().next().unwrap();
        let seen = second.to_leader.as_ref().unwrap();
        let Some(needed) = seen
            .blocks_needed
            .filter(|_| seen.ratio.unwrap().estimate < 0.9)
        else {
            continue;
        };
        studies += 1;
        assert!(needed > MIN_BLOCKS);
        // A study in which the true ratio is the one that was seen.
        let again = study(
            "calm",
            1.0 / seen.ratio.unwrap().estimate,
            needed,
            &mut random,
        );
        let ranking = &rankings(&again, &criteria)[0];
        let mut rivals = ranking.rivals();
        let same = rivals.find(|rival| rival.strategy == "b").unwrap();
        let verdict = same.to_leader.as_ref().map(|c| c.verdict);
        shown += usize::from(verdict == Some(Verdict::Worse));
    }
    assert!(shown * 10 >= studies * 7, "{shown} of {studies}");
}
