//! Charts, looked at as text.

use std::collections::BTreeSet;

use crate::common::shown::{assert_sound, chart_of, study};
use crate::common::{figures, header, measured, stored};
use evenkeel_reports::{LoopKind, Study, chart};

/// What a record without intervals and without waits gives.
const CHARTS: [&str; 6] = [
    "throughput",
    "latency",
    "distribution",
    "shares",
    "cpu",
    "ratios",
];

#[test]
fn the_stored_study_has_the_charts_that_its_record_allows() {
    let study = stored();
    assert_sound(&study);
    let names: Vec<String> = chart::all(&study, None)
        .unwrap()
        .into_iter()
        .map(|c| c.0)
        .collect();
    let of = |scenario: &str, charts: [&str; 6]| charts.map(|c| format!("{scenario}-{c}.svg"));
    let mut open_loop = CHARTS;
    open_loop[..5].rotate_left(1); // an open loop sets the throughput, so it is no result
    let expected = [
        of("short-lived", CHARTS),
        of("keep-alive", CHARTS),
        of("skewed", open_loop),
    ];
    assert_eq!(names, expected.concat());
}

/// A chart whose ratios, if it has any, are against `single`.
fn against_single(study: &Study, name: &str) -> String {
    let charts = chart::all(study, Some("single")).unwrap();
    charts.into_iter().find(|(file, _)| file == name).unwrap().1
}

#[test]
fn a_chart_has_a_row_or_curve_for_every_strategy_with_figures() {
    let study = stored();
    for chart in CHARTS {
        for (scenario, skipped) in [("short-lived", None), ("skewed", Some("reuseport"))] {
            let svg = against_single(&study, &format!("{scenario}-{chart}.svg"));
            for strategy in &study.header.plan.strategies {
                let labels = svg.matches(&format!(">{}</text>", strategy.key)).count();
                let is_baseline = chart == "ratios" && strategy.key == "single";
                let has_row = skipped != Some(strategy.key.as_str()) && !is_baseline;
                let expected = usize::from(has_row);
                assert_eq!(labels, expected, "{} in {scenario}-{chart}", strategy.key);
            }
        }
    }
}

#[test]
fn a_strategy_has_the_same_colour_in_all_charts_and_another_than_its_neighbours() {
    let study = stored();
    let colors = [
        "currentColor",
        "#E69F00",
        "#56B4E9",
        "#009E73",
        "#8811EE",
        "#0072B2",
        "#D55E00",
        "#CC79A7",
    ];
    for chart in CHARTS {
        let whole = against_single(&study, &format!("short-lived-{chart}.svg"));
        assert!(colors.iter().all(|color| whole.contains(color)));
        let without = against_single(&study, &format!("skewed-{chart}.svg"));
        assert!(!without.contains(colors[2]), "reuseport was skipped");
        assert!(without.contains(colors[3]), "the next one keeps its own");
    }
}

#[test]
fn a_scenario_name_cannot_lead_a_chart_out_of_its_folder() {
    let mut study = study(
        &["single"],
        vec![measured(
            "single",
            "bare",
            0,
            figures(&[50], 80.0, 1.5, None),
        )],
    );
    study.header.plan.scenarios[0].name = "../../etc/x".into();
    study.trials[0].scenario = "../../etc/x".into();
    let charts = chart::all(&study, None).unwrap();
    assert!(!charts.is_empty());
    assert!(
        charts
            .iter()
            .all(|(name, _)| !name.contains('/') && !name.contains(".."))
    );
}

#[test]
fn charts_come_as_drawings_and_as_pictures_of_their_size() {
    let figures = figures(&[3_000, 2_000], 80.0, 1.5, None);
    let small = study(&["single"], vec![measured("single", "bare", 0, figures)]);
    let files = chart::files(&small, None).unwrap();
    assert_eq!(
        files.len(),
        2 * (CHARTS.len() - 1),
        "there are no ratios to itself"
    );
    let contents = |wanted| &files.iter().find(|(name, _)| name == wanted).unwrap().1;
    let (drawing, picture) = (contents("bare-latency.svg"), contents("bare-latency.png"));
    assert_eq!(picture[..8], *b"\x89PNG\r\n\x1a\n");
    let width = u32::from_be_bytes(picture[16..20].try_into().unwrap());
    let drawing = std::str::from_utf8(drawing).unwrap();
    assert!(drawing.contains("width=\"720\""));
    assert_eq!(width, 2 * 720, "two dots per pixel");
    assert!(picture.len() > 10_000, "something is on it");
}

