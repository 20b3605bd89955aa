//! The highest rate that keeps limits, as a search has found it.

use serde::Serialize;

use crate::document::{Document, Note, Part};
use crate::error::RenderError;
use crate::format::{self, Report, Style, to_json};
use crate::page;
use crate::table::{Cell, Column, Row, Table};
use crate::units;

/// The highest rate that keeps some limits, and what was tried to find it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "capacity")]
pub struct Capacity {
    /// Where the load went.
    pub url: String,
    /// The limits, as the user wrote them.
    pub limits: Vec<String>,
    /// The highest rate that kept them, requests per second; absent if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_rps: Option<f64>,
    /// The lowest rate above it that did not, requests per second; absent if all did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_rps: Option<f64>,
    /// The lowest rate between the two of which nothing is known, requests per second, since the generator
    /// or the host was the limit there; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_rps: Option<f64>,
    /// Measured time of each trial, seconds.
    pub trial_s: f64,
    /// The trials, in order.
    pub trials: Vec<RateTried>,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
}

/// A trial at a rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateTried {
    /// Requests offered per second.
    pub rate_rps: f64,
    /// Requests answered with success per second.
    pub throughput_rps: f64,
    /// Whether all limits were kept.
    pub kept: bool,
    /// Whether the trial says something about the server: not if the generator or the host was the limit.
    pub valid: bool,
    /// The figures that decided, or another reason against the trial.
    pub because: String,
}

impl Capacity {
    /// Returns the result in a sentence.
    pub fn result(&self) -> String {
        let limits = self.limits.join(" and ");
        let rate = |rps: f64| units::count(rps);
        if let Some(unknown) = self.unknown_rps {
            return format!(
                "capacity with {limits}: {}; at {} the load generator or the host was the limit",
                self.bounds(),
                rate(unknown)
            );
        }
        match (self.kept_rps, self.broken_rps) {
            (Some(kept), Some(broken)) => format!(
                "capacity with {limits}: {} requests/s (kept at {0}, broken at {})",
                rate(kept),
                rate(broken)
            ),
            (Some(kept), None) => format!(
                "capacity with {limits}: at least {} requests/s, for no higher rate was broken",
                rate(kept)
            ),
            (None, Some(broken)) => format!(
                "no rate that was tried keeps {limits}, down to {} requests/s",
                rate(broken)
            ),
            (None, None) => {
                format!("no rate was tried for long enough to say whether it keeps {limits}")
            }
        }
    }

    /// What is known where the generator or the host was the limit at some rate.
    fn bounds(&self) -> String {
        let rate = |rps: f64| units::count(rps);
        match (self.kept_rps, self.broken_rps) {
            (Some(kept), None) => format!("at least {} requests/s", rate(kept)),
            (None, Some(broken)) => format!("less than {} requests/s", rate(broken)),
            (None, None) => "unknown".to_owned(),
            (Some(kept), Some(broken)) => format!(
                "at least {} and less than {} requests/s",
                rate(kept),
                rate(broken)
            ),
        }
    }
}

const COLUMNS: [Column; 4] = [
    Column::number("requests/s"),
    Column::number("answered/s"),
    Column::words("result"),
    Column::words("because"),
];

const RECORDS: [format::Column<RateTried, String>; 5] = [
    ("rate_rps", |t| Some(t.rate_rps.to_string())),
    ("throughput_rps", |t| Some(t.throughput_rps.to_string())),
    ("kept", |t| Some(t.kept.to_string())),
    ("because", |t| Some(t.because.clone())),
    ("valid", |t| Some(t.valid.to_string())),
];

impl Report for Capacity {
    fn document(&self, _style: Style<'_>) -> Document {
        let notes = self.notes.iter().map(|note| Note::labelled("note", note));
        let trials = Table {
            title: String::new(),
            columns: COLUMNS.to_vec(),
            rows: self.trials.iter().map(RateTried::row).collect(),
        };
        let parts = vec![
            Part::Paragraph(self.result()),
            Part::Table(trials),
            Part::Notes(notes.collect()),
        ];
        Document {
            outcome: None,
            answer: Vec::new(),
            parts: vec![Part::Section(self.url.clone(), parts)],
        }
    }

