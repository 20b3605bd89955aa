//! What a study says in words, and how much of it fits a screen.

use crate::common::{crowd, detailed, stored};
use evenkeel_reports::answer::{AdviceKind, Answer, Standing, answer};
use evenkeel_reports::compare::{Criteria, rankings};
use evenkeel_reports::format::{HTML, JSON, MARKDOWN, TEXT};
use evenkeel_reports::side_by_side::{Judged, SideBySide};
use evenkeel_reports::stats::summarize;
use evenkeel_reports::{ExecutableRecord, LoopKind, Report, Study, Style};

const CLOSED: [(&str, LoopKind); 1] = [("short-lived", LoopKind::Closed)];
const THREE: [(&str, LoopKind); 3] = [
    ("short-lived", LoopKind::Closed),
    ("keep-alive", LoopKind::Closed),
    ("skewed", LoopKind::Open),
];

fn said(study: &Study) -> Answer<'_> {
    answer(study, &summarize(study), "out")
}

/// The sentences of a kind, in one text.
fn all_of(kind: AdviceKind, study: &Study) -> String {
    let advice = said(study).advice.into_iter();
    let of_kind = advice.filter(|one| one.kind == kind);
    of_kind.map(|one| one.sentence() + "\n").collect()
}

/// Noise of a percent, another in each block and of each strategy.
fn noise(strategy: usize, block: u32) -> f64 {
    1.0 + [0.0, 0.01, -0.01, 0.005][(block as usize * 3 + strategy) % 4]
}

/// Three strategies, the first of which is the fastest by far, in as many blocks as `valid` says.
fn lucky(valid: u32, blocks: u32) -> Study {
    crowd::study(
        &["lucky", "fast", "slow"],
        &CLOSED,
        blocks,
        |strategy, _, block| {
            let factor = [3.0, 1.0, 0.5][strategy] * noise(strategy, block);
            (strategy > 0 || block < valid).then_some(factor)
        },
    )
}

#[test]
fn a_strategy_with_too_few_valid_blocks_has_no_rank_and_the_answer_says_what_is_missing() {
    for (valid, blocks, needed) in [(1, 7, 6), (5, 7, 6), (1, 3, 2)] {
        let study = lucky(valid, blocks);
        let ranking = &rankings(&study, &Criteria::default())[0];
        assert_eq!(ranking.leader().strategy, "fast", "{valid} of {blocks}");
        assert_eq!(ranking.too_few[0].strategy, "lucky");
        assert!(!all_of(AdviceKind::Take, &study).contains("lucky"));
        let lacks = format!(
            "too few valid blocks under short-lived: lucky has {valid}, and a rank takes {needed}."
        );
        assert!(all_of(AdviceKind::Beware, &study).contains(&lacks));
        assert_eq!(said(&study).order, ["fast", "slow", "lucky"]);
        let text = TEXT.render(&study, Style::default()).unwrap();
        let row = text.lines().find(|line| line.starts_with("lucky")).unwrap();
        assert!(
            row.ends_with(if valid == 1 { "1 block" } else { "5 blocks" }),
            "{row}"
        );
    }
}

#[test]
fn with_as_many_valid_blocks_as_a_verdict_takes_it_leads() {
    let study = lucky(6, 7);
    assert_eq!(
        rankings(&study, &Criteria::default())[0].leader().strategy,
        "lucky"
    );
    assert_eq!(all_of(AdviceKind::Next, &study), "");
}

#[test]
fn blocks_that_a_strategy_lacks_for_a_rank_are_named_with_the_command() {
    let next = all_of(AdviceKind::Next, &lucky(1, 7));
    assert_eq!(
        next,
        "5 more blocks may give lucky a rank under short-lived: evenkeel run --resume out -b 12\n"
    );
}

#[test]
fn a_figure_far_behind_in_blocks_that_differ_too_much_is_unclear_and_not_to_be_taken() {
    let study = crowd::study(&["fast", "erratic"], &CLOSED, 7, |strategy, _, block| {
        let erratic = if block % 2 == 0 { 0.3 } else { 1.2 };
        Some(if strategy == 0 {
            noise(0, block)
        } else {
            erratic
        })
    });
    let answer = said(&study);
    let place = answer.scenarios[0].place("erratic").unwrap();
    assert_eq!(place.standing, Standing::Open);
    let take = all_of(AdviceKind::Take, &study);
    assert!(
        take.starts_with("fast for short-lived: best in throughput so far"),
        "{take}"
    );
    let beware = all_of(AdviceKind::Beware, &study);
    assert!(
        beware.contains("unclear under short-lived (erratic)"),
        "{beware}"
    );
}

/// A study of all that a catalogue may have, each strategy a little worse than the one before, in another order
/// under each scenario.
fn of_all(scenarios: &[(&str, LoopKind)], strategies: usize) -> Study {
    let keys = crowd::keys(strategies);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let turned = |strategy: usize, here: usize| (strategy + 7 * here) % strategies;
    crowd::study(&keys, scenarios, 6, |strategy, here, block| {
        let rank = turned(strategy, here) as f64 / strategies as f64;
        Some(noise(strategy, block) / (1.0 + 4.0 * rank))
    })
}

fn text_of(study: &Study, width: usize) -> String {
    let style = Style {
        width,
        ..Style::default()
    };
    TEXT.render(study, style).unwrap()
}

fn assert_fits(text: &str, width: usize) {
    let lines = text.lines().count();
    assert!(lines <= 40, "{lines} lines at {width} columns:\n{text}");
    let too_long = text.lines().find(|line| line.chars().count() > width);
    assert_eq!(too_long, None, "{text}");
}

