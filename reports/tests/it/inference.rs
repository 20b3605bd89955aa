//! The tests that verdicts rest on, against printed tables; chance; and the course of a trial.

use std::num::NonZeroU32;

use evenkeel_reports::stats::rank::{rank_sum, signed_rank};
use evenkeel_reports::stats::{Sample, Steadiness, chance, holm};
use evenkeel_reports::{HostShares, IntervalRecord, LoopKind};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_pcg::Pcg64Mcg;

fn seeded(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    let off = (actual - expected).abs();
    assert!(
        off <= tolerance,
        "{actual} is not {expected} (off by {off})"
    );
}

#[test]
fn a_sample_has_two_values_and_no_nan() {
    assert_eq!(Sample::new(vec![1.0]), None);
    assert_eq!(Sample::new(vec![1.0, f64::NAN]), None);
    assert_eq!(Sample::new(vec![1.0, f64::INFINITY]), None);
    let sample = Sample::new(vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
    assert_eq!(sample.mean(), 5.0);
    assert_near(sample.variance(), 32.0 / 7.0, 1e-12);
}

#[test]
fn holm_corrects_the_smallest_most_and_keeps_the_order() {
    let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
    for (corrected, expected) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        assert_near(*corrected, expected, 1e-12);
    }
    assert_eq!(holm(&[0.6, 0.9]), [1.0, 1.0]);
    assert!(holm(&[]).is_empty());
}

/// The signed-rank test of differences 1, 2, 3 … of which those with this sum are negative.
fn with_negative_sum(pairs: usize, sum: usize) -> f64 {
    let mut left = sum;
    let mut differences: Vec<f64> = (1..=pairs).map(|rank| rank as f64).collect();
    for rank in (1..=pairs).rev() {
        if rank <= left {
            left -= rank;
            differences[rank - 1] = -(rank as f64);
        }
    }
    signed_rank(&differences)
}

#[test]
fn signed_ranks_are_as_likely_as_the_printed_table_says() {
    // Critical values of T at 2.5% one-sided, in every table since Wilcoxon, 1945, and up to 100
    // pairs since R. L. McCornack, 1965: the table's T is reached with at most 2.5%, the next is
    // not. From 51 pairs on the normal curve stands in, which must come as close.
    for (pairs, critical) in [(7, 2), (10, 8), (20, 52), (50, 434)] {
        assert!(with_negative_sum(pairs, critical) <= 0.025);
        assert!(with_negative_sum(pairs, critical + 1) > 0.025);
    }
    for (pairs, critical) in [(60, 648), (100, 1_955)] {
        assert_near(with_negative_sum(pairs, critical), 0.025, 5e-4);
    }
    assert_eq!(signed_rank(&[1.0; 6]), 1.0 / 64.0);
    assert_eq!(signed_rank(&[0.0, 0.0]), 1.0);
}

#[test]
fn rank_sums_are_as_likely_as_the_printed_table_says() {
    // Four against four, all above: one way of 70. Critical U at 2.5%: 2 of 5 against 5
    // (Mann and Whitney, 1947), where 3 is too likely.
    assert_near(
        rank_sum(&[5.0, 6.0, 7.0, 8.0], &[1.0, 2.0, 3.0, 4.0]),
        1.0 / 70.0,
        1e-12,
    );
    let with_two_below = rank_sum(&[4.5, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 5.0, 6.0]);
    let with_three_below = rank_sum(&[3.5, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 4.0, 5.0, 6.0]);
    assert!(with_two_below <= 0.025 && with_three_below > 0.025);
    assert_eq!(rank_sum(&[1.0, 1.0], &[1.0, 1.0, 1.0]), 1.0);
}

#[test]
fn many_values_are_judged_as_those_that_can_still_be_counted() {
    // One value more crosses over from counting to the normal curve, and must change little.
    let above: Vec<f64> = (0..26).map(|n| f64::from(n) + 3.2).collect();
    let below: Vec<f64> = (0..25).map(f64::from).collect();
    assert_near(
        rank_sum(&above[..25], &below),
        rank_sum(&above, &below),
        0.02,
    );
}

#[test]
fn luck_agrees_with_pearsons_statistic() {
    // Jain's index is n/(n + X²); of X² with 3 degrees of freedom the mean is 3, and 95% lie
    // between 0.216 and 9.348 (any table of chi-squared).
    let of = |x: f64| 1_000.0 / (1_000.0 + x);
    let chance = chance(1_000, NonZeroU32::new(4).unwrap(), &mut seeded(1)).unwrap();
    assert_near(chance.jain.expected, of(3.0), 2e-4);
    assert_near(chance.jain.high, of(0.216), 2e-4);
    assert_near(chance.jain.low, of(9.348), 1e-3);
    assert!(chance.max_over_mean.low > 1.0 && chance.max_over_mean.high < 1.2);
    assert!(chance.min_over_mean.low > 0.8 && chance.min_over_mean.high < 1.0);
}

#[test]
fn few_connections_are_shared_as_unevenly_as_can_be_counted_by_hand() {
    // Two connections, two workers: together or apart, each half of the time.
    let workers = NonZeroU32::new(2).unwrap();
    let two = chance(2, workers, &mut seeded(1)).unwrap();
    assert_near(two.jain.expected, 0.75, 0.02);
    assert_eq!((two.jain.low, two.jain.high), (0.5, 1.0));
    assert_eq!((two.max_over_mean.low, two.max_over_mean.high), (1.0, 2.0));
    assert_eq!((two.min_over_mean.low, two.min_over_mean.high), (0.0, 1.0));
    assert_eq!(chance(0, workers, &mut seeded(1)), None);
    let alone = chance(7, NonZeroU32::MIN, &mut seeded(1)).unwrap();
    assert_eq!((alone.jain.low, alone.max_over_mean.high), (1.0, 1.0));
}

