//! Elements that plotters lacks.

use plotters::element::{
    Circle, Cross, Drawable, DynElement, EmptyElement, IntoDynElement, PointCollection, Rectangle,
    TriangleMarker,
};
use plotters::style::ShapeStyle;
use plotters_backend::{BackendCoord, DrawingBackend};

use super::axis::DataPoint;
use super::backend::{Drawn, Svg};
use super::style::{FILL, FINE, MARK, RING};
use crate::palette::Marker;

/// Half the size of a strategy's marker, in plotters' pixels.
const RADIUS: i32 = 4 * FINE;

pub(super) type Element<C> = DynElement<'static, Svg, C>;

/// A mark that shows a text on hover.
pub(super) struct Tooltip {
    pub(super) mark: Element<DataPoint>,
    pub(super) tip: String,
}

impl<'a> PointCollection<'a, DataPoint> for &'a Tooltip {
    type Point = &'a DataPoint;
    type IntoIter = &'a Vec<DataPoint>;

    fn point_iter(self) -> Self::IntoIter {
        self.mark.point_iter()
    }
}

impl Drawable<Svg> for Tooltip {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        svg: &mut Svg,
        parent: (u32, u32),
    ) -> Drawn {
        svg.set_tip(&self.tip);
        self.mark.draw(points, svg, parent)
    }
}

/// Many rectangles as one mark; two opposite corners of each.
pub(super) struct Cells {
    pub(super) corners: Vec<DataPoint>,
    pub(super) style: ShapeStyle,
}

impl<'a> PointCollection<'a, DataPoint> for &'a Cells {
    type Point = &'a DataPoint;
    type IntoIter = &'a [DataPoint];

    fn point_iter(self) -> Self::IntoIter {
        &self.corners
    }
}

impl Drawable<Svg> for Cells {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        corners: I,
        svg: &mut Svg,
        _: (u32, u32),
    ) -> Drawn {
        svg.draw_cells(corners, &self.style);
        Ok(())
    }
}

/// Lines through points, with dashes of a length or without, as one mark: plotters' dashed path is
/// a mark per dash.
pub(super) struct Dashed<C> {
    points: Vec<C>,
    style: ShapeStyle,
    dash: Option<u32>,
}

impl<'a, C> PointCollection<'a, C> for &'a Dashed<C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl<C> Drawable<Svg> for Dashed<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        svg: &mut Svg,
        _: (u32, u32),
    ) -> Drawn {
        svg.set_dash(self.dash);
        svg.draw_path(points, &self.style)
    }
}

/// Returns lines through points, with dashes of a length in pixels or without.
pub(super) fn curve<C>(points: Vec<C>, style: ShapeStyle, dash: Option<u32>) -> Dashed<C> {
    Dashed {
        points,
        style,
        dash,
    }
}

pub(super) fn marker<C: Clone + 'static>(at: C, shape: Marker) -> Element<C> {
    match shape {
        Marker::Disc => Circle::new(at, RADIUS, FILL).into_dyn(),
        Marker::Ring => Circle::new(at, RADIUS, RING).into_dyn(),
        Marker::Triangle => TriangleMarker::new(at, RADIUS * 3 / 2, FILL).into_dyn(),
        Marker::Cross => Cross::new(at, RADIUS, MARK).into_dyn(),
        Marker::Square => {
            let corners = [(-RADIUS, -RADIUS), (RADIUS, RADIUS)];
            (EmptyElement::at(at) + Rectangle::new(corners, FILL)).into_dyn()
        }
    }
}
