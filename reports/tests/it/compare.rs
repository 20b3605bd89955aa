//! Verdicts.

use crate::common::{figures, header, measured, stored};
use evenkeel_reports::compare::{
    Comparison, Criteria, Direction, Exception, MIN_BLOCKS, MOST_BLOCKS, Margin, Metric, Precision,
    Verdict, builds, false_verdicts, is_aa, leading, pairs, rankings, stem, studies, with_baseline,
};
use evenkeel_reports::stats::summarize;
use evenkeel_reports::{ExecutableRecord, LoopKind, Measured, Study, Trial, VariantRecord};
use proptest::prelude::*;

/// What a block's machine does to everyone in it.
const DRIFT: [f64; 8] = [1.0, 0.5, 0.7, 1.2, 0.9, 0.6, 1.1, 0.8];
/// What is left of noise within a block.
const NOISE: [f64; 8] = [1.004, 0.998, 1.001, 0.997, 1.003, 0.999, 1.002, 0.996];

fn throughput(rps: f64) -> Measured {
    Measured {
        throughput_rps: rps,
        ..figures(&[50_000, 50_000], 80.0, 1.5, None)
    }
}

/// A closed-loop study of strategies that differ only in their throughput on a quiet machine.
fn study_of(strategies: &[(&str, f64)], blocks: usize) -> Study {
    let trial = |block: usize, position: usize| {
        let (key, rps) = strategies[position];
        let noise = NOISE[(block + 3 * position) % 8];
        measured(
            key,
            "bare",
            block as u32,
            throughput(rps * DRIFT[block % 8] * noise),
        )
    };
    let keys: Vec<&str> = strategies.iter().map(|(key, _)| *key).collect();
    Study {
        header: header(&keys, &[("bare", LoopKind::Closed)]),
        trials: (0..blocks)
            .flat_map(|block| (0..strategies.len()).map(move |position| (block, position)))
            .map(|(block, position)| trial(block, position))
            .collect(),
        warnings: Vec::new(),
    }
}

fn in_throughput<'a>(comparisons: &[Comparison<'a>]) -> Comparison<'a> {
    let found = comparisons.iter().find(|c| c.metric == Metric::Throughput);
    found.unwrap().clone()
}

/// The comparison of two strategies in throughput, b against a.
fn a_and_b(a: f64, b: f64, blocks: usize) -> (Verdict, f64, Option<usize>) {
    let study = study_of(&[("a", a), ("b", b)], blocks);
    let comparison = in_throughput(&with_baseline(&study, "a", &Criteria::default()));
    let estimate = comparison.ratio.unwrap().estimate;
    (comparison.verdict, estimate, comparison.blocks_needed)
}

#[test]
fn a_difference_shows_through_a_machine_that_varies_by_a_factor_of_two() {
    let (verdict, estimate, _) = a_and_b(1_000.0, 1_100.0, 8);
    assert_eq!(verdict, Verdict::Better);
    assert!((estimate - 1.1).abs() < 0.01);
    assert_eq!(a_and_b(1_100.0, 1_000.0, 8).0, Verdict::Worse);
}

#[test]
fn less_than_the_margin_is_no_difference_however_sure() {
    for candidate in [1_000.0, 1_015.0] {
        let (verdict, _, needed) = a_and_b(1_000.0, candidate, 64);
        assert_eq!((verdict, needed), (Verdict::NoDifferenceShown, None));
    }
}

#[test]
fn below_six_blocks_there_is_no_verdict_but_the_number_that_it_takes() {
    for blocks in 2..MIN_BLOCKS {
        let (verdict, _, needed) = a_and_b(1_000.0, 3_000.0, blocks);
        assert_eq!(verdict, Verdict::NoDifferenceShown);
        assert_eq!(needed, Some(MIN_BLOCKS));
    }
    let (verdict, _, needed) = a_and_b(1_000.0, 3_000.0, MIN_BLOCKS);
    assert_eq!((verdict, needed), (Verdict::Better, None));
}

#[test]
fn one_block_has_a_ratio_and_neither_interval_nor_verdict() {
    let study = study_of(&[("a", 1_000.0), ("b", 3_000.0)], 1);
    let comparison = in_throughput(&with_baseline(&study, "a", &Criteria::default()));
    assert_eq!((comparison.blocks, comparison.p), (1, None));
    assert!((comparison.ratio.unwrap().estimate - 3.0).abs() < 0.1);
    assert_eq!(comparison.interval(), None);
    assert_eq!(comparison.verdict, Verdict::NoDifferenceShown);
    assert_eq!(comparison.blocks_needed, Some(MIN_BLOCKS));
}

