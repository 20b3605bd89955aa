//! The HTML page, compared as text with the other formats.

use crate::common::shown::{assert_sound, page, study};
use crate::common::{detailed, failed, figures, measured, skipped, stored};
use evenkeel_reports::format::{self, CSV, HTML, JSON, MARKDOWN, TEXT};
use evenkeel_reports::histogram::{self, Histogram};
use evenkeel_reports::stats::{Scale, Spread};
use evenkeel_reports::{FORMATS, Measured, Style, Trial};

#[test]
fn the_page_shows_what_was_run_and_what_went_wrong() {
    let html = page(&stored());
    for text in [
        "evenkeel run --made-up",
        "2026-01-01 00:00:00 UTC",
        "Made-up fixture, not a measurement",
        "best in throughput so far",
        "so far; the next, ",
        "3 more blocks may show what 3 blocks cannot",
        "<code>evenkeel run --resume DIR -b 6</code>",
        "closed loop, so latencies are closed-loop",
        "open loop: latencies count from the intended time",
        "<b>skipped:</b> made up: the kernel is too old",
        "<b>failed:</b> made up: worker 2 did not start",
        "<b>invalid:</b> made up: only 61 of 64",
        "<b>errors:</b> status 502: 12 requests",
        "<b>note:</b> made up: load CPUs",
        "prefers-color-scheme: dark",
    ] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn every_format_says_that_a_study_is_incomplete_and_what_was_not_run() {
    let mut cut_short = stored();
    cut_short.trials.truncate(3);
    let whole = "this study has 3 of 72 trials";
    let part = "short-lived has 3 of 24 trials, and none of handoff:round";
    for (format, expected) in [
        (&TEXT, [whole, part, "not run"]),
        (&MARKDOWN, [whole, part, "| not run |"]),
        (&HTML, [whole, part, ">not run</td>"]),
        (
            &JSON,
            ["\"planned\": 72", "\"without\": [", "\"trials\": 3,"],
        ),
        (
            &CSV,
            [
                "single,short-lived,1,valid,",
                "single,short-lived,2,not run,",
                "sticky,skewed,3,not run,",
            ],
        ),
    ] {
        let text = format.render(&cut_short, detailed()).unwrap();
        let complete = format.render(&stored(), detailed()).unwrap();
        for words in expected {
            assert!(text.contains(words), "{words} is missing in {format}");
        }
        assert!(
            !complete.contains(whole) && !complete.contains("not run"),
            "{format}"
        );
    }
}

#[test]
fn a_table_fits_a_terminal_by_leaving_columns_out_and_says_which() {
    let whole = TEXT.render(&stored(), detailed()).unwrap();
    // In the answer, the last part, bars take what room there is.
    let before_answer = |text: &str| text.split("\n8 strategies, ").next().unwrap().to_owned();
    for table_width in [60, 80, 99, 112, 200] {
        let style = Style {
            width: table_width.min(100),
            table_width: Some(table_width),
            ..detailed()
        };
        let text = TEXT.render(&stored(), style).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= table_width, "{table_width}: {line}");
        }
        for column in ["strategy", "req/s", "p99", "errors"] {
            assert!(text.contains(column), "{column} at {table_width}");
        }
        let left_out = text.contains("Left out for lack of room: ");
        assert_eq!(left_out, table_width < 113, "{table_width}");
        assert_eq!(
            before_answer(&text) == before_answer(&whole),
            !left_out,
            "{table_width}"
        );
    }
}

#[test]
fn overrides_of_the_scenario_are_shown() {
    let mut study = stored();
    study.header.plan.scenarios[0].load = "8 connections (instead of 64)".into();
    study.header.plan.dispatchers = 2;
    for format in [&TEXT, &MARKDOWN, &HTML, &JSON] {
        let text = format.render(&study, detailed()).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("8 connections (instead of 64)"), "{format}");
        assert!(
            format == &JSON || text.contains("2 dispatchers"),
            "{format}"
        );
    }
}

#[test]
fn hostile_names_and_messages_are_shown_and_not_obeyed() {
    let hostile = "<script>alert('x')</script>\"&\u{1b}[2J|`*";
    let mut good = figures(&[5_000], 80.0, 1.5, Some(9.0));
    good.notes = vec![hostile.into()];
    good.errors = [(hostile.to_owned(), 1)].into();
    let mut hostile_study = study(
        &[hostile],
        vec![
            measured(hostile, "bare", 0, good),
            skipped(hostile, "bare", 1, hostile),
        ],
    );
    hostile_study.header.command = vec![hostile.into()];
    hostile_study.header.plan.strategies[0].summary = hostile.into();
    hostile_study.header.plan.scenarios[0].summary = hostile.into();
    hostile_study.header.plan.scenarios[0].toml = hostile.into();
    hostile_study.header.host.warnings = vec![hostile.into()];
    hostile_study.warnings = vec![hostile.into()];
    assert_sound(&hostile_study);
    for format in [&HTML, &MARKDOWN, &TEXT] {
        let text = format.render(&hostile_study, detailed()).unwrap();
        assert!(!text.contains('\u{1b}'), "{format}");
        assert!(text.contains("alert("), "{format}");
        assert_eq!(text.contains("<script>alert"), format == &TEXT, "{format}");
    }
}

