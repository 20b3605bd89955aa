//! What a gate makes of a comparison.

use serde::Serialize;

use super::SideBySide;
use super::row::Row;
use crate::compare::Verdict;
use crate::format::clean;
use crate::units::{percent, plural};

/// What a gate makes of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was shown to be worse by more than its margin.
    Regression,
    /// Nothing was shown to be worse, and where it is required, a change that matters is ruled out.
    Passed,
    /// Nothing was shown to be worse, but a change that matters may hide where it must not.
    #[serde(rename = "cannot_tell")]
    Inconclusive,
}

/// Number of sentences of a kind that are shown; more would hide the outcome.
const SHOWN: usize = 5;

impl SideBySide<'_> {
    /// Returns what a gate makes of it. A shown regression outweighs doubts.
    pub fn outcome(&self) -> Outcome {
        if self.regressions().next().is_some() {
            Outcome::Regression
        } else if self.rows.is_empty() || self.doubts().next().is_some() {
            Outcome::Inconclusive
        } else {
            Outcome::Passed
        }
    }

    /// Returns what was shown to be worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Row<'_>> {
        let rows = self.rows.iter();
        rows.filter(|row| row.comparison.verdict == Verdict::Worse)
    }

    /// Returns why the outcome is inconclusive, one sentence each: missing figures that
    /// are required, and changes that must be ruled out and are not.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        let gaps = self.gaps.iter().filter(|gap| gap.is_doubt());
        let open = self.rows.iter().filter(|row| row.required && row.is_open());
        gaps.map(ToString::to_string).chain(open.map(Row::doubt))
    }

    /// Returns what is undecided without effect on the outcome: `p99.9 of single under skewed`.
    pub fn undecided(&self) -> impl Iterator<Item = String> {
        let open = self.rows.iter().filter(|row| row.is_open());
        open.filter(|row| !row.required).map(Row::question)
    }

    /// Returns what the outcome rests on besides the tables, one sentence each: the first doubts, and
    /// what is undecided.
    pub(super) fn reasons(&self) -> Vec<String> {
        let mut reasons = first_of(self.doubts().collect());
        let undecided = first_of(self.undecided().collect());
        if !undecided.is_empty() {
            reasons.push(format!(
                "Undecided, without effect on the outcome: {}.",
                undecided.join(", ")
            ));
        }
        reasons
    }

    /// Returns the outcome in one line, with its figures.
    pub fn headline(&self) -> String {
        let regressions: Vec<String> = self.regressions().map(Row::change).collect();
        let required = self.rows.iter().filter(|row| row.required).count();
        match self.outcome() {
            Outcome::Regression => format!("Regression shown: {}.", regressions.join("; ")),
            Outcome::Passed => "No regression shown.".to_owned(),
            Outcome::Inconclusive if self.rows.is_empty() => {
                "Inconclusive: nothing can be compared.".to_owned()
            }
            Outcome::Inconclusive => format!(
                "Inconclusive: no regression shown, but one could hide in {} of {}.",
                self.doubts().count(),
                plural(
                    required + self.gaps.iter().filter(|gap| gap.is_doubt()).count(),
                    "required comparison"
                )
            ),
        }
    }
}

/// The first sentences, and how many more there are.
fn first_of(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    all.extend((more > 0).then(|| format!("and {more} more, which are in the tables")));
    all
}

impl Row<'_> {
    /// `p99 of single under skewed is 1.074 times the baseline's (1.051 to 1.098)`
    pub fn change(&self) -> String {
        let ratio = self.comparison.ratio.map_or_else(String::new, |ratio| {
            let interval = self
                .comparison
                .interval()
                .map(|of| of.words(|end| format!("{end:.3}")));
            let interval = interval.map_or_else(String::new, |words| format!(" ({words})"));
            format!(" is {:.3} times the baseline's{interval}", ratio.estimate)
        });
        format!("{}{ratio}", self.question())
    }

    fn question(&self) -> String {
        let comparison = &self.comparison;
        let (strategy, scenario) = (clean(comparison.candidate), clean(comparison.scenario));
        format!(
            "{} of {strategy} under {scenario}",
            comparison.metric.name()
        )
    }

    /// Whether a change for the worse that matters was neither shown nor ruled out.
    fn is_open(&self) -> bool {
        self.comparison.verdict == Verdict::NoDifferenceShown && !self.ruled_out
    }

    fn doubt(&self) -> String {
        let has = self.comparison.blocks;
        let takes = match self.blocks_to_rule_out {
            enough if enough <= has => format!("more than {has}"),
            needed => format!("about {}", super::table::blocks(needed)),
        };
        format!(
            "{} over {}: worse by {} is not ruled out, which takes {takes}.",
            self.change(),
            plural(has, "block"),
            percent(self.rule_out),
        )
    }
}
