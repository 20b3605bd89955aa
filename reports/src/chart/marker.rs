//! Curves and the signs on them, in pixels.

use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::svg::{Area, Drawn};
use crate::palette::{Look, Marker};

/// Half the size of a sign.
const RADIUS: i32 = 4;

/// Gap between dashes.
const GAP: u32 = 4;

/// Draws a line through points in the look of a strategy.
pub(super) fn line(area: &Area, points: Vec<(i32, i32)>, look: Look) -> Drawn {
    let style = look.color.stroke_width(2);
    match look.dash {
        None => area.draw(&PathElement::new(points, style))?,
        Some(dash) => area.draw(&DashedPathElement::new(points, dash, GAP, style))?,
    }
    Ok(())
}

/// Draws the sign of a strategy at a point.
pub(super) fn marker(area: &Area, (x, y): (i32, i32), look: Look) -> Drawn {
    let filled = look.color.filled();
    match look.marker {
        Marker::Disc => area.draw(&Circle::new((x, y), RADIUS, filled))?,
        Marker::Triangle => area.draw(&TriangleMarker::new((x, y), RADIUS + 2, filled))?,
        Marker::Square => {
            let corners = [(x - RADIUS, y - RADIUS), (x + RADIUS, y + RADIUS)];
            area.draw(&Rectangle::new(corners, filled))?;
        }
        Marker::Cross => area.draw(&Cross::new((x, y), RADIUS, look.color.stroke_width(2)))?,
        Marker::Ring => area.draw(&Circle::new((x, y), RADIUS, look.color.stroke_width(2)))?,
    }
    Ok(())
}
