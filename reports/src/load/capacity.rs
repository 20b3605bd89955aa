//! What a search for the highest rate has found.

use serde::Serialize;

use crate::error::RenderError;
use crate::render::csv::table;
use crate::units;

/// The highest rate that keeps some limits, and what was tried to find it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "capacity")]
pub struct Capacity {
    /// Where the load went.
    pub url: String,
    /// The limits, as they were written.
    pub limits: Vec<String>,
    /// The highest rate that kept them, requests per second; absent if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_rps: Option<f64>,
    /// The lowest rate above it that did not, requests per second; absent if all did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken_rps: Option<f64>,
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
    /// Requests ordered per second.
    pub rate_rps: f64,
    /// Requests answered with success per second.
    pub throughput_rps: f64,
    /// Whether all limits were kept.
    pub kept: bool,
    /// The figures that decided, or what else spoke against the trial.
    pub because: String,
}

impl Capacity {
    /// For people at a terminal: the result first, then what was tried.
    pub fn text(&self) -> String {
        let mut lines = vec![self.url.clone(), self.result(), String::new()];
        lines.push(format!(
            "{:>12}  {:>12}  result",
            "requests/s", "answered/s"
        ));
        lines.extend(self.trials.iter().map(RateTried::line));
        lines.extend(self.notes.iter().map(|note| format!("note: {note}")));
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The result in a sentence.
    pub fn result(&self) -> String {
        let limits = self.limits.join(" and ");
        let rate = |rps: f64| units::count(rps);
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

    /// As one JSON object.
    ///
    /// # Errors
    /// If a figure is none that JSON can hold.
    pub fn json(&self) -> Result<String, RenderError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// A line per trial.
    ///
    /// # Errors
    /// If the CSV library fails.
    pub fn csv(&self) -> Result<String, RenderError> {
        let names = ["rate_rps", "throughput_rps", "kept", "because"];
        let names = names.map(str::to_owned).to_vec();
        let values = |trial: &RateTried| {
            vec![
                trial.rate_rps.to_string(),
                trial.throughput_rps.to_string(),
                trial.kept.to_string(),
                trial.because.clone(),
            ]
        };
        table([names].into_iter().chain(self.trials.iter().map(values)))
    }
}

impl RateTried {
    /// The trial as a row of the table.
    pub fn line(&self) -> String {
        let verdict = if self.kept { "kept" } else { "broken" };
        format!(
            "{:>12}  {:>12}  {verdict:<6}  {}",
            units::count(self.rate_rps),
            units::count(self.throughput_rps),
            self.because
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(kept_rps: Option<f64>, broken_rps: Option<f64>) -> Capacity {
        let trials = [(1_000.0, true), (2_000.0, false)];
        Capacity {
            url: "http://127.0.0.1:8080/".into(),
            limits: vec!["p99<5ms".into()],
            kept_rps,
            broken_rps,
            trial_s: 1.0,
            trials: trials
                .map(|(rate_rps, kept)| RateTried {
                    rate_rps,
                    throughput_rps: rate_rps,
                    kept,
                    because: "p99 is 4.00 ms".into(),
                })
                .to_vec(),
            notes: Vec::new(),
        }
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
            let text = found(kept, broken).text();
            assert!(text.contains(words), "{words} is missing in {text}");
        }
    }

    #[test]
    fn every_trial_stands_in_every_format() {
        let found = found(Some(1_000.0), Some(2_000.0));
        assert_eq!(found.text().matches("p99 is 4.00 ms").count(), 2);
        assert_eq!(found.csv().expect("CSV").lines().count(), 3);
        assert!(
            found
                .json()
                .expect("JSON")
                .contains("\"type\": \"capacity\"")
        );
    }
}