#[test]
fn only_blocks_in_which_both_are_valid_count() {
    let mut study = study_of(&[("a", 1_000.0), ("b", 1_100.0)], 10);
    for trial in &mut study.trials {
        match (trial.strategy.as_str(), trial.block) {
            ("a", 3) => trial.measured_mut().unwrap().valid = false,
            ("b", 7) => trial.measured_mut().unwrap().throughput_rps = 0.0,
            _ => {}
        }
    }
    study
        .trials
        .retain(|t| (t.strategy.as_str(), t.block) != ("b", 0));
    let comparison = in_throughput(&with_baseline(&study, "a", &Criteria::default()));
    assert_eq!(
        (comparison.blocks, comparison.verdict),
        (7, Verdict::Better)
    );
}

#[test]
fn what_is_never_measured_together_is_not_compared() {
    let mut study = study_of(&[("a", 1_000.0), ("b", 1_100.0)], 4);
    study
        .trials
        .retain(|trial| (trial.strategy == "a") == (trial.block < 2));
    assert_eq!(with_baseline(&study, "a", &Criteria::default()), []);
    let rankings = rankings(&study, &Criteria::default());
    assert_eq!(rankings[0].leader().strategy, "b");
    assert!(rankings[0].rivals().all(|rival| rival.to_leader.is_none()));
}

#[test]
fn a_percentile_with_too_few_answers_beyond_it_is_not_compared() {
    let few = figures(&[2_000], 80.0, 1.5, None);
    assert_eq!(Metric::P999.of(&few), None);
    assert_eq!(Metric::P99.of(&few), few.latency_us.map(|l| l.p99));
    assert_eq!(Metric::Fairness.of(&few), Some(1.0));
}

#[test]
fn each_metric_knows_which_way_is_better() {
    let up = Metric::ALL
        .into_iter()
        .filter(|m| m.better() == Direction::Up);
    assert_eq!(
        up.collect::<Vec<_>>(),
        [Metric::Throughput, Metric::Fairness]
    );
    assert!(!Metric::Throughput.applies_to(LoopKind::Open));
}

#[test]
fn longer_response_times_are_worse() {
    let trial = |key, block: u32, us: f64| {
        let us = us * NOISE[block as usize % 8];
        measured(key, "bare", block, figures(&[50_000], us, 1.5, None))
    };
    let both = |block| [trial("a", block, 80.0), trial("b", block, 100.0)];
    let study = Study {
        trials: (0..8).flat_map(both).collect(),
        ..study_of(&[("a", 1.0), ("b", 1.0)], 0)
    };
    let compared = with_baseline(&study, "a", &Criteria::default());
    let p50 = compared.iter().find(|c| c.metric == Metric::P50).unwrap();
    assert!(p50.interval().unwrap().low > 1.2);
    assert_eq!(p50.verdict, Verdict::Worse);
}

#[test]
fn an_exception_sets_another_margin_or_leaves_a_metric_out() {
    let exception = |scenario: Option<&str>, metric, margin| Exception {
        scenario: scenario.map(String::from),
        metric: Some(metric),
        margin: Some(margin),
        required: None,
    };
    let criteria = Criteria {
        exceptions: vec![
            exception(None, Metric::P999, Margin::NotCompared),
            exception(Some("bare"), Metric::Throughput, Margin::Of(0.3)),
        ],
        ..Criteria::default()
    };
    let study = study_of(&[("a", 1_000.0), ("b", 1_200.0)], 8);
    let compared = with_baseline(&study, "a", &criteria);
    assert!(compared.iter().all(|c| c.metric != Metric::P999));
    assert_eq!(in_throughput(&compared).verdict, Verdict::NoDifferenceShown);
    assert_eq!(criteria.margin_of("other", Metric::Throughput), Some(0.02));
}

#[test]
fn what_must_be_told_is_what_leads_and_what_a_request_costs_unless_an_exception_says_otherwise() {
    let usual = Criteria::default();
    let required = |criteria: &Criteria, metric, leads| criteria.requires("bare", metric, leads);
    assert!(required(&usual, Metric::Throughput, true));
    assert!(required(&usual, Metric::CpuPerRequest, false));
    assert!(!required(&usual, Metric::P999, false));
    let exception = |metric, required| Exception {
        metric,
        required: Some(required),
        ..Exception::default()
    };
    let otherwise = Criteria {
        exceptions: vec![
            exception(None, false),
            exception(Some(Metric::P999), true),
            Exception::default(),
        ],
        ..Criteria::default()
    };
    assert!(!required(&otherwise, Metric::Throughput, true));
    assert!(required(&otherwise, Metric::P999, false));
}

