//! When answers took how long: time to the right, latency upwards, one picture per strategy.

use super::emphasis::Emphasis;
use super::svg::{Axis, Canvas, DataPoint, Frame, HIT, HPos, Plane, WIDTH, Words, area, row_label};
use super::{Chart, Table, heading, unusable};
use crate::error::RenderError;
use crate::histogram::{self, HistogramError, NS_PER_US};
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::units;

/// Pictures side by side, and their size in pixels.
const COLUMNS: usize = 2;
const HEIGHT: f64 = 96.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 62.0;
const BELOW: f64 = 46.0;

/// Cells per factor of ten of latency.
const CELLS_PER_DECADE: f64 = 8.0;

/// How many shades a picture has; more could not be told apart.
const SHADES: usize = 6;

/// All blocks of a strategy: for each slice, how many answers fell into which cell of latency.
struct Heat<'s> {
    strategy: &'s StrategySummary<'s>,
    slices: Vec<Slice>,
}

#[derive(Clone, Default)]
struct Slice {
    at_s: f64,
    end_s: f64,
    /// Answers by cell, the first of which is of [`FIRST_US`].
    counts: Vec<u64>,
}

/// Lower end of the first cell, microseconds.
const FIRST_US: f64 = 0.1;

/// From a tenth of a microsecond to ten thousand seconds.
const CELLS: usize = 11 * CELLS_PER_DECADE as usize;

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let mut heats = Vec::new();
    let emphasis = Emphasis::of(summary);
    for strategy in &summary.strategies {
        let heat = Heat::of(strategy).map_err(|source| unusable(strategy, summary, source))?;
        heats.extend(heat.has_answers().then_some(heat));
    }
    if heats.is_empty() {
        return Ok(None);
    }
    Ok(Some(Chart {
        name: "heat",
        title: "Latency over time",
        caption: "The stronger a cell, the more answers of that moment took that long, all blocks \
                  together. Bands are kinds of answers; a vertical streak is a moment when all \
                  of them waited. Shades grow by the logarithm, so that rare slow answers are \
                  seen. Of many strategies the best of each mechanism are drawn.",
        table: table(&heats),
        svg: {
            heats.retain(|heat| !emphasis.look(heat.strategy).pale);
            drawn(summary, &heats)
        },
    }))
}

