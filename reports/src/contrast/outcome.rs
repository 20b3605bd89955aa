//! What a gate makes of a contrast.

use serde::Serialize;

use super::Contrast;
use super::gap::Side;
use super::row::Row;
use crate::compare::Verdict;
use crate::render::clean;

/// What a gate makes of a contrast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was shown to be worse by more than its margin.
    Regression,
    /// Nothing was shown to be worse, and all of it would have been if it were so.
    Passed,
    /// Nothing was shown to be worse, but the data could not have shown all of it.
    CannotTell,
}

impl Contrast<'_> {
    /// What a gate makes of it. A shown regression outweighs what cannot be told.
    pub fn outcome(&self) -> Outcome {
        if self.regressions().next().is_some() {
            Outcome::Regression
        } else if self.rows.is_empty() || self.doubts().next().is_some() {
            Outcome::CannotTell
        } else {
            Outcome::Passed
        }
    }

    /// What was shown to be worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Row<'_>> {
        let rows = self.rows.iter();
        rows.filter(|row| row.comparison.verdict == Verdict::Worse)
    }

    /// Why the data cannot tell, one sentence each: too few blocks, or figures that the
    /// candidate lacks.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        let gaps = self.gaps.iter().filter(|gap| gap.lacks == Side::Candidate);
        let unsettled = self.rows.iter().filter_map(Row::doubt);
        gaps.map(ToString::to_string).chain(unsettled)
    }

    /// The outcome in one line, with its figures.
    pub fn headline(&self) -> String {
        let regressions: Vec<String> = self.regressions().map(Row::change).collect();
        let doubts = self.doubts().count();
        match self.outcome() {
            Outcome::Regression => format!("Regression shown: {}.", regressions.join("; ")),
            Outcome::Passed => "No regression shown.".to_owned(),
            Outcome::CannotTell if self.rows.is_empty() => {
                "The data cannot tell: nothing can be compared.".to_owned()
            }
            Outcome::CannotTell => format!(
                "The data cannot tell: no regression shown, but one could hide in {doubts} of {} \
                 comparisons.",
                self.rows.len()
                    + self
                        .gaps
                        .iter()
                        .filter(|g| g.lacks == Side::Candidate)
                        .count()
            ),
        }
    }
}

impl Row<'_> {
    /// `p99 of single under skewed is 1.074 times the baseline's [1.051, 1.098]`
    pub fn change(&self) -> String {
        let ratio = self.comparison.ratio.map_or_else(String::new, |ratio| {
            format!(
                " is {:.3} times the baseline's [{:.3}, {:.3}]",
                ratio.estimate, ratio.low, ratio.high
            )
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

    fn doubt(&self) -> Option<String> {
        let shown = self.comparison.verdict != Verdict::NoDifferenceShown;
        let needed = self.comparison.blocks_needed.filter(|_| !shown)?;
        let blocks = super::table::blocks(needed);
        let has = crate::units::plural(self.comparison.blocks, "block");
        Some(format!(
            "{} has {has} and needs {blocks} to tell.",
            self.question()
        ))
    }
}
