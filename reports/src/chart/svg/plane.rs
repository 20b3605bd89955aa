//! A plane with two axes.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{
    Circle, Drawable, EmptyElement, IntoDynElement, PathElement, PointCollection, Polygon,
    Rectangle, Text,
};
use plotters::style::text_anchor::HPos;
use plotters::style::{ShapeStyle, TRANSPARENT};

use super::axis::{Axis, DataPoint};
use super::backend::Svg;
use super::canvas::{Canvas, WIDTH, drawn};
use super::elements::{Cells, Element, Tooltip, curve, marker};
use super::style::{AXIS, FINE, GRID, HIT, THIN, TextRole, fine};
use crate::palette::SeriesStyle;

/// Room for the labels to the left of a plane and below it, in pixels.
const LABELS_LEFT: f64 = 58.0;
const LABELS_BELOW: f64 = 40.0;

/// Length of a tick. Its label is twice as far from the axis.
const TICK: i32 = 4 * FINE;

/// Radius of the disc around a point that responds to the pointer, in pixels.
const HIT_RADIUS: f64 = 7.0;

/// Half the height of the cap of a whisker, in units of a row.
const HALF_CAP: f64 = 0.15;

/// The edges of a plane, in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// The whole width, with room for the labels of a vertical axis, and for others to the right.
    pub(crate) fn wide(top: f64, height: f64, right: f64) -> Frame {
        Frame {
            left: 66.0,
            right: WIDTH - right.max(22.0), // at least room for half of the last tick
            top,
            bottom: top + height,
        }
    }
}

/// A plane with two axes; its points are in their units.
pub(crate) struct Plane {
    chart: ChartContext<'static, Svg, Cartesian2d<Axis, Axis>>,
}

impl Plane {
    /// A plane without grid and axes.
    pub(crate) fn bare(canvas: &Canvas, frame: Frame, x: Axis, y: Axis) -> Plane {
        let corner = (fine(frame.left - LABELS_LEFT), fine(frame.top));
        let width = fine(frame.right - frame.left + LABELS_LEFT);
        let height = fine(frame.bottom - frame.top + LABELS_BELOW);
        let area = canvas.area.clone().shrink(corner, (width, height));
        let chart = ChartBuilder::on(&area)
            .y_label_area_size(fine(LABELS_LEFT))
            .x_label_area_size(fine(LABELS_BELOW))
            .build_cartesian_2d(x, y);
        Plane {
            chart: drawn(chart),
        }
    }

    /// A plane with its grid, axes, ticks and their labels.
    pub(crate) fn new(canvas: &Canvas, frame: Frame, x: Axis, y: Axis) -> Plane {
        let above = (8.0, frame.top - 17.0);
        if !y.title.is_empty() {
            canvas.text(TextRole::Quiet, above, HPos::Left, &y.title);
        }
        let (title, names_heights) = (x.title.clone(), y.named() > 0);
        let x = x.spaced(frame.right - frame.left);
        let mut plane = Plane::bare(canvas, frame, x, y);
        let mut mesh = plane.chart.configure_mesh();
        mesh.bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(AXIS)
            .set_all_tick_mark_size(TICK)
            .label_style(TextRole::Quiet.style(HPos::Left))
            .axis_desc_style(TextRole::Quiet.style(HPos::Left));
        if !names_heights {
            mesh.disable_y_axis();
        }
        if !title.is_empty() {
            mesh.x_desc(title);
        }
        drawn(mesh.draw());
        drop(mesh);
        plane
    }

    /// Returns where a point is drawn, in plotters' pixels.
    pub(super) fn pixel(&self, at: DataPoint) -> (i32, i32) {
        self.chart.backend_coord(&at)
    }

    fn draw<E>(&self, element: &E)
    where
        E: Drawable<Svg>,
        for<'a> &'a E: PointCollection<'a, DataPoint>,
    {
        drawn(self.chart.plotting_area().draw(element));
    }

    fn draw_with_tip(&self, mark: Element<DataPoint>, tip: &str) {
        let tip = tip.to_owned();
        self.draw(&Tooltip { mark, tip });
    }

    pub(crate) fn line(&self, style: ShapeStyle, from: DataPoint, to: DataPoint) {
        self.draw(&PathElement::new([from, to], style));
    }

    /// Draws a line from one figure to another at a height, with a cap on both ends.
    pub(crate) fn whisker(&self, style: ShapeStyle, (low, high): DataPoint, y: f64) {
        let cap = |x: f64| [(x, y - HALF_CAP), (x, y + HALF_CAP), (x, y)];
        let points = cap(low).into_iter().chain(cap(high).into_iter().rev());
        self.curve(style, points.collect(), None);
    }

    /// Draws a rectangle between two corners; `tip` is shown on hover.
    pub(crate) fn rect(&self, style: ShapeStyle, from: DataPoint, to: DataPoint, tip: &str) {
        self.draw_with_tip(Rectangle::new([from, to], style).into_dyn(), tip);
    }

    /// Draws the curve of a pale strategy; `tip` is shown on hover.
    pub(crate) fn pale(&self, points: Vec<DataPoint>, style: SeriesStyle, tip: &str) {
        self.draw_with_tip(curve(points, THIN, style.dash).into_dyn(), tip);
    }

    /// Draws lines through points, with dashes of a length or without.
    pub(crate) fn curve(&self, style: ShapeStyle, points: Vec<DataPoint>, dash: Option<u32>) {
        self.draw(&curve(points, style, dash));
    }

    pub(crate) fn area(&self, style: ShapeStyle, outline: Vec<DataPoint>) {
        self.draw(&Polygon::new(outline, style));
    }

    /// Draws many cells as one element, from two opposite corners of each.
    pub(crate) fn cells(&self, style: ShapeStyle, corners: Vec<DataPoint>) {
        self.draw(&Cells { corners, style });
    }

    /// Draws a disc of a radius in pixels.
    pub(crate) fn dot(&self, style: ShapeStyle, at: DataPoint, radius: f64, tip: &str) {
        self.draw_with_tip(Circle::new(at, fine(radius), style).into_dyn(), tip);
    }

    pub(crate) fn marker(&self, at: DataPoint, style: SeriesStyle) {
        self.draw(&marker(at, style.marker));
    }

    /// Draws an invisible disc around a point that shows its figure on hover.
    pub(crate) fn hit(&self, at: DataPoint, tip: &str) {
        self.dot(HIT, at, HIT_RADIUS, tip);
    }

    /// Draws text a number of pixels to the right of a point, centred in height.
    pub(crate) fn text(&self, role: TextRole, at: DataPoint, right: f64, end: HPos, text: &str) {
        let text = Text::new(text.to_owned(), (fine(right), 0), role.style(end));
        self.draw(&(EmptyElement::at(at) + text));
    }
}
