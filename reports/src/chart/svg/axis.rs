//! Axes: their range, and their labelled ticks.

use std::ops::Range;

use plotters::coord::combinators::{IntoLogRange, LogCoord};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use super::style::{FINE, TEXT_PX, fine, text_width};

/// A point in a plane, in the units of its two axes.
pub(crate) type DataPoint = (f64, f64);

/// Most ticks of a linear axis.
const MOST_TICKS: usize = 6;

/// Least gap between two labels, in pixels: about the width of a letter.
const LABEL_GAP: f64 = 7.0;

enum Coord {
    Linear(RangedCoordf64),
    Logarithmic(LogCoord<f64>),
}

/// An axis with its labelled ticks and its title.
pub(crate) struct Axis {
    coord: Coord,
    ticks: Vec<(f64, String)>,
    pub(super) title: String,
}

impl Axis {
    /// A linear axis from one figure to another, in either order.
    pub(crate) fn linear(range: Range<f64>) -> Axis {
        Axis {
            coord: Coord::Linear(range.into()),
            ticks: Vec::new(),
            title: String::new(),
        }
    }

    /// A logarithmic axis; both ends are above zero.
    pub(crate) fn logarithmic(range: Range<f64>) -> Axis {
        Axis {
            coord: Coord::Logarithmic(range.log_scale().into()),
            ..Axis::linear(0.0..1.0)
        }
    }

    /// A linear axis from zero to a round figure at or beyond `max`.
    pub(crate) fn from_zero(max: f64, say: impl Fn(f64) -> String) -> Axis {
        let ticks = linear_ticks(max);
        let axis = Axis::linear(0.0..ticks[ticks.len() - 1]);
        axis.naming(ticks.into_iter().map(|value| (value, say(value))))
    }

    /// The same linear axis, cut at `end`.
    pub(crate) fn ending(mut self, end: f64) -> Axis {
        self.coord = Coord::Linear((0.0..end).into());
        self.thinned(|_, tick| tick <= end * 1.001)
    }

    /// A logarithmic axis that encloses these microseconds.
    pub(crate) fn latency(values: impl Iterator<Item = f64>) -> Axis {
        let positive = values.filter(|us| us.is_finite() && *us > 0.0);
        let (min, max) = positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), us| {
            (low.min(us), high.max(us))
        });
        let (min, max) = if max > 0.0 { (min, max) } else { (1.0, 1.0) };
        let ticks = decades(min, max);
        let axis = Axis::logarithmic(ticks[0]..ticks[ticks.len() - 1]);
        axis.naming(ticks.into_iter().map(|us| (us, round_duration(us))))
    }

    pub(crate) fn titled(mut self, title: impl Into<String>) -> Axis {
        self.title = title.into();
        self
    }

    /// The same axis with these ticks.
    pub(crate) fn naming(mut self, ticks: impl Iterator<Item = (f64, String)>) -> Axis {
        self.ticks = ticks.collect();
        self
    }

    /// The same axis with only the ticks for which `named` holds; it takes their index and figure.
    pub(crate) fn thinned(mut self, named: impl Fn(usize, f64) -> bool) -> Axis {
        let ticks = std::mem::take(&mut self.ticks).into_iter().enumerate();
        let kept = ticks.filter(|(index, tick)| named(*index, tick.0));
        self.ticks = kept.map(|(_, tick)| tick).collect();
        self
    }

    /// The same axis with only as many ticks as have room in a length in pixels: every second, third
    /// and so on stays, counted from zero, from 1 or from the first.
    pub(super) fn spaced(self, px: f64) -> Axis {
        let mut ticks = self.ticks.iter();
        let from = ticks
            .position(|tick| [0.0, 1.0].contains(&tick.0))
            .unwrap_or(0);
        let step = (1..self.ticks.len()).find(|step| self.has_room(from % step, *step, px));
        match step {
            Some(step) => self.thinned(|index, _| index % step == from % step),
            None => self,
        }
    }

    /// Whether the labels of every `step`-th tick have room.
    fn has_room(&self, first: usize, step: usize, px: f64) -> bool {
        let kept: Vec<_> = self.ticks.iter().skip(first).step_by(step).collect();
        let place =
            |tick: &(f64, String)| f64::from(self.map(&tick.0, (0, fine(px)))) / f64::from(FINE);
        kept.windows(2).all(|pair| {
            let widths = pair.iter().map(|tick| text_width(&tick.1, TEXT_PX));
            (place(pair[1]) - place(pair[0])).abs() >= widths.sum::<f64>() / 2.0 + LABEL_GAP
        })
    }

    pub(crate) fn named(&self) -> usize {
        self.ticks.len()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    /// A figure beyond an end is drawn at the end.
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let Range { start, end } = self.range();
        let value = value.clamp(start.min(end), start.max(end));
        match &self.coord {
            Coord::Linear(coord) => coord.map(&value, limit),
            Coord::Logarithmic(coord) => coord.map(&value, limit),
        }
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new(); // no lines between those of the ticks
        }
        self.ticks.iter().map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        match &self.coord {
            Coord::Linear(coord) => coord.range(),
            Coord::Logarithmic(coord) => coord.range(),
        }
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.0 == *value);
        tick.map_or(String::new(), |tick| tick.1.clone())
    }
}

