//! Latency over time as a map map per strategy: time to the right, latency upwards.

use super::highlight::Highlight;
use super::histograms::unusable;
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{
    Axis, Canvas, DataPoint, Frame, HIT, HPos, Plane, TextRole, WIDTH, area, row_label,
};
use crate::histogram::{self, HistogramError, NS_PER_US};
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::table::{Table, or_absent};
use crate::units;

/// Maps side by side, and their size in pixels.
const COLUMNS: usize = 2;
const HEIGHT: f64 = 96.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 62.0;
const BELOW: f64 = 46.0;

/// Cells per factor of ten of latency.
const CELLS_PER_DECADE: f64 = 8.0;

/// Number of shades; more could not be distinguished.
const SHADES: usize = 6;

/// All blocks of a strategy: answers per interval and cell of latency.
struct HeatMap<'s> {
    strategy: &'s StrategySummary<'s>,
    columns: Vec<Column>,
}

#[derive(Clone, Default)]
struct Column {
    at_s: f64,
    end_s: f64,
    /// Answers per cell; the first cell begins at [`FIRST_US`].
    counts: Vec<u64>,
}

/// Lower end of the first cell, microseconds.
const FIRST_US: f64 = 0.1;

/// From a tenth of a microsecond to ten thousand seconds.
const CELLS: usize = 11 * CELLS_PER_DECADE as usize;

pub(super) static HEAT_MAP: ChartInfo = ChartInfo {
    name: "heat",
    title: "Latency over time",
    caption: "The stronger a cell, the more answers of that interval took that long, all blocks together. \
              Bands are kinds of answers; a vertical streak is a moment when all of them waited. Shades \
              are logarithmic, so that rare slow answers are visible. Of many strategies the best of \
              each mechanism are drawn.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let highlight = Highlight::of(summary);
    let mut maps = Vec::new();
    for strategy in &summary.strategies {
        let map = HeatMap::of(strategy).map_err(|source| unusable(strategy, summary, source))?;
        maps.extend(map.has_answers().then_some(map));
    }
    let table = table(&maps);
    let is_any = !maps.is_empty();
    maps.retain(|map| !highlight.style(map.strategy).pale);
    Ok(is_any.then(|| Drawing {
        svg: drawn(summary, &maps),
        table,
    }))
}

impl<'s> HeatMap<'s> {
    fn of(strategy: &'s StrategySummary<'s>) -> Result<HeatMap<'s>, HistogramError> {
        let mut columns: Vec<Column> = Vec::new();
        for trial in &strategy.used {
            for (index, interval) in trial.intervals.iter().enumerate() {
                if columns.len() <= index {
                    columns.push(Column {
                        at_s: interval.at_s,
                        end_s: interval.at_s + interval.duration_s,
                        counts: vec![0; CELLS],
                    });
                }
                let Some(text) = &interval.histogram else {
                    continue;
                };
                for step in histogram::decode(text)?.iter_recorded() {
                    let us = step.value_iterated_to() as f64 / NS_PER_US;
                    columns[index].counts[cell(us)] += step.count_at_value();
                }
            }
        }
        Ok(HeatMap { strategy, columns })
    }

    fn counts(&self) -> impl Iterator<Item = u64> {
        self.columns
            .iter()
            .flat_map(|column| column.counts.iter().copied())
    }

    fn has_answers(&self) -> bool {
        self.counts().any(|count| count > 0)
    }

    /// Returns the first and the last cell with answers.
    fn ends(&self) -> (usize, usize) {
        let filled = || (0..CELLS).filter(|c| self.columns.iter().any(|s| s.counts[*c] > 0));
        (filled().min().unwrap_or(0), filled().max().unwrap_or(0))
    }
}

fn cell(us: f64) -> usize {
    let at = ((us.max(FIRST_US) / FIRST_US).log10() * CELLS_PER_DECADE).floor();
    (at as usize).min(CELLS - 1)
}

/// Returns the lower end of a cell, microseconds.
fn edge(cell: usize) -> f64 {
    FIRST_US * 10f64.powf(cell as f64 / CELLS_PER_DECADE)
}

