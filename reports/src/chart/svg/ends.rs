//! Labels at the ends of curves.

use plotters::style::text_anchor::HPos;

use super::axis::DataPoint;
use super::canvas::{Canvas, drawn};
use super::elements::{curve, marker};
use super::plane::{Frame, Plane};
use super::style::{FAINT, TEXT_PX, TextRole, fine, text_width};
use crate::palette::SeriesStyle;

/// From the edge of a plane to the markers of labels, and from there to the labels, in pixels.
const TO_MARKER: f64 = 14.0;
const TO_LABEL: f64 = 10.0;

/// Least distance of two labels, in pixels.
const LINE: f64 = TEXT_PX + 1.0;

/// A curve's label, and where the curve ends.
pub(crate) struct CurveEnd {
    pub(crate) style: SeriesStyle,
    pub(crate) label: String,
    pub(crate) at: Option<DataPoint>,
}

/// Returns the room to the right of a plane that labels take, in pixels. Pale curves have none.
pub(crate) fn room_for<'l>(labels: impl Iterator<Item = (SeriesStyle, &'l str)>) -> f64 {
    let strong = labels.filter(|(style, _)| !style.pale);
    let widths = strong.map(|(_, label)| text_width(label, TEXT_PX));
    TO_MARKER + TO_LABEL + widths.fold(0.0, f64::max)
}

/// Labels curves next to the plane, each as near to the height of its end as the others allow, and joins
/// both by a line.
pub(crate) fn label_ends(canvas: &Canvas, frame: Frame, plane: &Plane, ends: Vec<CurveEnd>) {
    let strong = ends.into_iter().filter(|end| !end.style.pale);
    let known = strong.filter_map(|end| Some((plane.pixel(end.at?), end)));
    let mut known: Vec<_> = known.collect();
    known.sort_by_key(|((_, y), _)| *y);
    let heights: Vec<f64> = known.iter().map(|((_, y), _)| unfine(*y)).collect();
    for ((from, end), y) in known.iter().zip(apart(&heights, frame.bottom)) {
        let x = frame.right + TO_MARKER;
        let at = (fine(x), fine(y));
        canvas.series(end.style, || {
            drawn(canvas.area.draw(&curve(vec![*from, at], FAINT, None)));
            drawn(canvas.area.draw(&marker(at, end.style.marker)));
        });
        canvas.label(end.style, || {
            canvas.text(TextRole::Plain, (x + TO_LABEL, y), HPos::Left, &end.label);
        });
    }
}

/// Moves rising heights until neighbours are [`LINE`] apart and none is below the bottom.
fn apart(heights: &[f64], bottom: f64) -> Vec<f64> {
    let mut least = f64::NEG_INFINITY;
    let mut apart: Vec<f64> = heights
        .iter()
        .map(|height| {
            let moved = height.max(least);
            least = moved + LINE;
            moved
        })
        .collect();
    let mut most = bottom;
    for height in apart.iter_mut().rev() {
        *height = height.min(most);
        most = *height - LINE;
    }
    apart
}

/// Converts plotters' pixels to pixels of the page.
fn unfine(pixels: i32) -> f64 {
    f64::from(pixels) / f64::from(super::style::FINE)
}

#[cfg(test)]
mod tests {
    use super::{LINE, apart};

    #[test]
    fn labels_keep_their_distance_and_stay_above_the_bottom() {
        assert_eq!(apart(&[10.0, 100.0], 200.0), [10.0, 100.0]);
        let near = apart(&[10.0, 11.0, 12.0], 200.0);
        assert_eq!(near, [10.0, 10.0 + LINE, 10.0 + 2.0 * LINE]);
        let low = apart(&[199.0, 200.0], 200.0);
        assert_eq!(low, [200.0 - LINE, 200.0]);
    }
}
