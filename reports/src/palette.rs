//! Colours and markers that distinguish strategies, also for people with colour blindness.

use crate::record::StrategyRecord;

/// Red, green and blue as sRGB bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// The colour of text, axes and the first strategy. It never reaches a file: charts say
/// `currentColor` instead, which is dark on a light page and light on a dark one.
pub(crate) const INK: Rgb = Rgb(0x1F, 0x23, 0x28);

/// The palette of M. Okabe and K. Ito, "Color Universal Design" (2002/2008), in which black is
/// ink and violet replaces yellow, which is nearly invisible on white. A test simulates colour
/// blindness to check that the exchange keeps the least difference of the palette.
pub(crate) const COLORS: [Rgb; 8] = [
    INK,
    Rgb(0xE6, 0x9F, 0x00), // orange
    Rgb(0x56, 0xB4, 0xE9), // sky blue
    Rgb(0x00, 0x9E, 0x73), // bluish green
    Rgb(0x88, 0x11, 0xEE), // violet, for yellow
    Rgb(0x00, 0x72, 0xB2), // blue
    Rgb(0xD5, 0x5E, 0x00), // vermilion
    Rgb(0xCC, 0x79, 0xA7), // reddish purple
];

/// How a strategy is drawn, the same in every chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SeriesStyle {
    /// Position in the plan, by which a page shows and hides it.
    pub(crate) position: usize,
    pub(crate) color: Rgb,
    pub(crate) marker: Marker,
    /// Length of the dashes of its curve in pixels; absent for a solid line.
    pub(crate) dash: Option<u32>,
    /// Whether it is drawn pale, behind the others, in this chart.
    pub(crate) pale: bool,
}

/// The marker on a curve, for readers and printers without colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    Disc,
    Triangle,
    Square,
    Cross,
    Ring,
}

const MARKERS: [Marker; 5] = [
    Marker::Disc,
    Marker::Triangle,
    Marker::Square,
    Marker::Cross,
    Marker::Ring,
];

const DASHES: [Option<u32>; 4] = [None, Some(7), Some(3), Some(12)];

/// Returns the styles of the strategies of a study. Similar ones share a colour if there are too few: those
/// of a family or, if most are of one family, those with one policy.
pub(crate) fn of_strategies(strategies: &[StrategyRecord]) -> Vec<SeriesStyle> {
    let families = || strategies.iter().map(StrategyRecord::family);
    let members = |family: &str| families().filter(|other| *other == family).count();
    let is_dominated = families().any(|family| 2 * members(family) > strategies.len());
    match is_dominated {
        true => styles(strategies.iter().map(StrategyRecord::short_key)),
        false => styles(families()),
    }
}

/// Returns the styles of strategies by what similar ones share. If there are enough colours, each
/// strategy has its own; otherwise those that share it share one, and differ in marker and dashes.
/// Four and five have no common factor, so twenty of a colour can be distinguished.
fn styles<'f>(of: impl Iterator<Item = &'f str>) -> Vec<SeriesStyle> {
    let of: Vec<&str> = of.collect();
    if of.len() <= COLORS.len() {
        return (0..of.len()).map(style).collect();
    }
    let mut families: Vec<&str> = Vec::new();
    let mut sharing = [0; COLORS.len()];
    let styles = of.iter().enumerate().map(|(position, family)| {
        let known = families.iter().position(|known| known == family);
        let number = known.unwrap_or_else(|| {
            families.push(family);
            families.len() - 1
        });
        let color = number % COLORS.len();
        sharing[color] += 1;
        SeriesStyle {
            position,
            ..nth(color, sharing[color] - 1)
        }
    });
    styles.collect()
}

/// Returns the style of one of a few lines, each of its own colour.
pub(crate) fn style(position: usize) -> SeriesStyle {
    SeriesStyle {
        position,
        dash: None,
        ..nth(position % COLORS.len(), position)
    }
}

/// Returns the style of the n-th of those that share a colour.
fn nth(color: usize, nth: usize) -> SeriesStyle {
    SeriesStyle {
        position: 0,
        color: COLORS[color],
        marker: MARKERS[nth % MARKERS.len()],
        dash: DASHES[nth % DASHES.len()],
        pale: false,
    }
}

pub(crate) fn css(color: Rgb) -> String {
    if color == INK {
        return "currentColor".to_owned();
    }
    format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
}

#[cfg(test)]
mod tests;