#[test]
fn a_change_is_ruled_out_where_the_interval_does_not_reach_it_over_six_blocks_at_least() {
    let criteria = Criteria::default();
    let compared = |b: f64, blocks| {
        let study = study_of(&[("a", 1_000.0), ("b", b)], blocks);
        let comparison = in_throughput(&with_baseline(&study, "a", &criteria));
        let takes = comparison.blocks_to_rule_out(0.05, &criteria);
        (comparison.rules_out(0.05), takes)
    };
    assert_eq!(compared(1_000.0, 8), (true, MIN_BLOCKS));
    assert_eq!(compared(3_000.0, 8), (true, MIN_BLOCKS));
    assert_eq!(compared(940.0, 64), (false, MIN_BLOCKS));
    assert_eq!(compared(1_000.0, MIN_BLOCKS - 1), (false, MIN_BLOCKS));
    assert_eq!(compared(1_000.0, 1), (false, MIN_BLOCKS));
    assert!((criteria.found_beyond(0.02) - 0.05).abs() < 1e-12);
    assert!(criteria.found_beyond(0.1) > 0.1);
}

#[test]
fn strategies_that_several_builds_serve_are_paired_with_the_first_of_them() {
    let keys = ["a@old", "a@new", "b@old", "b@new", "b@newest"];
    let mut study = study_of(&keys.map(|key| (key, 1_000.0)), 2);
    assert_eq!(builds(&study), [], "names alone do not make builds");
    let build = |label: &str| ExecutableRecord {
        label: label.into(),
        path: format!("/{label}"),
        version: "0.1.0".into(),
        sha256: "0".repeat(64),
    };
    study.header.plan.executables = ["old", "new", "newest"].map(build).into();
    let pairs = [
        ("a@old", "a@new"),
        ("b@old", "b@new"),
        ("b@old", "b@newest"),
    ];
    assert_eq!(builds(&study), pairs);
    assert!(!is_aa(&study));
    assert_eq!(stem("handoff:idle@v1.2"), "handoff:idle");
    study.header.plan.executables.clear();
    let variant = |name: &str| VariantRecord {
        name: name.into(),
        fleet: Default::default(),
    };
    study.header.plan.variants = ["old", "new", "newest"].map(variant).into();
    assert_eq!(builds(&study), pairs, "and so are variants of the fleet");
}

#[test]
fn more_comparisons_need_more_evidence() {
    let keys: Vec<String> = (0..20).map(|n| format!("s{n:02}")).collect();
    let many: Vec<(&str, f64)> = keys.iter().map(|key| (key.as_str(), 1_000.0)).collect();
    let p = |study: &Study| {
        let family = with_baseline(study, "s00", &Criteria::default());
        in_throughput(&family).p.unwrap()
    };
    let few = [many[0], ("s01", 1_030.0)];
    let of_many: Vec<_> = [&few[..], &many[2..]].concat();
    assert!(p(&study_of(&of_many, 6)) > p(&study_of(&few, 6)));
}

#[test]
fn the_leader_is_the_winner_unless_someone_is_tied_with_it() {
    let study = study_of(&[("slow", 500.0), ("fast", 1_000.0), ("same", 995.0)], 16);
    let rankings = rankings(&study, &Criteria::default());
    assert_eq!(rankings.len(), 1);
    let ranking = &rankings[0];
    let groups = ranking.groups.iter();
    let keys = groups.map(|group| group.iter().map(|one| one.strategy).collect::<Vec<_>>());
    assert_eq!(ranking.metric, Metric::Throughput);
    assert_eq!(
        keys.collect::<Vec<_>>(),
        [vec!["fast", "same"], vec!["slow"]]
    );
    let leader = ranking.leader();
    assert_eq!((leader.strategy, &leader.to_leader), ("fast", &None));
    assert_eq!(ranking.tied()[0].strategy, "same");
    let slow = ranking.groups[1][0].to_leader.as_ref().unwrap();
    assert_eq!((slow.baseline, slow.candidate), ("fast", "slow"));
    assert_eq!(slow.verdict, Verdict::Worse);
    assert!((slow.ratio.unwrap().estimate - 0.5).abs() < 0.01);
}

