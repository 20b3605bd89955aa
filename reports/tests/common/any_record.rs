//! What holds for the bytes of any record: an error names the file, and a study that was read can be
//! written in every format, compared, and read again. For tests and for the fuzzer.

use std::path::Path;

use evenkeel_reports::compare::Criteria;
use evenkeel_reports::format::{FORMATS, Paint, Style};
use evenkeel_reports::side_by_side::{Judged, SideBySide};
use evenkeel_reports::{Line, Study};

const FILE: &str = "any.jsonl";

/// Asserts the property, and returns whether the bytes are a record.
pub fn check(bytes: &[u8]) -> bool {
    let study = match Study::parse(Path::new(FILE), bytes) {
        Ok(study) => study,
        Err(error) => {
            let error = error.to_string();
            assert!(error.starts_with(FILE), "{error}");
            return false;
        }
    };
    for format in FORMATS {
        // A figure that cannot be shown is an error, not a panic.
        match &format.paint {
            Paint::Files(paint) => drop(paint(&study)),
            _ => drop(format.render(&study, Style::default())),
        }
    }
    let named = || ("a".to_owned(), &study);
    let sides = SideBySide::of_studies(named(), named(), &Criteria::of(&study.header.plan));
    let text = evenkeel_reports::format::TEXT.render(&Judged(&sides), Style::default());
    assert!(text.is_ok_and(|text| !text.is_empty()));
    assert_is_read_back(&study);
    true
}

fn assert_is_read_back(study: &Study) {
    let header = Line::Study(study.header.clone());
    let trials = study.trials.iter().cloned().map(Line::Trial);
    let mut text = String::new();
    for line in std::iter::once(header).chain(trials) {
        text += &serde_json::to_string(&line).expect("JSON");
        text.push('\n');
    }
    let again = Study::parse(Path::new(FILE), text.as_bytes()).expect("what was read");
    assert_eq!(again.trials, study.trials);
}
