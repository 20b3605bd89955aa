//! Charts, looked at as text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::shown::{assert_sound, chart_of, study};
use common::{figures, header, measured, stored};
use evenkeel_reports::{LoopKind, chart};

/// What a record without slices of time and without waits gives.
const CHARTS: [&str; 5] = ["throughput", "latency", "distribution", "shares", "cpu"];

#[test]
fn the_stored_study_has_the_charts_that_its_record_allows() {
    let study = stored();
    assert_sound(&study);
    let names: Vec<String> = chart::all(&study)
        .unwrap()
        .into_iter()
        .map(|c| c.0)
        .collect();
    let expected = ["short-lived", "keep-alive", "skewed"]
        .into_iter()
        .flat_map(|scenario| CHARTS.map(|chart| format!("{scenario}-{chart}.svg")));
    assert_eq!(names, expected.collect::<Vec<_>>());
}

#[test]
fn a_chart_has_a_row_or_curve_for_every_strategy_with_figures() {
    let study = stored();
    for chart in CHARTS {
        for (scenario, skipped) in [("short-lived", None), ("skewed", Some("reuseport"))] {
            let svg = chart_of(&study, &format!("{scenario}-{chart}.svg"));
            for strategy in &study.header.plan.strategies {
                let labels = svg.matches(&format!(">{}</text>", strategy.key)).count();
                let expected = usize::from(skipped != Some(strategy.key.as_str()));
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
        let whole = chart_of(&study, &format!("short-lived-{chart}.svg"));
        assert!(colors.iter().all(|color| whole.contains(color)));
        let without = chart_of(&study, &format!("skewed-{chart}.svg"));
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
    let charts = chart::all(&study).unwrap();
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
    let files = chart::files(&small).unwrap();
    assert_eq!(files.len(), 2 * CHARTS.len());
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
fn a_record_with_slices_and_waits_has_charts_of_them() {
    let whole = common::course::study();
    assert_sound(&whole);
    let names: Vec<String> = chart::all(&whole)
        .unwrap()
        .into_iter()
        .map(|c| c.0)
        .collect();
    for scenario in ["short-lived", "keep-alive", "skewed"] {
        for chart in ["course", "heat"] {
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
    assert!(chart::all(&sweep).unwrap().iter().all(two_are_no_curve));
}
#[test]
fn a_ninth_strategy_is_told_from_the_first_by_its_dashes() {
    let keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let measured = |key: &&str| measured(key, "bare", 0, figures(&[4_000], 80.0, 1.5, None));
    let nine = study(&keys, keys.iter().map(measured).collect());
    assert_sound(&nine);
    let curves = chart_of(&nine, "bare-latency.svg");
    let lines = |position: usize| {
        let group = format!("<g data-series=\"{position}\" color=");
        let groups = curves.split(&group).skip(1);
        let own = groups.map(|rest| rest.split("</g>").next().unwrap());
        own.map(|group| group.matches("<polyline").count())
            .sum::<usize>()
    };
    assert_eq!(lines(0), 2, "in the legend and in the plane");
    assert!(lines(8) > 10, "{} dashes", lines(8));
}