#[test]
fn the_answer_on_all_strategies_fits_a_screen_with_the_best_and_the_worst_of_each_scenario() {
    let study = of_all(&THREE, 60);
    let answer = said(&study);
    for width in [80, 100] {
        let text = text_of(&study, width);
        assert_fits(&text, width);
        for here in &answer.scenarios {
            let worst = here.places().last().unwrap().strategy;
            for key in [here.leader().unwrap(), worst] {
                let is_shown = text
                    .lines()
                    .any(|line| line.starts_with(&format!("{key} ")));
                assert!(is_shown, "{key} is missing in\n{text}");
            }
        }
        for part in [" others\n", "Answer\n", "  take: ", "  avoid: "] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
    let details = TEXT.render(&study, detailed()).unwrap();
    let rows = |key: &str| details.lines().filter(|line| line.starts_with(key)).count();
    for strategy in &study.header.plan.strategies {
        assert!(
            rows(&format!("{} ", strategy.key)) > THREE.len(),
            "{}",
            strategy.key
        );
    }
}

#[test]
fn the_answer_on_many_scenarios_fits_a_screen_with_a_row_for_each() {
    let names: Vec<String> = (1..=12).map(|load| format!("load-{load}")).collect();
    let scenarios: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), LoopKind::Open))
        .collect();
    let study = of_all(&scenarios, 5);
    for width in [80, 100] {
        let text = text_of(&study, width);
        assert_fits(&text, width);
        for name in &names {
            assert!(
                text.lines()
                    .any(|line| line.starts_with(&format!("{name} "))),
                "{text}"
            );
        }
    }
}

#[test]
fn no_word_is_broken_on_a_narrow_terminal() {
    let study = of_all(&THREE, 30);
    let words = |text: &str| -> Vec<String> {
        let words = text.split_whitespace();
        words.map(str::to_owned).collect()
    };
    let wide = words(&text_of(&study, 200));
    let answer = |text: &str| text.split_once("\nAnswer\n").unwrap().1.to_owned();
    for word in words(&answer(&text_of(&study, 80))) {
        assert!(wide.contains(&word), "{word}");
    }
}

/// Whether a report in every format has all advice of the study.
fn assert_says_the_same(report: &dyn Report, study: &Study) {
    let style = Style {
        folder: "out",
        ..detailed()
    };
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = |text: &str| one_line(text.replace('\\', ""));
    let text = one_line(TEXT.render(report, style).unwrap());
    let markdown = plain(&MARKDOWN.render(report, style).unwrap());
    let json = JSON.render(report, style).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let page = HTML.render(report, style).unwrap();
    let page = plain(
        &page
            .replace("<span class=\"name\">", "")
            .replace("</span>", ""),
    );
    let answer = said(study);
    assert!(!answer.advice.is_empty());
    for advice in answer
        .advice
        .iter()
        .filter(|one| one.kind != AdviceKind::Same)
    {
        let (label, sentence) = (advice.kind.label(), advice.sentence());
        assert!(
            text.contains(&format!("{label}: {sentence}")),
            "{sentence}\n{text}"
        );
        assert!(
            markdown.contains(&format!("**{label}:** {sentence}")),
            "{sentence}\n{markdown}"
        );
        assert!(page.contains(&advice.text), "{}", advice.text);
    }
    let of_study = serde_json::to_value(&answer).unwrap();
    for part in ["scenarios", "order", "advice"] {
        assert_eq!(json["answer"][part], of_study[part], "{part}");
    }
}

#[test]
fn a_comparison_and_a_gate_carry_the_answer_of_the_study() {
    let study = stored();
    assert_says_the_same(&study, &study);
    let sides = SideBySide::within(&study, "single", &["reuseport"], &Criteria::default());
    assert_says_the_same(&sides, &study);
    assert_says_the_same(&Judged(&sides), &study);
    let other = stored();
    let named = (("a".to_owned(), &other), ("b".to_owned(), &study));
    let sides = SideBySide::of_studies(named.0, named.1, &Criteria::default());
    assert_says_the_same(&Judged(&sides), &study);
}

/// Two builds that serve one strategy, the second at this share of the speed of the first.
fn builds(speed: f64) -> Study {
    let keys = ["single@before", "single@after"];
    let mut study = crowd::study(&keys, &CLOSED, 8, |build, _, block| {
        Some(noise(build, block) * if build == 1 { speed } else { 1.0 })
    });
    study.header.plan.executables = ["before", "after"]
        .map(|label| ExecutableRecord {
            label: label.into(),
            path: format!("/{label}"),
            version: "0.1.0".into(),
            sha256: label.repeat(9),
        })
        .into();
    study
}

#[test]
fn of_builds_every_report_says_what_changed_and_nothing_of_which_to_take() {
    let study = builds(0.8);
    let worse = all_of(AdviceKind::Worse, &study);
    assert!(
        worse.starts_with("single@after for short-lived: 1")
            && worse.contains("% less throughput than before (8 blocks)."),
        "{worse}"
    );
    assert_eq!(all_of(AdviceKind::Take, &study), "");
    let sides = SideBySide::of_builds(&study, &Criteria::default()).unwrap();
    for report in [&study as &dyn Report, &sides, &Judged(&sides)] {
        let text = TEXT
            .render(
                report,
                Style {
                    width: 999,
                    ..detailed()
                },
            )
            .unwrap();
        for sentence in worse.lines() {
            assert!(text.contains(&format!("  worse: {sentence}\n")), "{text}");
        }
    }
    let better = all_of(AdviceKind::Better, &builds(1.25));
    assert!(better.contains("more throughput than before"), "{better}");
    let same = all_of(AdviceKind::Same, &builds(1.0));
    assert!(same.starts_with("no difference is shown in "), "{same}");
}
