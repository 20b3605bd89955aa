//! The method itself: how often it sees what is not there, and how often it finds what is.

use crate::common::{data, header, measured};
use evenkeel_reports::compare::{Criteria, Metric, Noise, Precision, false_verdicts, leading};
use evenkeel_reports::{LoopKind, Measured, Study};
use rand::{RngExt, SeedableRng};
use rand_distr::{Cauchy, Distribution, StandardNormal, StudentT};
use rand_pcg::Pcg64Mcg;

/// Studies per rate. A true rate of 5% then shows as less than 7.2% in 99.9% of seeds.
const STUDIES: usize = 1_000;

/// Studies that are followed block by block, and the blocks at which they end at the latest.
const STOPPED: usize = 300;
const MOST: usize = 40;

/// Blocks from which noise is drawn.
const LENGTH: usize = 500;

/// Log ratios of A/A blocks on a machine of this kind.
fn noise(kind: &str) -> Vec<f64> {
    let mut random = Pcg64Mcg::seed_from_u64(11);
    let mut state = 0.0;
    let mut next = |block: usize| {
        let normal: f64 = StandardNormal.sample(&mut random);
        state = 0.9 * state + 0.02 * normal;
        match kind {
            "calm" => 0.02 * normal,
            "heavy tails" => 0.02 * StudentT::new(2.0).unwrap().sample(&mut random),
            "no mean at all" => Cauchy::new(0.0, 0.02).unwrap().sample(&mut random),
            "lasting moods" => state,
            "two modes" => 0.1 * f64::from(random.random_range(-1..=1i8)) + 0.005 * normal,
            "drift" => 0.02 * normal + 0.2 * (block as f64 / 60.0).sin(),
            // The first trial of a block is always 5% faster: all that a coin leaves is its sign.
            "order matters" => 0.05 + 1e-4 * normal,
            _ => panic!("no such noise: {kind}"),
        }
    };
    (0..LENGTH).map(&mut next).collect()
}

const KINDS: [&str; 7] = [
    "calm",
    "heavy tails",
    "no mean at all",
    "lasting moods",
    "two modes",
    "drift",
    "order matters",
];

/// Real trials on a virtual machine with two CPUs that had nothing else to do: `evenkeel run -s
/// reuseport -s shared-listener -S short-lived -b 80 -d 700ms`, without the histograms.
fn recorded() -> Vec<(Metric, String, Noise)> {
    let study = Study::read(&data("recorded-noise.jsonl")).unwrap();
    let plan = &study.header.plan;
    let mut all = Vec::new();
    for scenario in &plan.scenarios {
        for strategy in &plan.strategies {
            for metric in Metric::ALL {
                let noise = Noise::of(&study, &scenario.name, &strategy.key, metric);
                let name = format!("{} of {}", metric.name(), strategy.key);
                all.extend(noise.map(|noise| (metric, name, noise)));
            }
        }
    }
    all
}

fn share(count: usize) -> f64 {
    count as f64 / STUDIES as f64
}

fn false_rate(noise: &Noise, blocks: usize, criteria: &Criteria) -> f64 {
    let mut random = Pcg64Mcg::seed_from_u64(blocks as u64);
    let tally = noise.verdicts(1.0, blocks, STUDIES, criteria, &mut random);
    share(tally.better + tally.worse)
}

#[test]
fn synthetic_noise_gives_false_verdicts_in_at_most_one_study_of_twenty() {
    for kind in KINDS {
        let noise = Noise::new(Metric::P99, noise(kind)).unwrap();
        for blocks in [2, 5, 6, 10, 30] {
            let rate = false_rate(&noise, blocks, &Criteria::default());
            assert!(rate <= 0.05, "{kind}, {blocks} blocks: {rate}");
        }
    }
}

#[test]
fn a_margin_is_not_what_keeps_false_verdicts_rare() {
    let criteria = Criteria {
        margin: 0.0,
        ..Criteria::default()
    };
    for kind in KINDS {
        let noise = Noise::new(Metric::P99, noise(kind)).unwrap();
        for blocks in [6, 10] {
            let rate = false_rate(&noise, blocks, &criteria);
            assert!(rate <= 0.072, "{kind}, {blocks} blocks: {rate}");
        }
    }
}