#[test]
fn a_record_with_intervals_and_waits_has_charts_of_them() {
    let whole = crate::common::time_series::study();
    assert_sound(&whole);
    let names: Vec<String> = chart::all(&whole, None)
        .unwrap()
        .into_iter()
        .map(|c| c.0)
        .collect();
    for scenario in ["short-lived", "keep-alive", "skewed"] {
        for chart in ["time-series", "heat"] {
            assert!(names.contains(&format!("{scenario}-{chart}.svg")));
        }
    }
    assert!(names.contains(&"skewed-waiting.svg".into()));
    assert!(!names.contains(&"keep-alive-waiting.svg".into()));
}

#[test]
fn scenarios_that_differ_only_in_load_are_drawn_as_curves() {
    let names = ["sweep-10", "sweep-50", "sweep-90"];
    let scenarios = names.map(|name| (name, LoopKind::Open));
    let mut sweep = study(&["a", "b"], vec![]);
    sweep.header = header(&["a", "b"], &scenarios);
    for (load, name) in (1..).zip(names) {
        for key in ["a", "b"] {
            let mut figures = figures(&[4_000, 4_000], 100.0 * f64::from(load), 1.5, None);
            figures.offered_rps = Some(4_000.0);
            sweep.trials.push(measured(key, name, 0, figures));
        }
    }
    assert_sound(&sweep);
    let curves = chart_of(&sweep, "sweep-sweep.svg");
    for key in ["a", "b"] {
        assert_eq!(curves.matches(&format!("{key}: ")).count(), 2 * names.len());
    }
    assert_eq!(
        curves.matches("the knee").count(),
        2 * 2,
        "one per strategy and plane"
    );
    sweep.header.plan.scenarios[0].name = "other".into();
    sweep.trials.retain(|trial| trial.scenario != "sweep-10");
    let two_are_no_curve = |(name, _): &(String, String)| !name.contains("-sweep.svg");
    assert!(
        chart::all(&sweep, None)
            .unwrap()
            .iter()
            .all(two_are_no_curve)
    );
}

/// How many strategies something is drawn of, and how many of them stand back.
fn series(svg: &str) -> (usize, usize) {
    let groups = svg.split("<g data-series=").skip(1);
    let heads: Vec<&str> = groups
        .map(|group| group.split_once('>').unwrap().0)
        .collect();
    let of = |sign: &str| {
        let with = heads.iter().filter(|head| head.contains(sign));
        let positions: BTreeSet<_> = with.map(|head| head.split('"').nth(1)).collect();
        positions.len()
    };
    (of("color="), of("class=\"pale\""))
}

#[test]
fn of_many_curves_the_best_of_each_mechanism_stand_out_and_all_are_there() {
    let many = crate::common::many::study();
    let count = crate::common::many::keys().len();
    assert_eq!(count, 40);
    for chart in ["latency", "time-series"] {
        let svg = chart_of(&many, &format!("short-lived-{chart}.svg"));
        assert_eq!(series(&svg), (count, count - 8), "{chart}");
        assert!(svg.contains(">pale: 32 more</text>"), "{chart}");
    }
    for chart in ["throughput", "distribution", "shares", "cpu"] {
        let svg = chart_of(&many, &format!("short-lived-{chart}.svg"));
        assert_eq!(series(&svg), (count, 0), "{chart}");
    }
    let of_heat = chart_of(&many, "short-lived-heat.svg");
    assert_eq!(
        series(&of_heat),
        (8, 0),
        "a picture for each that stands out"
    );
}

#[test]
fn many_strategies_have_the_colour_of_their_mechanism_and_curves_of_their_own() {
    let many = crate::common::many::study();
    let bars = chart_of(&many, "short-lived-throughput.svg");
    let color = |key: &str| {
        let position = crate::common::many::keys()
            .iter()
            .position(|k| k == key)
            .unwrap();
        let group = format!("<g data-series=\"{position}\" color=\"");
        bars.split(&group)
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
    };
    assert_eq!(color("proxy:idle"), color("proxy:sticky"));
    assert_ne!(color("proxy:idle"), color("splice:idle"));
    let curves = chart_of(&many, "short-lived-latency.svg");
    assert!(
        curves.contains("stroke-dasharray"),
        "dashes distinguish curves of one colour"
    );
}

#[test]
fn ratios_are_drawn_against_the_leader_or_the_baseline_that_is_asked_for() {
    let study = stored();
    let ratios = |baseline| {
        let charts = chart::all(&study, baseline).unwrap();
        let found = charts
            .into_iter()
            .find(|(name, _)| name == "keep-alive-ratios.svg");
        found.unwrap().1
    };
    assert!(ratios(None).contains("baseline: reuseport"));
    assert!(ratios(Some("single")).contains("baseline: single"));
}