fn drawn(summary: &ScenarioSummary, maps: &[HeatMap]) -> String {
    let lines = maps.len().div_ceil(COLUMNS) as f64;
    let canvas = Canvas::of_scenario(
        summary,
        HEAT_MAP.title,
        "Heat maps: latency over time of each strategy",
        "to the right: measured time · upwards: latency (logarithmic) · strong: many answers",
        TOP + lines * (HEIGHT + BELOW),
    );
    let ends = || maps.iter().map(HeatMap::ends);
    let low = edge(ends().map(|(first, _)| first).min().unwrap_or(0));
    let high = edge(ends().map(|(_, last)| last + 1).max().unwrap_or(0));
    let columns = maps.iter().flat_map(|map| &map.columns);
    let end_s = columns.map(|column| column.end_s).fold(0.0, f64::max);
    for (index, map) in maps.iter().enumerate() {
        let frame = place(index);
        let plane = Plane::new(&canvas, frame, time_axis(end_s), latency_axis(low, high));
        let (style, above) = (map.strategy.style, (frame.left, frame.top - 11.0));
        canvas.label(style, || {
            let label = row_label(map.strategy);
            canvas.text(TextRole::Plain, above, HPos::Left, &label);
        });
        canvas.series(style, || draw_cells(&plane, map, (low, high)));
    }
    canvas.finish()
}

fn place(index: usize) -> Frame {
    let width = WIDTH / COLUMNS as f64;
    let left = (index % COLUMNS) as f64 * width;
    let top = TOP + (index / COLUMNS) as f64 * (HEIGHT + BELOW) + 16.0;
    Frame {
        left: left + LEFT,
        right: left + width - RIGHT,
        top,
        bottom: top + HEIGHT,
    }
}

/// A time axis with ticks at both ends: a small map has no room for more.
fn time_axis(end_s: f64) -> Axis {
    let ends = [(0.0, "0".to_owned()), (end_s, units::seconds(end_s))];
    Axis::linear(0.0..end_s).naming(ends.into_iter())
}

/// A latency axis with ticks at both ends and in the middle.
fn latency_axis(low: f64, high: f64) -> Axis {
    let axis = Axis::latency([low, high].into_iter());
    let last = axis.named() - 1;
    axis.thinned(|index, _| [0, last.div_ceil(2), last].contains(&index))
}

fn draw_cells(plane: &Plane, map: &HeatMap, (low, high): (f64, f64)) {
    let most = map.counts().max().unwrap_or(1) as f64;
    let mut shades: Vec<Vec<DataPoint>> = vec![Vec::new(); SHADES];
    for column in &map.columns {
        let counts = column.counts.iter().enumerate();
        for (cell, count) in counts.filter(|(_, count)| **count > 0) {
            let share = (*count as f64).ln_1p() / most.ln_1p();
            let shade = ((share * SHADES as f64).ceil() as usize).clamp(1, SHADES) - 1;
            shades[shade].push((column.at_s, edge(cell)));
            shades[shade].push((column.end_s, edge(cell + 1)));
        }
    }
    for (shade, cells) in (1..).zip(shades) {
        if !cells.is_empty() {
            plane.cells(area(f64::from(shade) / SHADES as f64), cells);
        }
    }
    for column in map.columns.iter().filter(|column| column.answers() > 0) {
        let tip = format!("{}: {}", map.strategy.strategy, column.words());
        plane.rect(HIT, (column.at_s, low), (column.end_s, high), &tip);
    }
}

impl Column {
    fn answers(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the cell of the slowest answer.
    fn slowest(&self) -> Option<usize> {
        self.counts.iter().rposition(|count| *count > 0)
    }

    /// Returns its time, its number of answers, and the cells of the median and of the slowest answer.
    fn words(&self) -> String {
        let answers = self.answers();
        let mut seen = 0;
        let mut passed = |count: &u64| {
            seen += count;
            2 * seen >= answers
        };
        let middle = self.counts.iter().position(&mut passed).unwrap_or(0);
        let slowest = self.slowest().unwrap_or(0);
        format!(
            "{} at {:.2} to {:.2} s, half of them within {}, all within {}",
            units::plural(answers as usize, "answer"),
            self.at_s,
            self.end_s,
            units::duration(edge(middle + 1)),
            units::duration(edge(slowest + 1)),
        )
    }
}

/// Returns the busiest and the slowest interval of each strategy; the cells themselves are in the
/// record.
fn table(maps: &[HeatMap]) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "intervals",
        "most answers in an interval",
        "slowest interval",
    ]);
    for map in maps {
        let columns = map.columns.iter();
        let slowest = columns.max_by_key(|column| (column.slowest(), column.answers()));
        table.push([
            map.strategy.strategy.to_owned(),
            units::whole(map.columns.len() as u64),
            units::whole(map.columns.iter().map(Column::answers).max().unwrap_or(0)),
            or_absent(slowest, Column::words),
        ]);
    }
    table
}
