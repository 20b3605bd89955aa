//! What was expected of a study: how it is written, and whether it holds.

use std::collections::BTreeMap;

use crate::common::{figures, header, measured, skipped};
use evenkeel_reports::compare::Metric;
use evenkeel_reports::expect::{Checked, METRICS, Outcome, Predicate, check};
use evenkeel_reports::format::find;
use evenkeel_reports::{Expectation, LoopKind, Measured, Study, Style, Trial};
use proptest::prelude::*;

/// What is left of noise within a block.
const NOISE: [f64; 8] = [1.004, 0.998, 1.001, 0.997, 1.003, 0.999, 1.002, 0.996];

fn expectation(that: &str) -> Expectation {
    Expectation {
        name: that.to_owned(),
        that: that.to_owned(),
        source: Some("A made-up source".to_owned()),
        published: Some("3×".to_owned()),
    }
}

/// A study of strategies that differ in their median response time, microseconds.
fn study_of(medians_us: &[(&str, f64)], blocks: u32, expected: &[&str]) -> Study {
    let trial = |block: u32, position: usize| {
        let (key, median_us) = medians_us[position];
        let noise = NOISE[(block as usize + 3 * position) % 8];
        let figures = figures(&[9_000, 1_000], median_us * noise, 2.0, None);
        measured(key, "skewed", block, figures)
    };
    let keys: Vec<&str> = medians_us.iter().map(|(key, _)| *key).collect();
    let mut header = header(&keys, &[("skewed", LoopKind::Open)]);
    header.plan.expectations = expected.iter().map(|that| expectation(that)).collect();
    let places = (0..blocks).flat_map(|block| (0..keys.len()).map(move |at| (block, at)));
    Study {
        header,
        trials: places.map(|(block, at)| trial(block, at)).collect(),
        warnings: Vec::new(),
    }
}

/// `fast` takes 100 µs, `slow` three times as long, and `same` as long as `fast`.
fn three(blocks: u32, expected: &[&str]) -> Study {
    study_of(
        &[("fast", 100.0), ("slow", 300.0), ("same", 100.0)],
        blocks,
        expected,
    )
}

fn outcomes(study: &Study) -> Vec<(Outcome, String)> {
    let outcome = |it: Checked| (it.outcome, it.because.unwrap_or_default());
    check(study).into_iter().map(outcome).collect()
}

fn assert_outcome(study: &Study, expected: Outcome) {
    for checked in check(study) {
        let claim = &checked.claim;
        assert_eq!(checked.outcome, expected, "{claim}: {:?}", checked.because);
    }
}

#[test]
fn what_the_blocks_show_holds() {
    let study = three(
        8,
        &[
            "p99(slow) / p99(fast) in skewed >= 2.5",
            "p50(slow) > p50(fast)",
            "p50(slow) > 2 * p50(same)",
            "p50(fast) between 80us and 120us",
            "p50(slow) / p50(fast) between 2.9 and 3.1",
            "p50(fast) ~ p50(same) within 10%",
            "80us < p50(fast) < 120us < p50(slow)",
            "busiest(fast) <= 1.8",
            "throughput(fast) >= 5000/s",
            "stddev(slow) > stddev(fast)",
            "success(fast) >= 99.8%",
            "lost(fast) <= 0",
            "timed-out(slow) <= 0.1%",
            "within-1s(slow) >= 99.8%",
            "within-290us(slow) < 50% < within-330us(slow)",
            "within-1us(fast) <= 0",
            "p99(fast) * throughput(fast) < p99(slow) * throughput(slow)",
        ],
    );
    assert_outcome(&study, Outcome::Holds);
}

#[test]
fn what_the_blocks_refute_does_not_hold() {
    let study = three(
        8,
        &[
            "p99(slow) / p99(fast) in skewed >= 3.5",
            "p50(slow) < p50(fast)",
            "p50(slow) > p50(fast) > p50(slow)",
            "p50(fast) between 200us and 300us",
            "p50(slow) ~ p50(fast) within 10%",
            "busiest(fast) < 1.8",
            "success(fast) < 1",
            "lost(fast) > 0",
        ],
    );
    assert_outcome(&study, Outcome::DoesNotHold);
}

