//! Distribution of response times as a few bars.

use hdrhistogram::Histogram;

use crate::table::{Cell, Column, Row, Table};
use crate::units;

/// Width of the longest bar, in characters.
const WIDTH: usize = 40;

/// Parts of a character by which bars are drawn.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar: answers that took less than `below_ns`, and not less than the end of the bar before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    below_ns: u64,
    count: u64,
}

/// Where bars may end within a decade, in tenths: each series covers about the same factor with
/// each bar. The finest one is the E12 series of preferred numbers (IEC 60063).
const SERIES: [&[u64]; 3] = [
    &[10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82],
    &[10, 15, 20, 30, 50, 70],
    &[10, 20, 50],
];

/// The finest series is taken that makes no more bars than this: what fits on a terminal.
const MOST_BARS: usize = 16;

/// Returns a row per bar; `None` if nothing was recorded. Bars end at round numbers, so that those of
/// two trials can be compared.
pub(super) fn table(nanoseconds: &Histogram<u64>) -> Option<Table> {
    let bars = bars(nanoseconds);
    let most = bars.iter().map(|bar| bar.count).max()?;
    let total = nanoseconds.len() as f64;
    let row = |bar: &Bar| Row {
        series: None,
        cells: vec![
            Cell::text(format!("< {}", limit(bar.below_ns))),
            Cell::text(strip(bar.count as f64 / most as f64)),
            Cell::text(units::percent(bar.count as f64 / total)),
            Cell::text(units::whole(bar.count)),
        ],
        ..Row::default()
    };
    Some(Table {
        title: "Response times".to_owned(),
        columns: vec![
            Column::number(""),
            Column::words(""),
            Column::number(""),
            Column::number(""),
        ],
        rows: bars.iter().map(row).collect(),
    })
}

fn bars(nanoseconds: &Histogram<u64>) -> Vec<Bar> {
    if nanoseconds.is_empty() {
        return Vec::new();
    }
    let mut bars = Vec::new();
    for series in SERIES {
        bars = bars_of(nanoseconds, series);
        if bars.len() <= MOST_BARS {
            break;
        }
    }
    bars
}

fn bars_of(nanoseconds: &Histogram<u64>, series: &[u64]) -> Vec<Bar> {
    let (min, max) = (nanoseconds.min(), nanoseconds.max());
    let mut bars = Vec::new();
    let mut from = 0;
    for end in ends(series) {
        if end > min {
            let count = nanoseconds.count_between(from, end - 1);
            bars.push(Bar {
                below_ns: end,
                count,
            });
        }
        from = end;
        if end > max {
            break;
        }
    }
    bars
}

/// The ends of a series from ten nanoseconds to eleven days.
fn ends(series: &[u64]) -> impl Iterator<Item = u64> {
    (0..15).flat_map(|decade| series.iter().map(move |tenths| tenths * 10u64.pow(decade)))
}

fn limit(nanoseconds: u64) -> String {
    let ns = nanoseconds as f64;
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    format!("{} {unit}", units::tick(value))
}

/// A bar of this share of the longest one; an answer is always visible.
fn strip(share: f64) -> String {
    let eighths = (share * (WIDTH * 8) as f64).ceil() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(values: &[(u64, u64)]) -> Histogram<u64> {
        let mut times = Histogram::new(3).expect("three digits are allowed");
        for (ns, count) in values {
            times.record_n(*ns, *count).expect("in range");
        }
        times
    }

    #[test]
    fn bars_hold_every_answer_once() {
        let times = times(&[(1_500, 10), (3_000, 80), (30_000, 9), (1_100_000, 1)]);
        let bars = bars(&times);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), times.len());
        let ends = |bar: &Bar| (bar.below_ns, bar.count);
        assert_eq!(bars.first().map(ends), Some((2_000, 10)));
        assert_eq!(bars.last().map(ends), Some((2_000_000, 1)));
    }

    #[test]
    fn the_wider_the_spread_the_wider_the_bars() {
        for (longest_ns, bars_expected) in
            [(1_900, 2), (25_000, 15), (90_000, 11), (2_000_000_000, 20)]
        {
            let bars = bars(&times(&[(1_700, 1), (longest_ns, 1)]));
            assert_eq!(bars.len(), bars_expected, "{longest_ns}");
        }
    }

    #[test]
    fn the_longest_bar_fills_the_width_and_the_rarest_is_seen() {
        let table = table(&times(&[(1_700, 100_000), (1_900, 1)])).expect("bars");
        let texts = table
            .rows
            .iter()
            .map(|row| row.cells.iter().map(|c| c.text.as_str()));
        let rows: Vec<Vec<&str>> = texts.map(Iterator::collect).collect();
        assert_eq!(rows[0][1], "█".repeat(WIDTH));
        assert_eq!(rows[1], ["< 2.2 µs", "▏", "0.0%", "1"]);
    }

    #[test]
    fn nothing_has_no_bars() {
        assert_eq!(table(&times(&[])), None);
    }
}