    fn records(&self) -> Vec<Vec<String>> {
        format::records(&RECORDS, self.trials.iter())
    }

    fn json(&self, _style: Style<'_>) -> Result<String, RenderError> {
        to_json(self)
    }

    fn page(&self, style: Style<'_>) -> Result<String, RenderError> {
        page::of_document("evenkeel load", &self.document(style), &[], &[])
    }
}

impl RateTried {
    fn row(&self) -> Row {
        let rate = |rps| Cell::number(Some(rps), units::count);
        Row {
            series: None,
            cells: vec![
                rate(self.rate_rps),
                rate(self.throughput_rps),
                Cell::text(self.verdict()),
                Cell::text(&self.because),
            ],
            ..Row::default()
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.valid, self.kept) {
            (false, _) => "invalid",
            (true, true) => "kept",
            (true, false) => "broken",
        }
    }

    /// Returns the trial as one line, to be shown when it has ended.
    pub fn line(&self) -> String {
        format!(
            "{:>12}  {:>12}  {:<7}  {}",
            units::count(self.rate_rps),
            units::count(self.throughput_rps),
            self.verdict(),
            self.because
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Paint;

    fn found(kept_rps: Option<f64>, broken_rps: Option<f64>) -> Capacity {
        let trials = [(1_000.0, true), (2_000.0, false)];
        Capacity {
            url: "http://127.0.0.1:8080/".into(),
            limits: vec!["p99<5ms".into()],
            kept_rps,
            broken_rps,
            unknown_rps: None,
            trial_s: 1.0,
            trials: trials
                .map(|(rate_rps, kept)| RateTried {
                    rate_rps,
                    throughput_rps: rate_rps,
                    kept,
                    valid: true,
                    because: "p99 is 4.00 ms".into(),
                })
                .to_vec(),
            notes: Vec::new(),
        }
    }

    fn text(found: &Capacity) -> String {
        format::TEXT.render(found, Style::default()).expect("text")
    }

    #[test]
    fn the_result_says_what_was_kept_and_what_was_broken() {
        for (kept, broken, words) in [
            (
                Some(1_000.0),
                Some(2_000.0),
                "1,000 requests/s (kept at 1,000, broken at 2,000)",
            ),
            (Some(1_000.0), None, "at least 1,000 requests/s"),
            (
                None,
                Some(2_000.0),
                "no rate that was tried keeps p99<5ms, down to 2,000",
            ),
            (None, None, "no rate was tried for long enough"),
        ] {
            let text = text(&found(kept, broken));
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }

    #[test]
    fn where_the_generator_was_the_limit_the_result_is_a_lower_bound() {
        for (kept, broken, words) in [
            (Some(1_000.0), None, "at least 1,000 requests/s; at 1,500"),
            (
                Some(1_000.0),
                Some(2_000.0),
                "at least 1,000 and less than 2,000 requests/s; at 1,500",
            ),
            (None, Some(2_000.0), "less than 2,000 requests/s; at 1,500"),
            (
                None,
                None,
                "unknown; at 1,500 the load generator or the host",
            ),
        ] {
            let bounded = Capacity {
                unknown_rps: Some(1_500.0),
                ..found(kept, broken)
            };
            let text = text(&bounded);
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }

    #[test]
    fn every_trial_is_in_every_format_that_is_not_only_for_studies() {
        let found = found(Some(1_000.0), Some(2_000.0));
        for format in format::FORMATS {
            match (&format.paint, format.render(&found, Style::default())) {
                (Paint::Report(_), Ok(text)) => {
                    let trials = text.matches("p99 is 4.00 ms").count();
                    assert_eq!(trials, 2, "{format}");
                }
                (Paint::Report(_), Err(error)) => panic!("{format}: {error}"),
                (Paint::Study(_) | Paint::Files(_), result) => {
                    assert!(result.is_err(), "{format}");
                }
            }
        }
    }
}