/// Returns the label of a tick of a logarithmic axis of microseconds: `500 ns`, `20 µs`.
fn round_duration(us: f64) -> String {
    // The bounds lie below the powers of ten, which are not exact.
    let (value, unit) = match us {
        us if us < 0.999 => (us * 1e3, "ns"),
        us if us < 999.0 => (us, "µs"),
        us if us < 999_000.0 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    format!("{value:.0} {unit}")
}

/// Returns round figures from zero to `max`; the last is at or beyond it.
fn linear_ticks(max: f64) -> Vec<f64> {
    let max = if max > 0.0 && max.is_finite() {
        max
    } else {
        1.0
    };
    let within = RangedCoordf64::from(0.0..max).key_points(MOST_TICKS);
    let step = within.get(1).map_or(max, |first| first - within[0]);
    let steps = (max / step - 1e-9).ceil() as u32;
    (0..=steps).map(|n| f64::from(n) * step).collect()
}

/// Returns 1, 2, 5, 10 … that enclose two figures, or only powers of ten if those are too many.
fn decades(min: f64, max: f64) -> Vec<f64> {
    let all: Vec<f64> = (-3..=11)
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)))
        .collect();
    let last = all.len() - 1;
    let low = all.iter().rposition(|v| *v <= min).unwrap_or(0);
    let high = all.iter().position(|v| *v > max).unwrap_or(last);
    let (low, high) = (low.min(last - 1), high.max(low + 1).min(last));
    let enclosing = &all[low..=high];
    if enclosing.len() <= 10 {
        return enclosing.to_vec();
    }
    // Every third is a power of ten; the ends are widened to one.
    let (low, high) = (low / 3 * 3, (high.div_ceil(3) * 3).min(last / 3 * 3));
    all[low..=high].iter().step_by(3).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_few_and_reach_the_largest_figure() {
        assert_eq!(linear_ticks(23.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        for max in [1.0, 1.5, 9.99, 1e-6, 77_777.0] {
            let ticks = linear_ticks(max);
            assert!((3..=8).contains(&ticks.len()), "{max}: {ticks:?}");
            assert!(ticks[ticks.len() - 1] >= max * 0.999, "{max}: {ticks:?}");
        }
        for odd in [0.0, f64::NAN, f64::INFINITY, -3.0] {
            assert_eq!(linear_ticks(odd), linear_ticks(1.0), "{odd}");
        }
    }

    #[test]
    fn decades_enclose_what_they_are_given() {
        for (min, max) in [
            (3.0, 70.0),
            (0.02, 4e6),
            (50.0, 50.0),
            (0.0, 1e-9),
            (1e12, 1e13),
        ] {
            let ticks = decades(min, max);
            assert!(
                ticks.len() >= 2 && ticks.windows(2).all(|w| w[0] < w[1]),
                "{ticks:?}"
            );
            assert!(ticks.len() <= 10, "{ticks:?}");
        }
        let ticks = decades(3.0, 70.0);
        assert_eq!((ticks[0], ticks[ticks.len() - 1]), (2.0, 100.0));
    }

    #[test]
    fn labels_that_would_run_into_each_other_are_left_out_and_one_is_kept() {
        let ratios = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
        let axis = || {
            let names = ratios.map(|ratio| (ratio, ratio.to_string()));
            Axis::logarithmic(0.09..11.0).naming(names.into_iter())
        };
        for (px, named) in [(600.0, 7), (160.0, 3), (30.0, 1)] {
            let spaced = axis().spaced(px);
            assert_eq!(spaced.named(), named, "{px}");
            assert!(spaced.ticks.iter().any(|tick| tick.0 == 1.0), "{px}");
        }
    }

    #[test]
    fn a_figure_beyond_an_end_stands_at_the_end() {
        let axis = Axis::logarithmic(1.0..100.0);
        let places = [0.0, 1.0, 10.0, 100.0, f64::INFINITY].map(|v| axis.map(&v, (0, 10)));
        assert_eq!(places, [0, 0, 5, 10, 10]);
    }
}