impl<'s> Heat<'s> {
    fn of(strategy: &'s StrategySummary<'s>) -> Result<Heat<'s>, HistogramError> {
        let mut slices: Vec<Slice> = Vec::new();
        for trial in &strategy.used {
            for (index, interval) in trial.intervals.iter().enumerate() {
                if slices.len() <= index {
                    slices.push(Slice {
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
                    slices[index].counts[cell(us)] += step.count_at_value();
                }
            }
        }
        Ok(Heat { strategy, slices })
    }

    fn counts(&self) -> impl Iterator<Item = u64> {
        self.slices
            .iter()
            .flat_map(|slice| slice.counts.iter().copied())
    }

    fn has_answers(&self) -> bool {
        self.counts().any(|count| count > 0)
    }

    /// The first and the last cell that has answers.
    fn ends(&self) -> (usize, usize) {
        let filled = || (0..CELLS).filter(|c| self.slices.iter().any(|s| s.counts[*c] > 0));
        (filled().min().unwrap_or(0), filled().max().unwrap_or(0))
    }
}

fn cell(us: f64) -> usize {
    let at = ((us.max(FIRST_US) / FIRST_US).log10() * CELLS_PER_DECADE).floor();
    (at as usize).min(CELLS - 1)
}

/// The lower end of a cell, microseconds.
fn edge(cell: usize) -> f64 {
    FIRST_US * 10f64.powf(cell as f64 / CELLS_PER_DECADE)
}

fn drawn(summary: &ScenarioSummary, heats: &[Heat]) -> String {
    let name = &summary.scenario.name;
    let what = format!("Heat maps: latency over time of each strategy under {name}");
    let lines = heats.len().div_ceil(COLUMNS) as f64;
    let canvas = Canvas::new(&what, TOP + lines * (HEIGHT + BELOW));
    let key = "to the right: measured time · upwards: latency (logarithmic) · strong: many answers";
    canvas.heading(&heading("Latency over time", summary), key);
    let low = heats
        .iter()
        .map(|heat| edge(heat.ends().0))
        .fold(f64::INFINITY, f64::min);
    let high = heats
        .iter()
        .map(|heat| edge(heat.ends().1 + 1))
        .fold(0.0, f64::max);
    let end_s = heats
        .iter()
        .flat_map(|h| &h.slices)
        .map(|s| s.end_s)
        .fold(0.0, f64::max);
    for (index, heat) in heats.iter().enumerate() {
        let frame = place(index);
        let plane = Plane::new(&canvas, frame, time_axis(end_s), latency_axis(low, high));
        let (look, above) = (heat.strategy.look, (frame.left, frame.top - 11.0));
        canvas.label(look, || {
            let label = row_label(heat.strategy);
            canvas.text(Words::Plain, above, HPos::Left, &label);
        });
        canvas.series(look, || picture(&plane, heat, (low, high)));
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

/// Ticks at both ends: a small picture has no room for more.
fn time_axis(end_s: f64) -> Axis {
    let ends = [(0.0, "0".to_owned()), (end_s, units::seconds(end_s))];
    Axis::linear(0.0..end_s).naming(ends.into_iter())
}

/// Ticks at both ends and in the middle.
fn latency_axis(low: f64, high: f64) -> Axis {
    let axis = Axis::latency([low, high].into_iter());
    let last = axis.named() - 1;
    axis.thinned(|index, _| [0, last.div_ceil(2), last].contains(&index))
}

fn picture(plane: &Plane, heat: &Heat, (low, high): (f64, f64)) {
    let most = heat.counts().max().unwrap_or(1) as f64;
    let mut shades: Vec<Vec<DataPoint>> = vec![Vec::new(); SHADES];
    for slice in &heat.slices {
        let counts = slice.counts.iter().enumerate();
        for (cell, count) in counts.filter(|(_, count)| **count > 0) {
            let share = (*count as f64).ln_1p() / most.ln_1p();
            let shade = ((share * SHADES as f64).ceil() as usize).clamp(1, SHADES) - 1;
            shades[shade].push((slice.at_s, edge(cell)));
            shades[shade].push((slice.end_s, edge(cell + 1)));
        }
    }
    for (shade, cells) in (1..).zip(shades) {
        if !cells.is_empty() {
            plane.cells(area(f64::from(shade) / SHADES as f64), cells);
        }
    }
    for slice in heat.slices.iter().filter(|slice| slice.answers() > 0) {
        let tip = format!("{}: {}", heat.strategy.strategy, slice.words());
        plane.rect(HIT, (slice.at_s, low), (slice.end_s, high), &tip);
    }
}

impl Slice {
    fn answers(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// When it was, how many answers it has, and the cells of the median and of the slowest.
    fn words(&self) -> String {
        let answers = self.answers();
        let mut seen = 0;
        let mut passed = |count: &u64| {
            seen += count;
            2 * seen >= answers
        };
        let middle = self.counts.iter().position(&mut passed).unwrap_or(0);
        let slowest = self
            .counts
            .iter()
            .rposition(|count| *count > 0)
            .unwrap_or(0);
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

/// The busiest and the slowest slice of each strategy; the cells themselves are in the record.
fn table(heats: &[Heat]) -> Table {
    let mut table = Table::new([
        "strategy",
        "slices",
        "most answers in a slice",
        "slowest slice",
    ]);
    for heat in heats {
        let slowest = heat.slices.iter().max_by_key(|slice| {
            (
                slice.counts.iter().rposition(|count| *count > 0),
                slice.answers(),
            )
        });
        table.rows.push(vec![
            heat.strategy.strategy.to_owned(),
            units::whole(heat.slices.len() as u64),
            units::whole(heat.slices.iter().map(Slice::answers).max().unwrap_or(0)),
            slowest.map_or(String::new(), Slice::words),
        ]);
    }
    table
}