#[test]
fn in_an_open_loop_the_p99_leads_or_where_trials_are_too_short_the_median() {
    let leading_metric = |requests: u64| {
        let trial = |key, us| measured(key, "open", 0, figures(&[requests], us, 1.5, None));
        let study = Study {
            header: header(&["a", "b"], &[("open", LoopKind::Open)]),
            trials: [trial("a", 80.0), trial("b", 90.0)]
                .into_iter()
                .flat_map(|t| [0, 1].map(|block| Trial { block, ..t.clone() }))
                .collect(),
            warnings: Vec::new(),
        };
        let rankings = rankings(&study, &Criteria::default());
        let first = rankings.first();
        first.map(|r| (r.metric, r.leader().strategy.to_owned()))
    };
    assert_eq!(leading_metric(500), Some((Metric::P99, "a".into())));
    assert_eq!(leading_metric(450), Some((Metric::P50, "a".into())));
    assert_eq!(leading_metric(5), None);
}

#[test]
fn two_studies_are_compared_though_they_have_no_block_in_common() {
    let before = study_of(&[("a", 1_000.0), ("gone", 1.0)], 8);
    let after = study_of(&[("new", 1.0), ("a", 4_000.0)], 8);
    let compared = studies(&before, &after, &Criteria::default());
    assert!(
        compared
            .iter()
            .all(|c| c.baseline == "a" && c.candidate == "a")
    );
    let comparison = in_throughput(&compared);
    assert_eq!(
        (comparison.blocks, comparison.verdict),
        (8, Verdict::Better)
    );
    let same = in_throughput(&studies(&before, &before, &Criteria::default()));
    assert_eq!(same.verdict, Verdict::NoDifferenceShown);
}

#[test]
fn a_study_is_precise_when_its_widest_interval_is_narrow_enough() {
    let criteria = Criteria::default();
    let precision = |blocks, target| {
        let study = study_of(&[("a", 1_000.0), ("b", 1_100.0)], blocks);
        Precision::of(&leading(&study, "a", &criteria), target, &criteria).unwrap()
    };
    assert!(precision(8, 0.01).is_reached());
    let early = precision(3, 0.001);
    assert!(!early.is_reached() && early.more_blocks.unwrap() > 10);
    assert_eq!(precision(1, 0.03).widest, None);
    assert_eq!(precision(1, 0.03).more_blocks, Some(MIN_BLOCKS - 1));
    assert_eq!(precision(4, 0.5).more_blocks, Some(MIN_BLOCKS - 4));
    assert_eq!(Precision::of(&[], 0.03, &criteria), None);
}

#[test]
fn twins_are_the_same_strategy_under_two_numbers() {
    let study = study_of(
        &[
            ("a#1", 1_000.0),
            ("b#1", 500.0),
            ("a#2", 1_000.0),
            ("b#2", 500.0),
        ],
        8,
    );
    let copies = false_verdicts(&study, &Criteria::default());
    assert_eq!((copies.comparisons, copies.false_verdicts), (12, 0));
    assert_eq!(copies.rate(), Some(0.0));
    // The rule of three: nothing seen in n leaves a rate of up to about 3/n.
    assert!((copies.rate_at_most() - 0.22).abs() < 0.01);
    assert!(copies.is_within_bounds());
    assert!(
        copies.sentence().starts_with("0 of 12 comparisons"),
        "{}",
        copies.sentence()
    );
    assert_eq!((stem("a#1"), stem("handoff:idle")), ("a", "handoff:idle"));
    assert_eq!(false_verdicts(&stored(), &Criteria::default()).rate(), None);
}

#[test]
fn copies_with_too_few_blocks_for_a_verdict_give_no_rate_of_false_ones() {
    let study = study_of(&[("a#1", 1_000.0), ("a#2", 1_000.0)], MIN_BLOCKS - 1);
    let copies = false_verdicts(&study, &Criteria::default());
    assert_eq!((copies.rate(), copies.is_within_bounds()), (None, false));
}

#[test]
fn the_blocks_that_a_change_takes_are_those_of_the_textbook() {
    let criteria = Criteria {
        margin: 0.0,
        beyond: 1f64.exp_m1(),
        ..Criteria::default()
    };
    // A standardized difference of 0.5 at 90% takes 44 pairs (J. Cohen, 1988), and π/3 as many.
    let needed = criteria.blocks_needed(2.0, 1);
    assert!((45..=48).contains(&needed), "{needed}");
    assert!(criteria.blocks_needed(2.0, 20) > needed);
    assert_eq!(criteria.blocks_needed(0.0, 1), MIN_BLOCKS);
    assert_eq!(criteria.blocks_needed(f64::INFINITY, 1), MOST_BLOCKS);
}

