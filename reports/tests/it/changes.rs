//! What reports say of fleets that change.

use evenkeel_reports::compare::{Criteria, Verdict, losses};
use evenkeel_reports::format::{JSON, MARKDOWN, TEXT};
use evenkeel_reports::stats::summarize;
use evenkeel_reports::{Account, Line, Study, Style, Trial};
use serde_json::Value;

use crate::common::changes::{BLOCKS, study};
use crate::common::shown::{assert_sound, chart_of, page};
use crate::common::{assert_golden, detailed};

#[test]
fn every_format_tells_what_was_lost_and_how_long_changes_took() {
    let study = study();
    for format in [&TEXT, &MARKDOWN] {
        let actual = format.render(&study, detailed()).unwrap();
        assert_golden(&format!("changes.{format}"), &actual);
    }
    let json: Value =
        serde_json::from_str(&JSON.render(&study, Style::default()).unwrap()).unwrap();
    let strategies = &json["scenarios"][0]["strategies"];
    assert_eq!(strategies[0]["changes"]["lost"], serde_json::json!({}));
    assert_eq!(strategies[1]["changes"]["lost"]["unanswered"], 6);
    assert_eq!(strategies[1]["changes"]["lossy"], 12, "one of two reloads");
    assert_eq!(strategies[1]["changes"]["had"]["a worker that drained"], 42);
    assert_eq!(strategies[2]["changes"], Value::Null, "it was skipped");
    assert_eq!(json["losses"][0]["verdict"], "worse");
    let page = page(&study);
    for text in [
        "What was lost",
        "How long changes took",
        "While the fleet changes",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_sound(&study);
}

#[test]
fn the_answer_says_who_loses_nothing_with_its_bound_and_who_loses_what() {
    let answer = TEXT.render(&study(), Style::default()).unwrap();
    let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "shared-listener loses nothing under reload-keep-alive: 0 requests in 24 changes; at most 1 change \
         in 8 loses one (95%).",
        "requests lost under reload-keep-alive: reuseport 1.75 per change (36 reset-before-sending, 6 \
         unanswered in 12 of 24 changes; who had them: a worker that drained 42).",
    ] {
        assert!(answer.contains(text), "{answer}");
    }
}

#[test]
fn who_got_no_request_is_not_said_to_lose_nothing() {
    let mut study = study();
    for trial in &mut study.trials {
        if let Some(measured) = trial.measured_mut().filter(|it| it.errors.is_empty()) {
            measured.requests = 0;
            measured.account = Some(Account::default());
        }
    }
    let answer = TEXT.render(&study, Style::default()).unwrap();
    assert!(!answer.contains("loses nothing"), "{answer}");
}

#[test]
fn losses_are_compared_block_by_block_with_the_strategy_that_loses_least() {
    let study = study();
    let compared = losses(&study, &Criteria::of(&study.header.plan));
    let [only] = compared.as_slice() else {
        panic!("{compared:?}");
    };
    assert_eq!(
        (only.baseline, only.candidate),
        ("shared-listener", "reuseport")
    );
    assert_eq!(
        (only.blocks, only.verdict),
        (BLOCKS as usize, Verdict::Worse)
    );
    assert_eq!(only.more_per_change, 1.75);
    assert_eq!(only.p, 2.0 / f64::from(1u32 << BLOCKS));
}

#[test]
fn five_blocks_show_no_difference_however_large_it_is() {
    let mut study = study();
    study.trials.retain(|trial| trial.block < 5);
    let compared = losses(&study, &Criteria::of(&study.header.plan));
    assert_eq!(compared[0].verdict, Verdict::NoDifferenceShown);
}

#[test]
fn times_of_workers_are_those_of_the_timeline() {
    let study = study();
    let summaries = summarize(&study);
    let changes = summaries[0].strategies[0].changes.as_ref().unwrap();
    let mean = |spread: Option<evenkeel_reports::stats::Spread>| {
        let mean = spread.unwrap().mean;
        (mean * 1e3).round() / 1e3
    };
    assert_eq!(mean(changes.took_s), 0.3);
    assert_eq!(mean(changes.ready_s), 0.02);
    assert_eq!(mean(changes.drained_s), 0.11);
    assert_eq!(mean(changes.moved_per_change), 32.0);
}

#[test]
fn the_chart_marks_changes_and_counts_workers() {
    let chart = chart_of(&study(), "reload-keep-alive-timeline.svg");
    assert!(chart.contains("workers that can be chosen"), "{chart}");
}

#[test]
fn a_trial_with_changes_is_read_back_as_it_was_written_and_an_older_one_has_none() {
    for trial in study().trials {
        let text = serde_json::to_string(&Line::Trial(trial.clone())).unwrap();
        assert_eq!(
            serde_json::from_str::<Line>(&text).unwrap(),
            Line::Trial(trial)
        );
    }
    let stored = crate::common::stored();
    let has_changes = |trial: &Trial| !trial.changes.is_empty() || !trial.timeline.is_empty();
    assert!(!stored.trials.iter().any(has_changes));
    assert!(without_changes(&stored));
}

/// Whether no report speaks of changes.
fn without_changes(study: &Study) -> bool {
    let text = TEXT.render(study, detailed()).unwrap();
    !text.contains("What was lost") && !page(study).contains("While the fleet changes")
}

#[test]
fn strategies_that_lose_nothing_under_several_scenarios_have_one_sentence_without_a_bound_for_few_changes()
 {
    let mut study = study();
    study
        .trials
        .retain(|trial| trial.strategy == "shared-listener" && trial.block < 4);
    let mut other = study.header.plan.scenarios[0].clone();
    other.name = "reload-short-lived".into();
    study.header.plan.scenarios.push(other);
    let again = study.trials.clone().into_iter().map(|trial| Trial {
        scenario: "reload-short-lived".into(),
        ..trial
    });
    study.trials.extend(again.collect::<Vec<_>>());
    let answer = TEXT.render(&study, Style::default()).unwrap();
    let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = "shared-listener loses nothing under reload-keep-alive and reload-short-lived: 0 requests in \
                    8 changes each; too few to say how rarely one is lost.";
    assert!(answer.contains(sentence), "{answer}");
}
