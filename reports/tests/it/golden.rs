//! Renderings of the stored study, compared with stored texts. To store them anew, set
//! `EVENKEEL_UPDATE_GOLDEN=1` and look at the difference.

use evenkeel_reports::format::{CSV, JSON, MARKDOWN, TEXT};
use evenkeel_reports::{Line, Style};

use crate::common::{assert_golden, detailed, eight, stored};

#[test]
fn the_stored_study_is_the_one_that_the_test_helper_makes_up() {
    let study = eight::study();
    let lines = [Line::Study(study.header.clone())].into_iter();
    let lines = lines.chain(study.trials.iter().cloned().map(Line::Trial));
    let text: String = lines
        .map(|line| serde_json::to_string(&line).unwrap() + "\n")
        .collect();
    assert_golden("eight-strategies.jsonl", &text);
}

#[test]
fn every_text_format_renders_the_stored_study_as_before() {
    let study = stored();
    for format in [&TEXT, &MARKDOWN, &CSV, &JSON] {
        let actual = format.render(&study, detailed()).unwrap();
        assert_golden(&format!("eight-strategies.{format}"), &actual);
    }
}

#[test]
fn text_without_details_is_the_answer_alone_and_fits_a_screen() {
    let answer = TEXT.render(&stored(), Style::default()).unwrap();
    assert_golden("eight-strategies.answer", &answer);
    assert!(answer.lines().count() <= 40, "lines of a screen");
    assert!(answer.lines().all(|line| line.chars().count() <= 100));
    let detailed = TEXT.render(&stored(), detailed()).unwrap();
    assert!(detailed.ends_with(&answer), "the answer comes last");
}

#[test]
fn colour_adds_only_colour_and_how_to_read_it() {
    let study = stored();
    let style = Style {
        color: true,
        ..detailed()
    };
    let mut colored = TEXT.render(&study, style).unwrap();
    assert!(colored.contains("\x1b[1m"));
    for code in ["\x1b[0m", "\x1b[1m", "\x1b[2m"] {
        colored = colored.replace(code, "");
    }
    let plain = TEXT.render(&study, detailed()).unwrap();
    let lines = colored.lines().map(str::trim_end);
    let trimmed: Vec<&str> = lines.filter(|line| !line.contains("Highlighted")).collect();
    assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
}