/// A time series about a level of 1, with this noise and a beginning of its own.
fn steadiness(noise: f64, early: f64, intervals: usize) -> Steadiness {
    let mut random = seeded(3);
    let figure = |interval: usize| {
        let normal: f64 = StandardNormal.sample(&mut random);
        let level = if interval < intervals / 5 { early } else { 1.0 };
        level + noise * normal
    };
    Steadiness::of(&(0..intervals).map(figure).collect::<Vec<_>>())
}

#[test]
fn a_beginning_that_differs_is_a_warm_up_that_was_not_over() {
    assert_eq!(steadiness(0.05, 1.0, 40), Steadiness::Steady);
    let Steadiness::Settling { early_over_late } = steadiness(0.05, 0.7, 40) else {
        panic!("not seen");
    };
    assert_near(early_over_late, 0.7, 0.05);
    assert!(matches!(
        steadiness(0.01, 1.3, 1_000),
        Steadiness::Settling { .. }
    ));
}

#[test]
fn a_difference_that_does_not_matter_or_cannot_be_seen_is_no_warm_up() {
    assert_eq!(steadiness(0.001, 0.98, 40), Steadiness::Steady);
    assert_eq!(steadiness(1e-9, 0.5, 19), Steadiness::TooShort);
    assert_eq!(Steadiness::of(&[f64::NAN; 40]), Steadiness::TooShort);
}

/// Mean waits per interval of a queue that is 80% busy, each interval of 200 requests: noise that is
/// heavy, skewed and slow to fade, but steady.
fn busy_queue(seed: u64) -> Vec<f64> {
    let mut random = seeded(seed);
    let mut exponential = || -> f64 { Exp1.sample(&mut random) };
    let mut wait: f64 = 4.0;
    let mut interval = |_| {
        let mut sum = 0.0;
        for _ in 0..200 {
            wait = (wait + exponential() - exponential() / 0.8).max(0.0);
            sum += wait;
        }
        sum / 200.0
    };
    (0..100).map(&mut interval).collect()
}

#[test]
fn a_busy_queue_is_seldom_taken_for_a_warm_up() {
    let courses = (0..200).map(|seed| Steadiness::of(&busy_queue(seed)));
    let flagged = courses.filter(|c| *c != Steadiness::Steady).count();
    assert!(flagged <= 10, "{flagged} of 200");
}

/// A interval of a second in which nothing special happened.
fn interval(host: Option<HostShares>) -> IntervalRecord {
    IntervalRecord {
        at_s: 0.0,
        duration_s: 1.0,
        requests: 10,
        errors: 0,
        p50_us: None,
        p99_us: None,
        max_us: None,
        per_worker: Vec::new(),
        stalled_us: None,
        histogram: None,
        host,
    }
}

#[test]
fn an_interval_is_disturbed_by_what_others_took_from_it() {
    let is_disturbed = |host| interval(host).is_disturbed();
    let shares = |steal, others| Some(HostShares { steal, others });
    assert_eq!(is_disturbed(shares(0.01, 0.01)), Some(false));
    assert_eq!(is_disturbed(shares(0.20, 0.0)), Some(true));
    assert_eq!(is_disturbed(shares(0.0, 0.20)), Some(true));
    assert_eq!(is_disturbed(None), None);
}

#[test]
fn the_steadiness_of_an_open_loop_is_that_of_its_latency() {
    let warming = (0..40).map(|number| IntervalRecord {
        p50_us: Some(if number < 8 { 90.0 } else { 80.0 } + f64::from(number % 5)),
        ..interval(None)
    });
    let warming: Vec<_> = warming.collect();
    assert_eq!(
        Steadiness::of_trial(LoopKind::Closed, &warming),
        Steadiness::Steady
    );
    assert!(matches!(
        Steadiness::of_trial(LoopKind::Open, &warming),
        Steadiness::Settling { .. }
    ));
    let unanswered = vec![interval(None); 40];
    assert_eq!(
        Steadiness::of_trial(LoopKind::Open, &unanswered),
        Steadiness::TooShort
    );
}

proptest! {
    #[test]
    fn a_corrected_p_value_is_never_smaller(p in proptest::collection::vec(0.0..=1.0f64, 0..30)) {
        let corrected = holm(&p);
        prop_assert!(corrected.iter().zip(&p).all(|(after, before)| after >= before && *after <= 1.0));
    }

    #[test]
    fn signs_turned_around_give_the_probability_of_the_rest(
        differences in proptest::collection::vec(-9..=9i8, 1..12),
    ) {
        let differences: Vec<f64> = differences.into_iter().map(f64::from).collect();
        let turned: Vec<f64> = differences.iter().map(|d| -d).collect();
        let both = signed_rank(&differences) + signed_rank(&turned);
        // What is exactly as observed is counted on both sides.
        prop_assert!((1.0 - 1e-9..=2.0 + 1e-9).contains(&both));
    }

    #[test]
    fn a_rank_test_sees_only_the_order(
        above in proptest::collection::vec(-9..=9i8, 1..8),
        below in proptest::collection::vec(-9..=9i8, 1..8),
    ) {
        let stretched = |values: &[i8]| values.iter().map(|v| f64::from(*v).exp()).collect::<Vec<_>>();
        let plain = |values: &[i8]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
        let p = rank_sum(&plain(&above), &plain(&below));
        prop_assert!((0.0..=1.0 + 1e-9).contains(&p));
        prop_assert_eq!(p, rank_sum(&stretched(&above), &stretched(&below)));
    }
}
