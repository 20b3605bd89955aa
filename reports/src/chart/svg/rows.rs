//! Charts of rows, most of them one per strategy, in one panel or several side by side.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, WIDTH};
use super::label;
use super::plane::{Frame, Plane};
use super::style::{AXIS, TEXT_PX, TextRole, text_width};
use crate::palette::SeriesStyle;
use crate::stats::{Figures, ScenarioSummary, StrategySummary};

/// Height of a row if there are few, and if there are many, and room above and below the rows, in
/// pixels.
const ROW_HEIGHT: f64 = 26.0;
const LOW_ROW_HEIGHT: f64 = 18.0;
const FEW_ROWS: usize = 16;
const ABOVE: f64 = 74.0;
const BELOW: f64 = 44.0;

/// Half the thickness of a bar, in units of a row.
const HALF_BAR: f64 = 0.35;

/// Longest label of a row in characters; a third of the width at most.
const MAX_LABEL: usize = 32;

/// Room to the right of the last panel for half of its last tick, in pixels.
const RIGHT: f64 = 26.0;

/// Gap between panels, with room for the last tick of one and the first of the next, in pixels.
const GAP: f64 = 28.0;

pub(crate) struct Rows<T> {
    pub(crate) all: Vec<T>,
    labels: Vec<Label>,
}

/// A row for each of the strategies that have figures.
pub(crate) type StrategyRows<'s> = Rows<(&'s StrategySummary<'s>, &'s Figures)>;

pub(crate) enum Label {
    /// The name of a strategy.
    Name(SeriesStyle, String),
    /// The heading of the rows below.
    Heading(String),
}

impl<'s> StrategyRows<'s> {
    /// The strategies of a scenario for which `has` holds.
    pub(crate) fn of(
        summary: &'s ScenarioSummary,
        has: impl Fn(&StrategySummary, &Figures) -> bool,
    ) -> StrategyRows<'s> {
        let strategies = summary.strategies.iter();
        let rows = strategies
            .filter_map(|strategy| Some((strategy, strategy.figures.as_ref()?)))
            .filter(|(strategy, figures)| has(strategy, figures))
            .map(|row| (Label::Name(row.0.style, row_label(row.0)), row));
        Rows::labelled(rows)
    }
}

impl<T> Rows<T> {
    pub(crate) fn labelled(rows: impl Iterator<Item = (Label, T)>) -> Rows<T> {
        let (labels, all) = rows.unzip();
        Rows { all, labels }
    }

    fn height(&self) -> f64 {
        ABOVE + BELOW + self.rows_height()
    }

    fn row_height(&self) -> f64 {
        match self.all.len() {
            ..=FEW_ROWS => ROW_HEIGHT,
            _ => LOW_ROW_HEIGHT,
        }
    }

    fn rows_height(&self) -> f64 {
        self.row_height() * self.count()
    }

    fn count(&self) -> f64 {
        self.all.len() as f64
    }

    /// Begins the drawing of a chart of a scenario, with the labels of the rows; see
    /// [`Canvas::of_scenario`].
    pub(crate) fn canvas(
        &self,
        summary: &ScenarioSummary,
        title: &str,
        description: &str,
        key: &str,
    ) -> Canvas {
        let canvas = Canvas::of_scenario(summary, title, description, key, self.height());
        self.labels(&canvas);
        canvas
    }

    fn labels(&self, canvas: &Canvas) {
        let right = self.left() - 10.0;
        for (row, label) in self.labels.iter().enumerate() {
            let y = ABOVE + self.row_height() * middle(row);
            match label {
                Label::Name(style, name) => canvas.label(*style, || {
                    canvas.text(TextRole::Plain, (right, y), HPos::Right, name);
                }),
                Label::Heading(text) => canvas.text(TextRole::Quiet, (8.0, y), HPos::Left, text),
            }
        }
    }

    /// Draws one of several panels to the right of the labels, with a title above and `spare`
    /// pixels free next to it for figures. Its vertical unit is a row, from zero at the top.
    pub(crate) fn panel(
        &self,
        canvas: &Canvas,
        (index, panels): (usize, usize),
        (title, x): (&str, Axis),
        spare: f64,
    ) -> Plane {
        let gaps = GAP * (panels - 1) as f64;
        let width = (WIDTH - RIGHT - self.left() - gaps) / panels as f64;
        let left = self.left() + index as f64 * (width + GAP);
        let frame = Frame {
            left,
            right: left + width - spare,
            top: ABOVE,
            bottom: ABOVE + self.rows_height(),
        };
        if !title.is_empty() {
            canvas.text(TextRole::Plain, (left, ABOVE - 13.0), HPos::Left, title);
        }
        Plane::new(canvas, frame, x, Axis::linear(self.count()..0.0))
    }

    /// Draws a line at a figure through all rows of a panel.
    pub(crate) fn rule(&self, plane: &Plane, x: f64) {
        plane.line(AXIS, (x, 0.0), (x, self.count()));
    }

    /// Returns the left edge of the panels: to the right of the longest label.
    fn left(&self) -> f64 {
        let widths = self.labels.iter().map(|label| match label {
            Label::Name(_, text) | Label::Heading(text) => text_width(text, TEXT_PX),
        });
        widths.fold(0.0, f64::max) + 20.0
    }
}

pub(crate) fn middle(row: usize) -> f64 {
    row as f64 + 0.5
}

pub(crate) fn bar(row: usize) -> (f64, f64) {
    (middle(row) - HALF_BAR, middle(row) + HALF_BAR)
}

/// Returns the key of a strategy, with a warning if its figures may not be compared.
pub(crate) fn row_label(strategy: &StrategySummary) -> String {
    let key = label(strategy.strategy, MAX_LABEL);
    if strategy.only_invalid() {
        format!("{key} (invalid)")
    } else {
        key
    }
}
