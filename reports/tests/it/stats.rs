//! Figures over blocks.

use crate::common::{failed, figures, header, measured, stored};
use evenkeel_reports::histogram::{self, Histogram};
use evenkeel_reports::stats::{
    IntervalKind, MIN_BLOCKS, MIN_SAMPLES_BEYOND, PercentileCurve, RemarkKind, Scale, Spread,
    completeness, jain, max_over_mean, merged_histogram, summarize,
};
use evenkeel_reports::{CpuTime, Latency, LoopKind, Measured, Study};
use proptest::prelude::*;

/// A study of one strategy with these trials, one per block.
fn study(blocks: Vec<Measured>) -> Study {
    let trials = (0..)
        .zip(blocks)
        .map(|(block, m)| measured("single", "bare", block, m));
    Study {
        trials: trials.collect(),
        header: header(&["single"], &[("bare", LoopKind::Closed)]),
        warnings: Vec::new(),
    }
}

fn throughput(rps: f64) -> Measured {
    Measured {
        throughput_rps: rps,
        ..figures(&[100], 80.0, 1.5, None)
    }
}

#[test]
fn a_figure_is_the_geometric_mean_and_a_count_the_arithmetic_one() {
    let rates = Spread::of([4.0, 1.0, 2.0], Scale::Ratio).unwrap();
    assert!((rates.mean - 2.0).abs() < 1e-12);
    assert_eq!((rates.min, rates.max, rates.blocks), (1.0, 4.0, 3));
    assert_eq!(Spread::of([0.0, 3.0], Scale::Count).unwrap().mean, 1.5);
    assert_eq!(Spread::of([0.0, 3.0], Scale::Ratio).unwrap().mean, 0.0);
    assert_eq!(Spread::of([], Scale::Ratio), None);
}

#[test]
fn fewer_than_six_blocks_have_a_range_and_one_has_neither() {
    assert_eq!(Spread::of([5.0], Scale::Ratio).unwrap().interval, None);
    for blocks in 2..MIN_BLOCKS {
        let spread = Spread::of((0..blocks).map(|n| 10f64.powi(n as i32)), Scale::Ratio).unwrap();
        let range = spread.interval.unwrap();
        assert_eq!(range.kind, IntervalKind::Range);
        assert!((range.low / spread.min - 1.0).abs() < 1e-9);
        assert!((range.high / spread.max - 1.0).abs() < 1e-9);
        assert_eq!(spread.relative_half_width(), None);
        assert_eq!(
            range.words(|end| format!("{end:.0}")).split(' ').next(),
            Some("range")
        );
    }
}

#[test]
fn the_interval_is_that_of_student_about_the_geometric_mean() {
    // Of 6 values, 2.571 standard errors each way (Fisher and Yates, 1938), of logs that are 1 apart
    // from their mean.
    let e = std::f64::consts::E;
    let values = [1.0, e.powi(2), 1.0, e.powi(2), 1.0, e.powi(2)];
    let spread = Spread::of(values, Scale::Ratio).unwrap();
    let interval = spread.interval.unwrap();
    let reach = (2.571 * (6.0_f64 / 5.0).sqrt() / 6.0_f64.sqrt()).exp();
    assert_eq!(interval.kind, IntervalKind::Confidence);
    assert!((interval.low * reach / e - 1.0).abs() < 1e-3);
    assert!((interval.high / reach / e - 1.0).abs() < 1e-3);
    assert!((spread.relative_half_width().unwrap() - (reach - 1.0)).abs() < 1e-2);
}

#[test]
fn values_that_do_not_vary_have_an_interval_without_width() {
    let same = Spread::of([3.0; MIN_BLOCKS], Scale::Ratio).unwrap();
    assert!(same.relative_half_width().unwrap().abs() < 1e-12);
}

#[test]
fn jains_index_is_one_for_even_shares_and_one_nth_for_a_monopoly() {
    assert_eq!(jain(&[7.0, 7.0, 7.0, 7.0]), Some(1.0));
    assert_eq!(jain(&[9.0, 0.0, 0.0, 0.0]), Some(0.25));
    assert_eq!(jain(&[0.0, 0.0]), None);
    assert_eq!(jain(&[]), None);
    assert_eq!(max_over_mean(&[9.0, 0.0, 0.0]), Some(3.0));
    assert_eq!(max_over_mean(&[]), None);
}

#[test]
fn an_invalid_block_is_left_out_where_there_are_valid_ones() {
    let invalid = Measured {
        valid: false,
        ..throughput(9_000.0)
    };
    let mixed = study(vec![throughput(100.0), invalid.clone(), throughput(102.0)]);
    let summary = &summarize(&mixed)[0].strategies[0];
    let rps = summary.figures.as_ref().unwrap().throughput_rps.unwrap();
    assert_eq!((rps.max, rps.blocks), (102.0, 2));
    assert!(!summary.only_invalid());

    let hopeless = study(vec![invalid]);
    let summary = &summarize(&hopeless)[0].strategies[0];
    assert_eq!(
        summary
            .figures
            .as_ref()
            .unwrap()
            .throughput_rps
            .unwrap()
            .max,
        9_000.0
    );
    assert!(summary.only_invalid());
}

