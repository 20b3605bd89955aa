//! Two sides in one table, compared with stored texts.

use crate::common::{assert_golden, crowd, detailed, stored};
use evenkeel_reports::compare::{Criteria, Exception, MOST_BLOCKS, Margin, Metric};
use evenkeel_reports::format::{CSV, Format, HTML, JSON, MARKDOWN, Report, TEXT};
use evenkeel_reports::side_by_side::{Judged, Outcome, Row, Side, SideBySide};
use evenkeel_reports::{LoopKind, Study, Style, TrialResult};

fn compared<'a>(a: &'a Study, b: &'a Study, criteria: &Criteria) -> SideBySide<'a> {
    SideBySide::of_studies(("a".into(), a), ("b".into(), b), criteria)
}

fn rendered(report: &dyn Report, format: Format) -> String {
    format.render(report, detailed()).unwrap()
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
    let sides = compared(&a, &b, &Criteria::default());
    assert_golden("side-by-side.text", &rendered(&sides, &TEXT));
    assert_golden(
        "side-by-side.markdown",
        &rendered(&Judged(&sides), &MARKDOWN),
    );
    assert_golden("side-by-side.csv", &rendered(&sides, &CSV));
    assert_golden("side-by-side.json", &rendered(&Judged(&sides), &JSON));
}

#[test]
fn the_page_has_the_verdict_both_sides_charts_and_every_comparison_and_needs_nothing_else() {
    let (mut a, b) = (stored(), other());
    a.header.plan.strategies[0].summary = "<script>".into();
    let sides = compared(&a, &b, &Criteria::default());
    let html = rendered(&sides, &HTML);
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
    assert_eq!(sorted, sides.rows.len());
    for word in ["NaN", "src=", "https://", "url("] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn strategies_of_one_study_are_compared_with_the_baseline_in_every_scenario() {
    let study = stored();
    let sides = SideBySide::within(&study, "single", &["reuseport"], &Criteria::default());
    let pair = |c: &Row| (c.comparison.baseline, c.comparison.candidate) == ("single", "reuseport");
    assert!(!sides.rows.is_empty() && sides.rows.iter().all(pair));
    for scenario in &study.header.plan.scenarios {
        let name = scenario.name.as_str();
        let is_missing = sides.gaps.iter().any(|gap| gap.what.contains(name));
        let is_compared = sides.rows.iter().any(|row| row.comparison.scenario == name);
        assert!(is_compared || is_missing, "{name}");
    }
}

#[test]
fn what_the_candidate_lacks_is_in_doubt_and_what_the_baseline_lacks_is_new() {
    let (a, b) = (stored(), other());
    let forth = compared(&a, &b, &Criteria::default());
    assert!(forth.gaps.iter().all(|gap| gap.lacks == Side::Candidate));
    assert!(
        forth
            .doubts()
            .any(|doubt| doubt.contains("a valid trial of single under skewed"))
    );
    let back = compared(&b, &a, &Criteria::default());
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
    let sides = compared(&study, &study, &criteria);
    assert_eq!(sides.rows.len(), 0);
    assert_eq!(sides.outcome(), Outcome::Inconclusive);
    assert!(rendered(&sides, &TEXT).contains("Nothing can be compared."));
}

#[test]
fn more_blocks_than_anyone_will_run_are_shown_as_a_lower_bound() {
    let study = stored();
    let mut sides = compared(&study, &study, &Criteria::default());
    sides.rows.truncate(1);
    sides.rows[0].comparison.blocks_needed = Some(MOST_BLOCKS);
    assert!(rendered(&sides, &TEXT).contains("~ needs 10,000+\n"));
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

#[test]
fn a_comparison_of_the_longest_names_fits_80_columns() {
    let names = [
        "splice-sockmap:round-robin",
        "splice-sockmap:least-connections",
    ];
    let scenarios = [("short-lived", LoopKind::Closed)];
    let study = crowd::study(&names, &scenarios, 4, |_, _, block| {
        Some(1.0 + f64::from(block))
    });
    let sides = SideBySide::within(&study, names[0], &names[1..], &Criteria::default());
    let style = Style {
        table_width: Some(80),
        width: 80,
        ..detailed()
    };
    let text = TEXT.render(&sides, style).unwrap();
    let too_long = text.lines().find(|line| line.chars().count() > 80);
    assert_eq!(too_long, None, "{text}");
}
