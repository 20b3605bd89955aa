//! A drawing under way, in pixels of the page.

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::Rectangle;
use plotters::style::text_anchor::HPos;

use super::backend::Svg;
use super::style::{TEXT_PX, TextRole, area, fine, text_width};
use super::words::heading;
use crate::palette::SeriesStyle;
use crate::stats::ScenarioSummary;

/// A point on the page, pixels from the upper left corner.
type PixelPoint = (f64, f64);

/// Width of every chart in pixels; pages scale it to the room there is.
pub(crate) const WIDTH: f64 = 720.0;

/// Top of the plane of a chart, below its heading and the title of its vertical axis.
pub(crate) const PLANE_TOP: f64 = 72.0;

/// Middle of a line of patches, and the size of one.
const SHADES_TOP: f64 = 56.0;
const PATCH: f64 = 10.0;

pub(crate) struct Canvas {
    svg: Rc<RefCell<Svg>>,
    pub(super) area: DrawingArea<Svg, Shift>,
}

impl Canvas {
    /// Begins a drawing; `description` says what it shows, for readers who cannot see it.
    pub(crate) fn new(description: &str, height: f64) -> Canvas {
        let size = (fine(WIDTH) as u32, fine(height) as u32);
        let svg = Rc::new(RefCell::new(Svg::new(description, size)));
        Canvas {
            area: DrawingArea::from(&svg),
            svg,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.svg.borrow_mut().finish()
    }

    /// Begins the drawing of a chart of a scenario; `description` says what it shows, for readers who
    /// cannot see it, and `key` how to read it.
    pub(crate) fn of_scenario(
        summary: &ScenarioSummary,
        title: &str,
        description: &str,
        key: &str,
        height: f64,
    ) -> Canvas {
        let name = &summary.scenario.name;
        let canvas = Canvas::new(&format!("{description} under {name}"), height);
        canvas.heading(&heading(title, name), key);
        canvas
    }

    /// Draws the two lines above a chart: its heading, and how to read it.
    pub(crate) fn heading(&self, heading: &str, key: &str) {
        self.text(TextRole::Heading, (8.0, 14.0), HPos::Left, heading);
        self.text(TextRole::Quiet, (8.0, 34.0), HPos::Left, key);
    }

    /// Draws a legend of the opacities of the parts of a bar, each with its name.
    pub(crate) fn shades(&self, shades: &[(&str, f64)]) {
        let mut x = 8.0;
        for (name, opacity) in shades {
            let corners = [
                (x, SHADES_TOP - PATCH / 2.0),
                (x + PATCH, SHADES_TOP + PATCH / 2.0),
            ];
            let corners = corners.map(|(x, y)| (fine(x), fine(y)));
            drawn(self.area.draw(&Rectangle::new(corners, area(*opacity))));
            self.text(
                TextRole::Plain,
                (x + PATCH + 6.0, SHADES_TOP),
                HPos::Left,
                name,
            );
            x += PATCH + 24.0 + text_width(name, TEXT_PX);
        }
    }

    /// Draws what belongs to a strategy, in its colour.
    pub(crate) fn series(&self, style: SeriesStyle, draw: impl FnOnce()) {
        self.svg.borrow_mut().begin_series(style);
        draw();
        self.svg.borrow_mut().end_group();
    }

    /// Draws text that belongs to a strategy, in the colour of all text: some colours are too light
    /// to read.
    pub(crate) fn label(&self, style: SeriesStyle, draw: impl FnOnce()) {
        self.svg.borrow_mut().begin_label(style);
        draw();
        self.svg.borrow_mut().end_group();
    }

    /// Draws text next to a point, centred in height.
    pub(crate) fn text(&self, role: TextRole, at: PixelPoint, end: HPos, text: &str) {
        let at = (fine(at.0), fine(at.1));
        drawn(self.area.draw_text(text, &role.style(end), at));
    }

    /// Says how many of the curves are pale, if any is; they have no labels.
    pub(crate) fn pale_count(&self, styles: impl Iterator<Item = SeriesStyle>) {
        let pale = styles.filter(|style| style.pale).count();
        if pale > 0 {
            let text = format!("pale: {pale} more");
            self.text(TextRole::Quiet, (WIDTH - 8.0, 34.0), HPos::Right, &text);
        }
    }
}

/// Unwraps a result of plotters: a drawing that is text in memory cannot fail.
pub(super) fn drawn<T, E: Debug>(result: Result<T, E>) -> T {
    result.expect("a String takes all that is drawn")
}