fn any_study() -> impl Strategy<Value = Study> {
    let trial = (any::<bool>(), 1.0..1e4f64);
    proptest::collection::btree_map((0..3usize, 0..9u32), trial, 0..27).prop_map(|trials| {
        let keys = ["a", "b", "c"];
        let trial = |((key, block), (valid, rps)): ((usize, u32), (bool, f64))| -> Trial {
            let measured = Measured {
                valid,
                ..throughput(rps)
            };
            crate::common::measured(keys[key], "bare", block, measured)
        };
        let mut study = study_of(&keys.map(|key| (key, 1.0)), 0);
        study.trials = trials.into_iter().map(trial).collect();
        study
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_comparison_seen_from_the_other_side_says_the_opposite(study in any_study()) {
        let criteria = Criteria::default();
        let one = pairs(&study, &[("a", "b")], &criteria);
        let other = pairs(&study, &[("b", "a")], &criteria);
        prop_assert_eq!(one.len(), other.len());
        for (one, other) in one.iter().zip(&other) {
            let flipped = other.flipped();
            prop_assert_eq!((one.verdict, one.blocks), (flipped.verdict, flipped.blocks));
            let low = |c: &Comparison| Some(c.interval()?.low);
            let off = low(one).zip(low(&flipped)).map_or(0.0, |(a, b)| (a / b - 1.0).abs());
            prop_assert!(off < 1e-9);
        }
    }

    #[test]
    fn an_interval_holds_its_estimate_and_a_verdict_lies_beyond_the_margin(study in any_study()) {
        for comparison in with_baseline(&study, "a", &Criteria::default()) {
            let Some(interval) = comparison.interval() else { continue };
            let ratio = comparison.ratio.unwrap();
            prop_assert!(interval.low <= ratio.estimate && ratio.estimate <= interval.high);
            prop_assert_eq!(interval.is_confidence(), comparison.blocks >= MIN_BLOCKS);
            if comparison.verdict != Verdict::NoDifferenceShown {
                prop_assert!(comparison.blocks >= MIN_BLOCKS);
                prop_assert!(interval.low > 1.02 || interval.high < 1.0 / 1.02);
            }
        }
    }

    #[test]
    fn the_ratio_is_that_of_the_figures_that_stand_next_to_it(study in any_study()) {
        for comparison in with_baseline(&study, "a", &Criteria::default()) {
            let (ratio, a) = (comparison.ratio.unwrap(), comparison.baseline_figure.unwrap());
            let b = comparison.candidate_figure.unwrap();
            prop_assert_eq!([a.blocks, b.blocks], [comparison.blocks; 2]);
            prop_assert!((b.mean / a.mean / ratio.estimate - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_pair_has_the_same_verdict_in_the_ranking_and_next_to_a_baseline(study in any_study()) {
        let criteria = Criteria::default();
        for ranking in rankings(&study, &criteria) {
            let leader = ranking.leader().strategy;
            let tables = with_baseline(&study, leader, &criteria);
            for rival in ranking.rivals() {
                let is_it = |c: &&Comparison| {
                    (c.candidate, c.metric) == (rival.strategy, ranking.metric)
                };
                prop_assert_eq!(tables.iter().find(is_it), rival.to_leader.as_ref());
            }
        }
    }

    #[test]
    fn the_leader_has_the_best_figure_and_the_others_follow_in_their_groups(study in any_study()) {
        let all = rankings(&study, &Criteria::default());
        for (ranking, summary) in all.iter().zip(&summarize(&study)) {
            let shown = |key: &str| {
                let strategy = summary.strategies.iter().find(|s| s.strategy == key).unwrap();
                strategy.figures.as_ref().unwrap().throughput_rps.unwrap().mean
            };
            let leader = shown(ranking.leader().strategy);
            for group in &ranking.groups {
                prop_assert!(group.is_sorted_by(|a, b| shown(a.strategy) >= shown(b.strategy)));
            }
            prop_assert!(ranking.rivals().all(|rival| leader >= shown(rival.strategy)));
            prop_assert!(ranking.rivals().all(|rival| rival.figure.mean == shown(rival.strategy)));
        }
    }
}
