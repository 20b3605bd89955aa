//! Colours and markers that distinguish strategies, also for people with colour blindness.

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

/// Prefix of the keys of peers.
pub(crate) const PEER_MARK: &str = "peer:";

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

/// Returns the styles of the strategies of a study by their keys. If there are enough colours, each
/// strategy has its own; otherwise those of a [`family`] share one, and differ in marker and dashes.
/// Four and five have no common factor, so twenty of a colour can be distinguished.
pub(crate) fn styles<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<SeriesStyle> {
    let keys: Vec<&str> = keys.collect();
    if keys.len() <= COLORS.len() {
        return (0..keys.len()).map(style).collect();
    }
    let mut families: Vec<&str> = Vec::new();
    let mut sharing = [0; COLORS.len()];
    let styles = keys.iter().enumerate().map(|(position, key)| {
        let known = families.iter().position(|f| *f == family(key));
        let number = known.unwrap_or_else(|| {
            families.push(family(key));
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

pub(crate) fn mechanism(key: &str) -> &str {
    key.split_once(':').map_or(key, |(mechanism, _)| mechanism)
}

/// Returns the family of a key: the mechanism, or for peers the software, with which their names begin:
/// `peer:nginx` for `peer:nginx-proxy:sticky`.
pub(crate) fn family(key: &str) -> &str {
    let Some(name) = key.strip_prefix(PEER_MARK) else {
        return mechanism(key);
    };
    let software = name.find(|c: char| !c.is_alphanumeric());
    &key[..PEER_MARK.len() + software.unwrap_or(name.len())]
}

pub(crate) fn css(color: Rgb) -> String {
    if color == INK {
        return "currentColor".to_owned();
    }
    format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
}

#[cfg(test)]
mod tests;