#[test]
fn recorded_noise_gives_false_verdicts_in_at_most_one_study_of_twenty() {
    for (_, name, noise) in recorded() {
        for blocks in [6, 10, 20] {
            let rate = false_rate(&noise, blocks, &Criteria::default());
            assert!(rate <= 0.05, "{name}, {blocks} blocks: {rate}");
        }
    }
}

/// The metrics of a closed loop that a gate must decide.
const REQUIRED: [Metric; 2] = [Metric::Throughput, Metric::CpuPerRequest];

#[test]
fn a_true_change_of_five_per_cent_is_found_in_nine_studies_of_ten() {
    let criteria = Criteria::default();
    let required = recorded()
        .into_iter()
        .filter(|(metric, ..)| REQUIRED.contains(metric));
    let required: Vec<_> = required.collect();
    assert_eq!(required.len(), 4, "two metrics of two strategies");
    for (_, name, noise) in required {
        let mut random = Pcg64Mcg::seed_from_u64(5);
        let blocks = noise.blocks_needed(1.05, &criteria, &mut random).unwrap();
        let tally = noise.verdicts(1.05, blocks, STUDIES, &criteria, &mut random);
        let found = share(tally.better.max(tally.worse));
        assert!(found >= 0.9, "{name}, {blocks} blocks: {found}");
        assert_eq!(
            tally.better.min(tally.worse),
            0,
            "{name}: the wrong way round"
        );
    }
}

/// Studies that go on until the interval reaches no farther than 3% up, 40 blocks at most: the
/// share that then ends in a verdict, and the blocks that they took on average.
fn stopped_by_width(kind: &str, criteria: &Criteria) -> (f64, f64) {
    let noise = noise(kind);
    let mut random = Pcg64Mcg::seed_from_u64(9);
    let (mut verdicts, mut blocks) = (0, 0);
    for _ in 0..STOPPED {
        let first = random.random_range(0..LENGTH - MOST);
        let mut study = two_copies(&noise[first..first + MOST], &mut random);
        let whole = std::mem::take(&mut study.trials);
        for trials in whole.chunks(2) {
            study.trials.extend_from_slice(trials);
            let compared = leading(&study, "a#1", criteria);
            let precision = Precision::of(&compared, 0.03, criteria).unwrap();
            if precision.is_reached() {
                break;
            }
        }
        blocks += study.trials.len() / 2;
        verdicts += false_verdicts(&study, criteria).false_verdicts;
    }
    (
        verdicts as f64 / STOPPED as f64,
        blocks as f64 / STOPPED as f64,
    )
}

/// A study of a strategy and itself with these log ratios, each the one way round or the other.
fn two_copies(log_ratios: &[f64], random: &mut Pcg64Mcg) -> Study {
    let trial = |key, block: usize, log: f64| {
        let figures = Measured {
            throughput_rps: 1_000.0 * log.exp(),
            ..crate::common::figures(&[], 80.0, 1.5, None)
        };
        measured(key, "bare", block as u32, figures)
    };
    let mut trials = Vec::new();
    for (block, ratio) in log_ratios.iter().enumerate() {
        let sign = if random.random() { 0.5 } else { -0.5 };
        trials.push(trial("a#1", block, sign * ratio));
        trials.push(trial("a#2", block, -sign * ratio));
    }
    Study {
        header: header(&["a#1", "a#2"], &[("bare", LoopKind::Closed)]),
        trials,
        warnings: Vec::new(),
    }
}

#[test]
fn stopping_when_intervals_are_narrow_makes_no_more_false_verdicts() {
    let criteria = Criteria {
        margin: 0.0,
        ..Criteria::default()
    };
    for kind in ["calm", "heavy tails", "lasting moods", "order matters"] {
        let (rate, blocks) = stopped_by_width(kind, &criteria);
        assert!(rate <= 0.05, "{kind}: {rate} after {blocks} blocks");
    }
}
