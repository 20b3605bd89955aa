//! Points of a drawing.

/// A point on the page, pixels from the upper left corner.
pub(in crate::chart) type PixelPoint = (f64, f64);

/// A point in a plane, in the units of its two axes.
pub(in crate::chart) type DataPoint = (f64, f64);