#[test]
fn odd_studies_are_shown_as_far_as_they_go() {
    let few = || figures(&[30, 20, 10, 5], 80.0, 1.5, None);
    let nothing = figures(&[0, 0], 80.0, 1.5, None);
    let invalid = Measured {
        valid: false,
        invalid_because: vec!["late".into()],
        ..few()
    };
    let mut instant = few();
    let mut zeros = Histogram::<u64>::new(3).unwrap();
    zeros.record_n(0, 65).unwrap();
    instant.histogram = Some(histogram::encode(&zeros).unwrap());
    let failed = failed("a", "bare", 0, "no port");
    let odd = [
        study(&["a"], vec![]),
        study(&["a"], vec![measured("a", "bare", 0, few())]),
        study(&["a"], vec![measured("a", "bare", 0, nothing)]),
        study(&["a"], vec![measured("a", "bare", 0, invalid)]),
        study(
            &["a", "b"],
            vec![skipped("a", "bare", 0, "x"), skipped("b", "bare", 0, "x")],
        ),
        study(&["a", "b"], vec![failed]),
        study(&["a"], vec![measured("a", "bare", 0, instant)]),
        study(
            &["a"],
            vec![measured(
                "a",
                "bare",
                0,
                figures(&[77; 40], 80.0, 1.5, Some(3.0)),
            )],
        ),
        study(
            &["a"],
            vec![measured(
                "a",
                "bare",
                0,
                Measured {
                    per_worker: vec![],
                    ..few()
                },
            )],
        ),
    ];
    for study in &odd {
        assert_sound(study);
    }
}

#[test]
fn a_study_that_saw_no_trial_says_so() {
    for format in [&TEXT, &MARKDOWN, &HTML] {
        let text = format.render(&study(&["a"], vec![]), detailed()).unwrap();
        assert!(text.contains("No trial was recorded."), "{format}");
    }
}

#[test]
fn a_winner_is_named_only_where_no_ranges_overlap() {
    let fleet = |rps: [f64; 2], key: &str| -> Vec<Trial> {
        let block = |(block, throughput_rps)| {
            let figures = figures(&[50_000], 80.0, 1.5, None);
            measured(
                key,
                "bare",
                block,
                Measured {
                    throughput_rps,
                    ..figures
                },
            )
        };
        (0..).zip(rps).map(block).collect()
    };
    let markdown = |rival: [f64; 2]| {
        let trials = [fleet([100.0, 110.0], "a"), fleet(rival, "b")].concat();
        let study = study(&["a", "b"], trials);
        MARKDOWN.render(&study, detailed()).unwrap()
    };
    assert!(markdown([90.0, 99.0]).contains("| a | **105** |"));
    assert!(!markdown([90.0, 101.0]).contains("**105**"));
}

#[test]
fn a_figure_in_the_table_has_its_interval_below_it_and_its_range_at_hand() {
    let study = stored();
    let scenario = &study.header.plan.scenarios[0].name;
    let of = |t: &&Trial| t.strategy == "single" && t.scenario == *scenario;
    let trials = study.trials.iter().filter(of);
    let rates = trials.filter_map(|t| Some(t.measured()?.throughput_rps));
    let spread = Spread::of(rates, Scale::Ratio).unwrap();
    let interval = spread.interval.unwrap();
    let page = HTML.render(&study, detailed()).unwrap();
    let cell = |text: &str| assert!(page.contains(text), "{text}");
    let shown = evenkeel_common::units::count;
    cell(&format!(
        "<span class=\"interval\">range {} to {}</span>",
        shown(interval.low),
        shown(interval.high)
    ));
    let (min, max) = (shown(spread.min), shown(spread.max));
    cell(&format!(
        "title=\"{min} to {max} over {} blocks\"",
        spread.blocks
    ));
}

#[test]
fn a_percentile_from_too_few_answers_is_marked() {
    let few = study(
        &["a"],
        vec![measured("a", "bare", 0, figures(&[5_000], 80.0, 1.5, None))],
    );
    let text = TEXT.render(&few, detailed()).unwrap();
    let row = text.lines().find(|line| line.starts_with("a ")).unwrap();
    assert_eq!(row.matches('~').count(), 1, "{row}");
    assert!(text.contains("~ fewer than 10 answers in all, or 3 in a block"));
}

#[test]
fn a_format_is_found_by_its_name_and_no_two_share_one_or_a_file() {
    for (position, format) in FORMATS.iter().enumerate() {
        assert_eq!(format::find(format.name), Some(*format));
        let others = || FORMATS[..position].iter();
        assert!(others().all(|other| other.file_name != format.file_name));
    }
    assert_eq!(format::find("pdf"), None);
}