#[test]
fn a_figure_that_was_not_measured_is_absent_and_not_zero() {
    let nothing = Measured {
        workers_cpu: None,
        ..figures(&[0, 0], 80.0, 1.5, None)
    };
    let study = study(vec![nothing]);
    let summaries = summarize(&study);
    let figures = summaries[0].strategies[0].figures.as_ref().unwrap();
    assert_eq!(figures.latency_p50_us, None);
    assert_eq!(figures.fairness_requests, None);
    assert_eq!(figures.workers_cpu_us_per_request, None);
    assert_eq!(figures.dispatcher_cpu_us_per_request, None);
    assert!(figures.request_shares.is_empty());
}

#[test]
fn cpu_time_is_divided_by_answered_requests() {
    let trial = figures(&[300, 100], 80.0, 1.5, Some(20.0));
    let us = |figure: Option<f64>| figure.unwrap().round();
    assert_eq!(us(trial.workers_cpu_us_per_request()), 62.0);
    assert_eq!(us(trial.dispatcher_cpu_us_per_request()), 20.0);
    assert_eq!(us(trial.total_cpu_us_per_request()), 82.0);
}

#[test]
fn cpu_time_is_divided_between_user_and_kernel_as_all_blocks_together_were() {
    let block = |user_s, system_s| Measured {
        workers_cpu: Some(CpuTime {
            total_s: 400.0 * 62e-6,
            user_s,
            system_s,
        }),
        ..figures(&[300, 100], 80.0, 1.5, Some(20.0))
    };
    let modes = |blocks| {
        let study = study(blocks);
        let summaries = summarize(&study);
        let figures = summaries[0].strategies[0].figures.as_ref().unwrap();
        assert_eq!(
            figures.system_cpu_us_per_request(),
            None,
            "the dispatcher's is unknown"
        );
        figures.workers_cpu_modes_us_per_request
    };
    let known = modes(vec![
        block(Some(0.01), Some(0.0)),
        block(Some(0.0), Some(0.03)),
    ])
    .unwrap();
    assert_eq!((known.system / known.user).round(), 3.0);
    assert_eq!((known.user + known.system).round(), 62.0);
    assert_eq!(modes(vec![block(None, None)]), None, "an older record");
}

#[test]
fn shares_are_averaged_by_rank_so_that_a_changing_favourite_stays_visible() {
    let study = study(vec![
        figures(&[300, 100], 80.0, 1.5, None),
        figures(&[100, 300], 80.0, 1.5, None),
    ]);
    let summaries = summarize(&study);
    let figures = summaries[0].strategies[0].figures.as_ref().unwrap();
    assert_eq!(figures.request_shares, [0.75, 0.25]);
}

