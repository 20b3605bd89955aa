//! Two sides beside each other, compared with stored texts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{assert_golden, stored};
use evenkeel_reports::compare::{Criteria, Exception, MOST_BLOCKS, Margin, Metric};
use evenkeel_reports::contrast::{Contrast, Outcome, Row, Side};
use evenkeel_reports::{Study, TrialResult};

fn beside<'a>(a: &'a Study, b: &'a Study, criteria: &Criteria) -> Contrast<'a> {
    Contrast::of_studies(("a".into(), a), ("b".into(), b), criteria)
}

/// The stored study on another host, without its last strategy, and with one trial that failed
/// in every block.
fn other() -> Study {
    let mut other = stored();
    other.header.host.kernel = "6.1.0-made-up".into();
    let gone = other.header.plan.strategies.pop().unwrap().key;
    other.trials.retain(|trial| trial.strategy != gone);
    for trial in &mut other.trials {
        if trial.strategy == "single" && trial.scenario == "skewed" {
            trial.result = TrialResult::Failed("made up".into());
        }
    }
    other
}

#[test]
fn two_studies_are_rendered_as_before() {
    let (a, b) = (stored(), other());
    let contrast = beside(&a, &b, &Criteria::default());
    assert_golden("contrast.text", &contrast.text());
    assert_golden("contrast.markdown", &contrast.summary());
    assert_golden("contrast.csv", &contrast.csv().unwrap());
}

#[test]
fn the_page_has_the_verdict_both_sides_charts_and_every_comparison_and_needs_nothing_else() {
    let (mut a, b) = (stored(), other());
    a.header.plan.strategies[0].summary = "<script>".into();
    let contrast = beside(&a, &b, &Criteria::default());
    let html = contrast.html(&a, &b);
    for text in [
        "<h1>evenkeel comparison</h1>",
        "no difference shown in ",
        "6.1.0-made-up",
        "B lacks strategy proxy:round-robin",
        "did not run interleaved",
        "<h3>A</h3>",
        "Method and limits",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let scenarios = a.header.plan.scenarios.len();
    assert_eq!(html.matches("data-chart=\"ratios\"").count(), scenarios);
    let sorted: usize = html
        .split("<table class=\"sorts\">")
        .skip(1)
        .map(|table| {
            table
                .split("</table>")
                .next()
                .unwrap_or("")
                .matches("<tr>")
                .count()
                - 1
        })
        .sum();
    assert_eq!(sorted, contrast.rows.len());
    for word in ["NaN", "src=", "https://", "url("] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn strategies_of_one_study_are_held_against_the_baseline_in_every_scenario() {
    let study = stored();
    let contrast = Contrast::within(&study, "single", &["reuseport"], &Criteria::default());
    let pair = |c: &Row| (c.comparison.baseline, c.comparison.candidate) == ("single", "reuseport");
    assert!(!contrast.rows.is_empty() && contrast.rows.iter().all(pair));
    for scenario in &study.header.plan.scenarios {
        let name = scenario.name.as_str();
        let is_told = contrast.gaps.iter().any(|gap| gap.what.contains(name));
        let is_compared = contrast
            .rows
            .iter()
            .any(|row| row.comparison.scenario == name);
        assert!(is_compared || is_told, "{name}");
    }
}

#[test]
fn what_the_candidate_lacks_cannot_be_told_and_what_the_baseline_lacks_is_new() {
    let (a, b) = (stored(), other());
    let forth = beside(&a, &b, &Criteria::default());
    assert!(forth.gaps.iter().all(|gap| gap.lacks == Side::Candidate));
    assert!(
        forth
            .doubts()
            .any(|doubt| doubt.contains("a valid trial of single under skewed"))
    );
    let back = beside(&b, &a, &Criteria::default());
    assert_eq!(back.gaps.len(), forth.gaps.len());
    assert!(back.gaps.iter().all(|gap| gap.lacks == Side::Baseline));
    assert!(back.doubts().all(|doubt| !doubt.contains("lacks")));
}

#[test]
fn nothing_to_compare_is_no_pass() {
    let study = stored();
    let all = study.header.plan.scenarios.iter().map(|s| Exception {
        scenario: Some(s.name.clone()),
        margin: Some(Margin::NotCompared),
        ..Exception::default()
    });
    let criteria = Criteria {
        exceptions: all.collect(),
        ..Criteria::default()
    };
    let contrast = beside(&study, &study, &criteria);
    assert_eq!(contrast.rows.len(), 0);
    assert_eq!(contrast.outcome(), Outcome::CannotTell);
    assert!(contrast.text().contains("Nothing can be compared."));
}

#[test]
fn more_blocks_than_anyone_will_run_are_told_as_a_lower_bound() {
    let study = stored();
    let mut contrast = beside(&study, &study, &Criteria::default());
    contrast.rows.truncate(1);
    contrast.rows[0].comparison.blocks_needed = Some(MOST_BLOCKS);
    assert!(contrast.text().contains("~ needs 10,000 blocks or more"));
}

#[test]
fn every_metric_is_read_by_its_name() {
    for metric in Metric::ALL {
        assert_eq!(metric.name().parse(), Ok(metric));
    }
    let error = "p98".parse::<Metric>().unwrap_err().to_string();
    assert!(
        Metric::ALL
            .iter()
            .all(|metric| error.contains(metric.name())),
        "{error}"
    );
}