#[test]
fn what_they_leave_open_cannot_be_told_with_the_reason() {
    let mut study = three(
        8,
        &[
            "p50(fast) < p50(same)",
            "p50(slow) > p50(fast) > p50(same)",
            "p99.9(same) > 1us",
            "wait(fast) < 1ms",
        ],
    );
    let few = |figures: &mut Measured| figures.requests = 900;
    let same = study.trials.iter_mut().filter(|it| it.strategy == "same");
    same.for_each(|trial| change(trial, few));
    let reasons = outcomes(&study).into_iter().map(|(outcome, because)| {
        assert_eq!(outcome, Outcome::CannotTell);
        because
    });
    let reasons: Vec<String> = reasons.collect();
    for (reason, words) in reasons.iter().zip([
        "the confidence interval of p50(fast) / p50(same) holds 1.00",
        "the confidence interval of p50(fast) / p50(same) holds 1.00",
        "too few answers of same lie beyond its p99.9; measure for longer",
        "wait of fast is known in 0 blocks, and it takes 6",
    ]) {
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn fewer_than_six_valid_blocks_of_all_strategies_cannot_tell() {
    let expected = ["p50(slow) > p50(fast)"];
    let few = three(5, &expected);
    assert_eq!(
        outcomes(&few),
        [(
            Outcome::CannotTell,
            "p50 of slow is known in 5 blocks, and it takes 6".to_owned()
        )]
    );
    let found = &check(&few)[0].found[0];
    assert_eq!(found.blocks, 5);
    assert!(found.sentence().contains("(range "), "{}", found.sentence());

    let mut invalid = three(6, &expected);
    change(&mut invalid.trials[0], |figures| {
        figures.valid = false;
        figures.invalid_because = vec!["the generator was late".to_owned()];
    });
    let (outcome, because) = outcomes(&invalid).remove(0);
    assert_eq!(outcome, Outcome::CannotTell);
    assert_eq!(
        because,
        "fast is valid in 5 blocks, and it takes 6: the generator was late"
    );

    let mut absent = three(6, &expected);
    for trial in absent
        .trials
        .iter_mut()
        .filter(|trial| trial.strategy == "slow")
    {
        *trial = skipped("slow", "skewed", trial.block, "no nftables");
    }
    let (_, because) = outcomes(&absent).remove(0);
    assert_eq!(because, "slow was skipped: no nftables");
}

#[test]
fn lost_requests_count_in_every_measured_trial_and_one_refutes_that_none_is_lost() {
    let expected = [
        "lost(fast) <= 0",
        "lost(fast) < 10%",
        "refused(slow) <= 0",
        "success(fast) < 1",
    ];
    let mut study = three(6, &expected);
    change(&mut study.trials[0], |figures| {
        figures.errors = BTreeMap::from([("cut".to_owned(), 1)]);
        figures.valid = false;
    });
    let outcomes: Vec<Outcome> = outcomes(&study).into_iter().map(|(one, _)| one).collect();
    use Outcome::{DoesNotHold, Holds};
    assert_eq!(outcomes, [DoesNotHold, Holds, Holds, Holds]);
}

#[test]
fn a_predicate_without_a_scenario_is_about_each_of_them() {
    let mut study = three(
        8,
        &["p50(slow) > p50(fast)", "p50(slow) > p50(fast) in other"],
    );
    let other = header(&["fast"], &[("other", LoopKind::Open)])
        .plan
        .scenarios;
    study.header.plan.scenarios.extend(other);
    let checked = check(&study);
    let found = checked.iter().map(|it| (it.title(), it.outcome));
    let expected = [
        ("p50(slow) > p50(fast) (skewed)", Outcome::Holds),
        ("p50(slow) > p50(fast) (other)", Outcome::CannotTell),
        ("p50(slow) > p50(fast) in other", Outcome::CannotTell),
    ];
    assert!(found.eq(expected.map(|(title, outcome)| (title.to_owned(), outcome))));
}

#[test]
fn a_predicate_of_another_version_is_shown_and_cannot_be_told() {
    let study = three(6, &["novelty(fast) > 3"]);
    let (outcome, because) = outcomes(&study).remove(0);
    assert_eq!(outcome, Outcome::CannotTell);
    assert!(
        because.contains("there is no metric `novelty`"),
        "{because}"
    );
}

#[test]
fn every_format_for_people_and_for_ci_shows_each_expectation() {
    let study = three(
        8,
        &[
            "p50(slow) > p50(fast)",
            "p50(slow) < p50(fast)",
            "p50(fast) < p50(same)",
        ],
    );
    for (format, words) in [
        ("text", ["does not hold", "cannot tell: ", "3×"]),
        ("markdown", ["**does not hold**", "**cannot tell:**", "3×"]),
        (
            "html",
            [
                "<section id=\"expectations\">",
                "does not hold",
                "A made-up source",
            ],
        ),
        (
            "json",
            [
                "\"does_not_hold\"",
                "\"cannot_tell\"",
                "\"A made-up source\"",
            ],
        ),
        (
            "junit",
            [
                "<testsuite name=\"expectations\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">",
                "<failure message=\"does not hold: p50(slow) &lt; p50(fast)",
                "published: 3×",
            ],
        ),
    ] {
        let text = find(format)
            .unwrap()
            .render(&study, Style::default())
            .unwrap();
        for word in words {
            assert!(
                text.contains(word),
                "{format}: {word} is missing in\n{text}"
            );
        }
    }
}

#[test]
fn the_answer_fits_a_screen_however_much_was_expected_and_keeps_what_does_not_hold() {
    let many: Vec<String> = (1..60).map(|n| format!("p50(slow) > {n}us")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push("p50(slow) < 1us");
    let study = three(8, &many);
    let text = find("text")
        .unwrap()
        .render(&study, Style::default())
        .unwrap();
    assert!(text.lines().count() <= 40, "{text}");
    assert!(text.contains("does not hold"), "{text}");
}

#[test]
fn every_compared_metric_can_be_named_and_the_documentation_has_them_all() {
    for metric in Metric::ALL {
        assert!(METRICS.iter().any(|info| info.name == metric.name()));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/expectations.md");
    let documentation = std::fs::read_to_string(path).unwrap();
    for info in &METRICS {
        let row = format!("| `{}` | {} |", info.name, info.meaning);
        assert!(
            documentation.contains(&row),
            "docs/expectations.md lacks: {row}"
        );
    }
}

#[test]
fn an_error_says_what_is_wrong_where() {
    for (text, problem) in [
        ("", "it ends where a metric of a strategy"),
        (
            "p99(a)",
            "it ends where `<`, `<=`, `>`, `>=`, `~` or `between` is expected",
        ),
        ("p99(a) = 3ms", "`= 3ms` stands where"),
        ("p99(a) > 1ms >", "it ends where a metric"),
        (
            "p99(a) > 1ms p50(b)",
            "`p50(b)` stands where the end is expected",
        ),
        (
            "p99(a) in x > 1ms in y",
            "`in y` stands where the end is expected",
        ),
        ("p99(a) in > 1ms", "the name of a scenario"),
        ("p99 > 1ms", "write `p99(STRATEGY)`"),
        ("p99() > 1ms", "write `p99(STRATEGY)`"),
        ("p99(a > 1ms", "has no `)`"),
        ("p99(a b) > 1ms", "`a b` is not the key of a strategy"),
        (
            "p98(a) > 1ms",
            "there is no metric `p98`; did you mean `p99`?",
        ),
        ("p99(a) > 3", "is a time such as 5ms, and `3` is a number"),
        ("throughput(a) > 3", "is a rate such as 1000/s"),
        ("p99(a) > success(b)", "`success(b)` is a number"),
        ("p99(a) > 1.2.3ms", "a number is expected"),
        ("p99(a) > 5m", "`m` stands where the end is expected"),
        (
            "p99(a) between 1ms or 2ms",
            "`or 2ms` stands where `and` is expected",
        ),
        (
            "p99(a) between 2ms and 1ms",
            "nothing is between 2ms and 1ms",
        ),
        ("p99(a) ~ p99(b) within 3ms", "is not a share such as 10%"),
        ("lost(a) ~ lost(b)", "lost may be zero"),
        ("p99(a) > 0us", "`p99(a)` is always above 0"),
        ("p99(a) between 0us and 1ms", "`p99(a)` is always above 0"),
        ("1 < 2", "has no metric"),
        ("1 between 0 and 2", "has no metric"),
    ] {
        let error = text.parse::<Predicate>().expect_err(text).to_string();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn a_name_that_the_study_lacks_is_refused_with_the_nearest() {
    let predicate: Predicate = "p99(singel) > 1ms in skewd".parse().unwrap();
    let error = predicate.check_names(&["single", "reuseport"], &["skewed"]);
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "this study has no strategy `singel`; did you mean `single`?"
    );
    let error = predicate.check_names(&["singel"], &["skewed", "bare"]);
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "this study has no scenario `skewd`; did you mean `skewed`?"
    );
    assert_eq!(predicate.check_names(&["singel"], &["skewd"]), Ok(()));
}

fn change(trial: &mut Trial, change: impl FnOnce(&mut Measured)) {
    change(trial.measured_mut().expect("it was measured"));
}

/// A side of which the unit is a time.
fn side() -> impl Strategy<Value = String> {
    let figure = "(p50|p99\\.9|mean|wait) ?\\( ?[a-z]{1,6}(:[a-z-]{1,6})?(@[a-z]{1,3})? ?\\)";
    let number = "[0-9]{1,4}(\\.[0-9]{1,3})?";
    prop_oneof![
        figure.prop_map(String::from),
        (figure, number).prop_map(|(figure, number)| format!("{number} * {figure}")),
        (figure, number).prop_map(|(figure, number)| format!("{figure}/{number}%")),
        (figure, figure, figure).prop_map(|(a, b, c)| format!("{a} * {b} / {c}")),
    ]
}

fn predicate() -> impl Strategy<Value = String> {
    let place = "( in [a-z-]{1,8})?";
    let order = (
        side(),
        place,
        prop::collection::vec(("( > | >= |<| <=)", side()), 1..4),
    );
    let order = order.prop_map(|(first, place, others)| {
        let others = others.iter().map(|(sign, side)| format!("{sign}{side}"));
        format!("{first}{place}{}", others.collect::<String>())
    });
    let between = (side(), "[1-9]{1,3}us", "[1-9](\\.[0-9])?s", place);
    let alike = (
        "p50\\(a\\)",
        "p99\\(b:c\\)",
        "( within [0-9]{1,2}%)?",
        place,
    );
    prop_oneof![
        order,
        between
            .prop_map(|(side, low, high, place)| format!("{side} between {low} and {high}{place}")),
        alike.prop_map(|(left, right, within, place)| format!("{left} ~ {right}{within}{place}")),
    ]
}

proptest! {
    #[test]
    fn a_shown_predicate_parses_to_the_same_predicate(text in predicate()) {
        let parsed = text.parse::<Predicate>();
        let parsed = parsed.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(parsed.to_string().parse::<Predicate>(), Ok(parsed));
    }

    #[test]
    fn no_text_causes_a_panic(text in "(p99|lost|[0-9.]{1,5}|\\(|\\)|[a-zµ%/*<>~=]{1,3}| in | between | and | within )*|.*") {
        let _ = text.parse::<Predicate>();
    }
}