#[test]
fn a_remark_is_said_once_with_its_trials_counted() {
    let noted = |busy: u32| Measured {
        notes: vec![format!("load CPUs were {busy}% busy")],
        errors: [("refused".to_owned(), 2)].into(),
        ..throughput(100.0)
    };
    let mut study = study(vec![noted(98), noted(97), throughput(100.0)]);
    let failed = failed("single", "bare", 3, "worker 0 did not start");
    study.trials.push(failed);
    let remarks = &summarize(&study)[0].remarks;
    let kinds: Vec<_> = remarks
        .iter()
        .map(|r| (r.kind, r.trials, r.numbers_vary))
        .collect();
    let expected = [
        (RemarkKind::Failed, 1, false),
        (RemarkKind::Errors, 2, false),
        (RemarkKind::Note, 2, true),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(remarks[1].text, "refused: 4 requests");
}

#[test]
fn a_percentile_is_supported_by_three_answers_beyond_it_in_every_block_and_ten_in_all() {
    let with = |answers: &[u64]| {
        let blocks = answers.iter().map(|one| figures(&[*one], 80.0, 1.5, None));
        let study = study(blocks.collect());
        summarize(&study)[0].strategies[0].figures.clone().unwrap()
    };
    assert!(with(&[3_000, 90_000]).supports(0.999));
    assert!(!with(&[2_000, 90_000]).supports(0.999));
    assert!(!with(&[3_000; 3]).supports(0.999));
    assert!(with(&[3_000; 4]).supports(0.999));
    assert!(with(&[300; 4]).supports(0.99));
}

#[test]
fn a_study_that_was_cut_short_knows_what_it_lacks() {
    let mut study = stored();
    assert_eq!(completeness(&study).sentences(), [""; 0]);
    study.trials.truncate(3);
    let lacking = completeness(&study);
    assert_eq!((lacking.trials, lacking.planned), (3, 72));
    assert_eq!(lacking.incomplete.len(), 3);
    assert_eq!(
        lacking.incomplete[0].without,
        [
            "handoff:round-robin",
            "handoff:idle",
            "handoff:random",
            "handoff:sticky",
            "proxy:round-robin"
        ]
    );
    assert_eq!(lacking.incomplete[2].trials, 0);
}

#[test]
fn the_stored_study_has_every_scenario_in_the_order_of_the_plan() {
    let study = stored();
    let summaries = summarize(&study);
    let names: Vec<_> = summaries.iter().map(|s| s.scenario.name.as_str()).collect();
    assert_eq!(names, ["short-lived", "keep-alive", "skewed"]);
    assert!(
        summaries
            .iter()
            .all(|s| s.trials == 24 && s.strategies.len() == 8)
    );
    let reuseport = &summaries[2].strategies[2];
    assert_eq!((reuseport.skipped, &reuseport.figures), (3, &None));
}

#[test]
fn blocks_merge_into_one_histogram_also_if_a_later_one_is_longer() {
    let study = study(vec![
        figures(&[1_000], 10.0, 1.2, None),
        figures(&[2_000], 90_000.0, 1.9, None),
    ]);
    let trials = study.trials.iter().filter_map(|t| t.measured());
    assert_eq!(merged_histogram(trials).unwrap().unwrap().len(), 3_000);
    assert!(merged_histogram([]).unwrap().is_none());
}

proptest! {
    #[test]
    fn an_interval_holds_its_figure_and_stays_within_what_the_figure_can_be(
        values in proptest::collection::vec(0.0..=1.0f64, 1..20),
        tiny in -30..0i32,
    ) {
        for scale in [Scale::Ratio, Scale::Index, Scale::Count] {
            let values = values.iter().map(|value| value.powi(1 - tiny));
            let spread = Spread::of(values, scale).unwrap();
            let Some(interval) = spread.interval else { continue };
            prop_assert!(interval.low <= spread.mean && spread.mean <= interval.high);
            prop_assert!(interval.low >= 0.0);
            prop_assert!(interval.high <= 1.0 || scale != Scale::Index);
        }
    }

    #[test]
    fn jains_index_lies_between_one_nth_and_one(shares in proptest::collection::vec(1e-3..1e6f64, 1..50)) {
        let index = jain(&shares).unwrap();
        prop_assert!(index <= 1.0 + 1e-9);
        prop_assert!(index >= 1.0 / shares.len() as f64 - 1e-9);
    }

    #[test]
    fn a_histogram_survives_its_text(values in proptest::collection::vec(1..u64::MAX >> 20, 0..200)) {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        for value in values {
            histogram.record(value).unwrap();
        }
        let text = histogram::encode(&histogram).unwrap();
        prop_assert_eq!(histogram::decode(&text).unwrap(), histogram);
    }

    #[test]
    fn text_that_is_no_histogram_is_an_error_and_never_a_panic(text in "[A-Za-z0-9+/]{0,64}") {
        prop_assert!(histogram::decode(&text).is_err());
    }

    #[test]
    fn percentiles_rise_and_a_curve_ends_with_ten_answers_beyond(
        values in proptest::collection::vec(1_000..10_000_000u64, 1..500),
    ) {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        for value in &values {
            histogram.record(*value).unwrap();
        }
        let l = Latency::from_histogram(&histogram).unwrap();
        prop_assert!(l.p50 <= l.p90 && l.p90 <= l.p99 && l.p99 <= l.p999 && l.p999 <= l.max);
        let Some(curve) = PercentileCurve::of(&histogram) else {
            prop_assert!((values.len() as f64) < 2.0 * MIN_SAMPLES_BEYOND);
            return Ok(());
        };
        let (end, _) = curve.points[curve.points.len() - 1];
        let beyond = values.len() as f64 * 10f64.powf(-end);
        prop_assert!((beyond - MIN_SAMPLES_BEYOND).abs() < 1e-6);
        prop_assert!(curve.points.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1));
    }
}

#[test]
fn cpu_time_is_divided_by_the_requests_that_the_workers_served_with_it() {
    let by_answers = figures(&[100], 80.0, 1.5, Some(2.0));
    let by_count = Measured {
        served: Some(50),
        ..by_answers.clone()
    };
    let per_request = [&by_answers, &by_count].map(|m| m.total_cpu_us_per_request().unwrap());
    assert!((per_request[1] / per_request[0] - 2.0).abs() < 1e-9);
    let rates = [&by_answers, &by_count].map(|m| m.throughput_rps);
    assert_eq!(
        rates[0], rates[1],
        "the client's answers are the throughput"
    );
}
