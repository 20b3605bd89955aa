//! Charts with one row per strategy, in one panel or several side by side.

use super::canvas::{Anchor, CHAR_WIDTH, Canvas, WIDTH};
use super::label;
use super::scale::Scale;
use crate::stats::{Figures, ScenarioSummary, StrategySummary};

/// Height of a row, of what stands above the rows, and of what stands below, in pixels.
const ROW_HEIGHT: f64 = 26.0;
const ABOVE: f64 = 74.0;
const BELOW: f64 = 44.0;

/// Half the thickness of a bar.
const HALF_BAR: f64 = 9.0;

/// Longest label of a row in characters; a third of the width at most.
const MAX_LABEL: usize = 32;

/// To the right of the last panel, half of whose last tick stands beyond it.
const RIGHT: f64 = 26.0;

/// Gap between panels, in which the last tick of one and the first of the next have room.
const GAP: f64 = 28.0;

/// One of the panels that stand side by side.
pub(in crate::chart) struct Panel {
    /// What stands above it.
    pub(in crate::chart) title: String,
    /// What its axis shows.
    pub(in crate::chart) axis: String,
    /// Figures that its axis names, with what is written.
    pub(in crate::chart) ticks: Vec<(f64, String)>,
}

/// The strategies that have figures, and a place for each.
pub(in crate::chart) struct Rows<'s> {
    pub(in crate::chart) strategies: Vec<(&'s StrategySummary<'s>, &'s Figures)>,
}

impl<'s> Rows<'s> {
    /// The strategies of a scenario for which `has` holds.
    pub(in crate::chart) fn of(
        summary: &'s ScenarioSummary,
        has: impl Fn(&StrategySummary, &Figures) -> bool,
    ) -> Rows<'s> {
        let strategies = summary.strategies.iter();
        Rows {
            strategies: strategies
                .filter_map(|strategy| Some((strategy, strategy.figures.as_ref()?)))
                .filter(|(strategy, figures)| has(strategy, figures))
                .collect(),
        }
    }

    pub(in crate::chart) fn height(&self) -> f64 {
        ABOVE + BELOW + ROW_HEIGHT * self.strategies.len() as f64
    }

    /// The middle of a row, and a bar's upper and lower edge.
    pub(in crate::chart) fn bar(&self, row: usize) -> (f64, f64, f64) {
        let middle = ABOVE + ROW_HEIGHT * (row as f64 + 0.5);
        (middle - HALF_BAR, middle, middle + HALF_BAR)
    }

    /// The upper and lower end of the rows.
    pub(in crate::chart) fn ends(&self) -> (f64, f64) {
        (ABOVE, ABOVE + ROW_HEIGHT * self.strategies.len() as f64)
    }

    /// The places in which panels lie: to the right of the labels, with `spare` pixels free
    /// beside each for figures.
    pub(in crate::chart) fn places(&self, panels: usize, spare: f64) -> Vec<(f64, f64)> {
        let labels = self
            .strategies
            .iter()
            .map(|(s, _)| row_label(s).chars().count());
        let left = labels.max().unwrap_or(0) as f64 * CHAR_WIDTH + 20.0;
        let width = (WIDTH - RIGHT - left - GAP * (panels - 1) as f64) / panels as f64;
        (0..panels)
            .map(|panel| left + panel as f64 * (width + GAP))
            .map(|from| (from, from + width - spare))
            .collect()
    }

    /// Draws the labels of the rows.
    pub(in crate::chart) fn labels(&self, canvas: &mut Canvas) {
        let left = self.places(1, 0.0)[0].0;
        for (row, (strategy, _)) in self.strategies.iter().enumerate() {
            let (_, y, _) = self.bar(row);
            let at = (left - 10.0, y);
            canvas.label(strategy.position, at, Anchor::End, &row_label(strategy));
        }
    }

    /// Draws the grid, ticks and titles of a panel.
    pub(in crate::chart) fn panel(&self, canvas: &mut Canvas, panel: &Panel, scale: &Scale) {
        let (top, bottom) = self.ends();
        let (left, right) = scale.ends();
        for (value, text) in &panel.ticks {
            let x = scale.at(*value);
            canvas.line("grid", (x, top), (x, bottom));
            canvas.text("quiet", (x, bottom + 13.0), Anchor::Middle, text);
        }
        canvas.line("axis", (left, bottom), (right, bottom));
        canvas.text("quiet", (right, bottom + 31.0), Anchor::End, &panel.axis);
        canvas.text("", (left, top - 13.0), Anchor::Start, &panel.title);
    }
}

/// The strategy's key, with a warning if its figures may not be compared.
pub(in crate::chart) fn row_label(strategy: &StrategySummary) -> String {
    let key = label(strategy.strategy, MAX_LABEL);
    if strategy.only_invalid() {
        format!("{key} (invalid)")
    } else {
        key
    }
}
