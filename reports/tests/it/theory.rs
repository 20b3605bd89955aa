//! Waits compared with queueing theory: recursions along known choices, sampling errors, verdicts.

use std::num::NonZeroUsize;

use crate::common::{detailed, time_series};
use evenkeel_reports::bound::{Request, Stream, common_queue, known_split, scatter};
use evenkeel_reports::format::{HTML, TEXT};
use evenkeel_reports::stats::{compare_waits, summarize};
use evenkeel_reports::{Expected, Study, Style, Theory, Waiting};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// A worker that is busy for this share of the time with a millisecond each, seen for so many of
/// them after a tenth as many.
fn stream(load: f64, requests: f64) -> Stream {
    let (gap_ns, work_ns) = (1e6 / load, 1e6);
    Stream {
        gap_ns,
        work_ns,
        opens_ns: requests / 10.0 * gap_ns,
        closes_ns: requests * 1.1 * gap_ns,
    }
}

/// The stored study, with the waits of `single` under the open loop changed.
fn with_waits(edit: impl Fn(&mut Waiting)) -> Study {
    let mut study = time_series::study();
    let of_single = study.trials.iter_mut().filter(|t| t.strategy == "single");
    let measured = of_single.filter_map(|trial| trial.measured_mut());
    measured
        .filter_map(|m| m.waiting_us.as_mut())
        .for_each(edit);
    study
}

fn text(study: &Study) -> String {
    TEXT.render(study, detailed()).unwrap()
}

#[test]
fn waits_along_known_choices_are_those_worked_out_by_hand() {
    let at = |at_ns, work_ns| Request { at_ns, work_ns };
    let requests = [at(0, 10), at(1, 10), at(2, 3), at(9, 1), at(30, 5)];
    let by = |workers: [u32; 5]| known_split(requests.into_iter().zip(workers));
    assert_eq!(by([0, 0, 0, 0, 0]), [0, 9, 18, 14, 0]);
    assert_eq!(by([0, 1, 0, 1, 0]), [0, 0, 8, 2, 0]);
    assert_eq!(by([7, 0, 1, 0, 0]), [0, 0, 0, 2, 0]);
}

#[test]
fn the_scatter_of_windows_is_that_of_the_theory_of_a_single_queue() {
    // The mean wait of n successive requests of M/M/1 varies by ρ(2 + 5ρ − 4ρ² + ρ³) / (1 − ρ)⁴ / n
    // squared service times (D. J. Daley, "The serial correlation coefficients of waiting times
    // in a stationary single server queue", 1968).
    let (load, requests): (f64, f64) = (0.5, 4_000.0);
    let polynomial = 2.0 + 5.0 * load - 4.0 * load.powi(2) + load.powi(3);
    let variance = load * polynomial / (1.0 - load).powi(4) / requests;
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let stream = stream(load, requests);
    let waits = |all: &[Request], _: &mut Pcg64Mcg| common_queue(all, ONE);
    let found = scatter(&stream, &mut random, waits).unwrap();
    let ratio = found.mean / 1e3 / variance.sqrt();
    // Of 200 windows a standard deviation is known to 5%; four of them.
    assert!((0.8..=1.2).contains(&ratio), "{ratio}");
    assert!(found.p99 > found.mean);
    assert_eq!(stream.load(ONE), load);
}

#[test]
fn a_window_too_short_for_any_request_has_no_scatter() {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let waits = |all: &[Request], _: &mut Pcg64Mcg| common_queue(all, ONE);
    assert_eq!(scatter(&stream(0.5, 0.0), &mut random, waits), None);
}

#[test]
fn a_wait_holds_as_long_as_it_is_within_its_bound() {
    for (factor, holds) in [
        (1.0, true),
        (1.09, true),
        (0.91, true),
        (1.11, false),
        (0.8, false),
    ] {
        let study =
            with_waits(|waiting| waiting.measured.mean = waiting.common_queue.mean * factor);
        let summaries = summarize(&study);
        let open = summaries.last().unwrap();
        let all = compare_waits(open);
        let single = all
            .iter()
            .find(|b| b.strategy.strategy == "single")
            .unwrap();
        assert_eq!(
            single.mean.holds(single.expected.unwrap()),
            holds,
            "{factor}"
        );
    }
}

#[test]
fn a_random_split_is_compared_with_its_own_draws_and_those_with_chance() {
    let draws = |of_measured: f64, of_all: f64| {
        let study = with_waits(|waiting| {
            let as_served = waiting.random_split.mean * of_all;
            waiting.measured.mean = as_served * of_measured;
            waiting.as_served.as_mut().unwrap().mean = as_served;
            // The mean over three blocks is off by as much as 0.1 / √3 · 3 standard deviations.
            let mean = waiting.random_split.mean * 0.1;
            waiting.random_split_scatter.as_mut().unwrap().mean = mean;
            waiting.expected = Some(Expected {
                theory: Theory::RandomSplit,
                within: 0.15,
            });
        });
        text(&study)
    };
    assert!(draws(1.1, 1.1).contains("1.10 × own split, 1.21 × any, within 15%"));
    assert!(draws(1.2, 1.0).contains("1.20 × own split, 1.20 × any, NOT within 15%"));
    assert!(draws(1.0, 1.3).contains("1.00 × own split, 1.30 × any, NOT within chance"));
}

#[test]
fn text_and_page_say_what_theory_says_and_where_the_others_stand() {
    let study = with_waits(|waiting| waiting.measured.p99 = waiting.common_queue.p99 * 1.04);
    let text = text(&study);
    let section = text.split_once("The testbed against theory").unwrap().1;
    assert!(
        section.contains("1.04 × common queue, within 10%"),
        "{section}"
    );
    assert!(section.contains("NOT within 10%"), "{section}");
    assert!(section.contains("50% of the way to ideal"), "{section}");
    assert!(
        section.contains("1 of 2 figures for which theory has a value"),
        "{section}"
    );
    let page = HTML.render(&study, detailed()).unwrap();
    assert!(page.contains("<section id=\"theory\">") && page.contains("href=\"#theory\""));
    assert!(page.contains("data-chart=\"theory\""));
}

#[test]
fn a_study_without_waits_has_no_such_section() {
    let study = crate::common::stored();
    assert!(!text(&study).contains("against theory"));
    let page = HTML.render(&study, detailed()).unwrap();
    assert!(!page.contains("id=\"theory\"") && !page.contains("#theory"));
}

#[test]
fn the_tables_fit_a_terminal() {
    for width in [60, 80, 100] {
        let style = Style {
            table_width: Some(width),
            width,
            ..detailed()
        };
        let text = TEXT.render(&time_series::study(), style).unwrap();
        let section = text.split_once("The testbed against theory").unwrap().1;
        let widest = section
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap();
        assert!(widest <= width.max(75), "{width}: {section}");
    }
}
