//! A plane with two axes.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{
    Circle, Drawable, EmptyElement, IntoDynElement, PathElement, PointCollection, Polygon,
    Rectangle, Text,
};
use plotters::style::text_anchor::HPos;
use plotters::style::{ShapeStyle, TRANSPARENT};

use super::axis::Axis;
use super::backend::Svg;
use super::canvas::{Canvas, WIDTH, drawn};
use super::elements::{Cells, Element, Telling, curve, sign};
use super::point::DataPoint;
use super::style::{AXIS, FINE, GRID, HIT, THIN, Words, fine};
use crate::palette::Look;

/// Room for the labels to the left of a plane and below, in pixels.
const LABELS_LEFT: f64 = 58.0;
const LABELS_BELOW: f64 = 40.0;

/// Length of a tick. Its label stands twice as far from the axis.
const TICK: i32 = 4 * FINE;

/// Half the size of the field around a point that answers to the pointer, in pixels.
const HIT_RADIUS: f64 = 7.0;

/// Half the height of a line across the end of another, in units of a row.
const HALF_CAP: f64 = 0.15;

/// The room of a plane.
#[derive(Clone, Copy)]
pub(in crate::chart) struct Frame {
    pub(in crate::chart) left: f64,
    pub(in crate::chart) right: f64,
    pub(in crate::chart) top: f64,
    pub(in crate::chart) bottom: f64,
}

impl Frame {
    /// The whole width, with room for the labels of a vertical axis.
    pub(in crate::chart) fn wide(top: f64, height: f64) -> Frame {
        Frame {
            left: 66.0,
            right: WIDTH - 22.0, // half of the last tick stands beyond
            top,
            bottom: top + height,
        }
    }
}

/// A plane with two axes, drawn upon in their figures.
pub(in crate::chart) struct Plane {
    chart: ChartContext<'static, Svg, Cartesian2d<Axis, Axis>>,
}

impl Plane {
    /// A plane of which nothing is drawn yet.
    pub(in crate::chart) fn bare(canvas: &Canvas, frame: Frame, x: Axis, y: Axis) -> Plane {
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
    pub(in crate::chart) fn new(canvas: &Canvas, frame: Frame, x: Axis, y: Axis) -> Plane {
        let above = (8.0, frame.top - 17.0);
        if !y.title.is_empty() {
            canvas.text(Words::Quiet, above, HPos::Left, &y.title);
        }
        let (title, names_heights) = (x.title.clone(), y.named() > 0);
        let x = x.spaced(frame.right - frame.left);
        let mut plane = Plane::bare(canvas, frame, x, y);
        let mut mesh = plane.chart.configure_mesh();
        mesh.bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(AXIS)
            .set_all_tick_mark_size(TICK)
            .label_style(Words::Quiet.style(HPos::Left))
            .axis_desc_style(Words::Quiet.style(HPos::Left));
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

    fn draw<E>(&self, element: &E)
    where
        E: Drawable<Svg>,
        for<'a> &'a E: PointCollection<'a, DataPoint>,
    {
        drawn(self.chart.plotting_area().draw(element));
    }

    fn tell(&self, mark: Element<DataPoint>, tip: &str) {
        let tip = tip.to_owned();
        self.draw(&Telling { mark, tip });
    }

    pub(in crate::chart) fn line(&self, style: ShapeStyle, from: DataPoint, to: DataPoint) {
        self.draw(&PathElement::new([from, to], style));
    }

    /// A line from one figure to another at a height, with a cap on both ends.
    pub(in crate::chart) fn whisker(&self, style: ShapeStyle, (low, high): DataPoint, y: f64) {
        let cap = |x: f64| [(x, y - HALF_CAP), (x, y + HALF_CAP), (x, y)];
        let points = cap(low).into_iter().chain(cap(high).into_iter().rev());
        self.curve(style, points.collect(), None);
    }

    /// A rectangle between two corners; `tip` is the figure that it stands for, if any.
    pub(in crate::chart) fn rect(
        &self,
        style: ShapeStyle,
        from: DataPoint,
        to: DataPoint,
        tip: &str,
    ) {
        self.tell(Rectangle::new([from, to], style).into_dyn(), tip);
    }

    /// Lines of a strategy that stands back; `tip` is all that they say.
    pub(in crate::chart) fn pale(&self, points: Vec<DataPoint>, look: Look, tip: &str) {
        self.tell(curve(points, THIN, look.dash).into_dyn(), tip);
    }

    /// Lines through points, dashed as a strategy's are.
    pub(in crate::chart) fn curve(
        &self,
        style: ShapeStyle,
        points: Vec<DataPoint>,
        dash: Option<u32>,
    ) {
        self.draw(&curve(points, style, dash));
    }

    /// A filled outline.
    pub(in crate::chart) fn area(&self, style: ShapeStyle, outline: Vec<DataPoint>) {
        self.draw(&Polygon::new(outline, style));
    }

    /// Many cells as one element, two opposite corners of each.
    pub(in crate::chart) fn cells(&self, style: ShapeStyle, corners: Vec<DataPoint>) {
        self.draw(&Cells { corners, style });
    }

    /// A disc of a radius in pixels.
    pub(in crate::chart) fn dot(&self, style: ShapeStyle, at: DataPoint, radius: f64, tip: &str) {
        self.tell(Circle::new(at, fine(radius), style).into_dyn(), tip);
    }

    /// The sign of a strategy.
    pub(in crate::chart) fn sign(&self, at: DataPoint, look: Look) {
        self.draw(&sign(at, look.marker));
    }

    /// The field around a point that tells its figure.
    pub(in crate::chart) fn hit(&self, at: DataPoint, tip: &str) {
        self.dot(HIT, at, HIT_RADIUS, tip);
    }

    /// Text so many pixels to the right of a point, centred in height.
    pub(in crate::chart) fn text(
        &self,
        words: Words,
        at: DataPoint,
        right: f64,
        end: HPos,
        text: &str,
    ) {
        let text = Text::new(text.to_owned(), (fine(right), 0), words.style(end));
        self.draw(&(EmptyElement::at(at) + text));
    }
}
