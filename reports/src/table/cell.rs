//! A cell of a table.

use serde::Serialize;

use super::ABSENT;
use crate::compare::Verdict;
use crate::stats::Spread;

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// The figure with its unit, as it is read.
    pub text: String,
    /// The figure as a number, by which tables sort.
    pub value: Option<f64>,
    /// The 95% confidence interval or, with too few blocks, the range, as it is read.
    pub interval: Option<String>,
    /// The range over blocks, as a sentence.
    pub range: Option<String>,
    /// How the text stands out.
    pub tone: Tone,
    /// What a comparison has shown.
    pub mark: Option<Mark>,
}

/// How the text of a cell stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Not at all.
    #[default]
    Plain,
    /// Best of its column.
    Best,
    /// Shown to be better.
    Better,
    /// Shown to be worse, or wrong.
    Worse,
}

/// What a comparison has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// `▲` or `▼`.
    pub sign: &'static str,
    /// [`Tone::Better`] or [`Tone::Worse`].
    pub tone: Tone,
    /// The same in words.
    pub words: String,
}

/// Half width from which on an interval reaches from less than half to more than twice its middle, so
/// that its ends say more than a percentage.
const WIDE: f64 = 1.0;

impl Cell {
    /// A text without a figure.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            ..Cell::default()
        }
    }

    /// A figure without an interval; absent if there is none.
    pub fn number(value: Option<f64>, show: impl Fn(f64) -> String) -> Cell {
        Cell {
            value,
            ..Cell::text(value.map_or(ABSENT.to_owned(), show))
        }
    }

    /// A figure that does not exist or was not measured.
    pub fn absent() -> Cell {
        Cell::text(ABSENT)
    }

    /// A bar of a length from 0 to 1.
    pub fn bar(length: Option<f64>) -> Cell {
        Cell {
            value: length,
            ..Cell::default()
        }
    }

    /// A figure over blocks: the mean with its interval and range; absent if there is none.
    pub fn spread(spread: Option<Spread>, show: impl Fn(f64) -> String) -> Cell {
        let range = spread.filter(|spread| spread.blocks > 1).map(|spread| {
            let (min, max) = (show(spread.min), show(spread.max));
            format!("{min} to {max} over {} blocks", spread.blocks)
        });
        let interval = spread.and_then(|spread| spread.interval);
        Cell {
            interval: interval.map(|interval| interval.words(&show)),
            range,
            ..Cell::number(spread.map(|spread| spread.mean), show)
        }
    }

    /// The interval of a figure over blocks: `±2.4%` if it is a confidence interval that is narrow enough
    /// for that, or else its ends.
    pub fn half_width(spread: Option<Spread>, show: impl Fn(f64) -> String) -> Cell {
        let half_width = spread.and_then(|spread| spread.relative_half_width());
        match half_width.filter(|half| *half < WIDE) {
            Some(half) => Cell::number(Some(half), |half| {
                format!("±{}", crate::units::percent(half))
            }),
            None => Cell::text(
                Cell::spread(spread, show)
                    .interval
                    .unwrap_or(ABSENT.to_owned()),
            ),
        }
    }

    /// The same cell in a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Cell {
        Cell { tone, ..self }
    }
}

impl Tone {
    /// The tone of a verdict.
    pub fn of(verdict: Verdict) -> Tone {
        match verdict {
            Verdict::Better => Tone::Better,
            Verdict::Worse => Tone::Worse,
            Verdict::NoDifferenceShown => Tone::Plain,
        }
    }
}

impl Mark {
    /// The mark of a verdict; none if no difference is shown. `words` says the verdict, given
    /// `better` or `worse`.
    pub fn of(verdict: Verdict, words: impl FnOnce(&str) -> String) -> Option<Mark> {
        let sign = match verdict {
            Verdict::Better => "▲",
            Verdict::Worse => "▼",
            Verdict::NoDifferenceShown => return None,
        };
        Some(Mark {
            sign,
            tone: Tone::of(verdict),
            words: words(verdict.label()),
        })
    }
}
