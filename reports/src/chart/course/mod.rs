//! Throughput, latency and errors over the measured time.

mod slots;

use super::emphasis::Emphasis;
use super::svg::{Axis, Canvas, FILL, Frame, GRID, HPos, Plane, Words, bar, middle, row_label};
use super::timeline::{self, Kind, Line, Moment, time_axis};
use super::{ABSENT, Chart, Table, heading};
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::units;
use slots::{Slot, slots};

/// Height of a plane, and from the lower end of one to the upper of the next, in pixels.
const HEIGHT: f64 = 130.0;
const GAP: f64 = 62.0;

/// Height of a strategy's marks of disturbance below the last plane, in pixels, and of all of
/// them where they are many.
const STRIP: f64 = 7.0;
const STRIPS: f64 = 120.0;

/// A strategy and its course.
type Series<'s> = (&'s StrategySummary<'s>, Vec<Slot>);

/// A figure over time: its name, how it is shown, what it is of a slot.
struct Over {
    title: &'static str,
    kind: Kind,
    of: fn(&Slot) -> Option<f64>,
}

const THROUGHPUT: Over = Over {
    title: "answers per second",
    kind: Kind::Count,
    of: |slot| Some(slot.rps),
};

const LATENCY: Over = Over {
    title: "99th percentile of latency",
    kind: Kind::Latency,
    of: |slot| slot.p99_us,
};

const ERRORS: Over = Over {
    title: "failed requests, all blocks",
    kind: Kind::Count,
    of: |slot| Some(slot.errors as f64),
};

pub(super) fn draw(summary: &ScenarioSummary) -> Option<Chart> {
    let all = summary.strategies.iter().map(|s| (s, slots(&s.used)));
    let series: Vec<Series> = all.filter(|(_, slots)| !slots.is_empty()).collect();
    if series.is_empty() {
        return None;
    }
    Some(Chart {
        name: "course",
        title: "Over time",
        caption: "The measured time in slices, each the median of the blocks at that moment. A \
                  curve that still rises or falls says that the warm-up was too short. The \
                  strip below has a mark wherever, in any block, other processes or the \
                  hypervisor took more than 5% of the CPUs during the slice.",
        svg: drawn(summary, &series),
        table: table(&series),
    })
}

fn drawn(summary: &ScenarioSummary, series: &[Series]) -> String {
    let name = &summary.scenario.name;
    let what =
        format!("Line charts: throughput and latency of each strategy over time under {name}");
    let emphasis = Emphasis::of(summary);
    let labels: Vec<_> = series
        .iter()
        .map(|(s, _)| (emphasis.look(s), row_label(s)))
        .collect();
    let failed = series
        .iter()
        .flat_map(|(_, slots)| slots)
        .any(|slot| slot.errors > 0);
    let panels = if failed {
        &[THROUGHPUT, LATENCY, ERRORS][..]
    } else {
        &[THROUGHPUT, LATENCY]
    };
    let top = Canvas::below_legend(&labels);
    let strips = (STRIP * series.len() as f64).min(STRIPS);
    let below = top + panels.len() as f64 * (HEIGHT + GAP);
    let canvas = Canvas::new(&what, below + strips + 24.0);
    let key = "median of the blocks in each slice · strip: slices that something else disturbed";
    canvas.heading(&heading("Over time", summary), key);
    canvas.legend(&labels);
    let mut frame = Frame::wide(top, HEIGHT);
    let ends = series.iter().filter_map(|(_, slots)| slots.last());
    let end_s = ends.map(Slot::end_s).fold(0.0, f64::max);
    for over in panels {
        let lines: Vec<Line> = series
            .iter()
            .map(|one| line(one, over, &emphasis))
            .collect();
        timeline::draw(&canvas, frame, over.title, &lines, (over.kind, end_s));
        frame = Frame::wide(frame.bottom + GAP, HEIGHT);
    }
    let strip = Frame::wide(below, strips);
    disturbances(&canvas, series, strip, end_s);
    canvas.finish()
}

fn line((strategy, slots): &Series, over: &Over, emphasis: &Emphasis) -> Line {
    let points = slots.iter().filter_map(|slot| {
        Some(Moment {
            at_s: slot.at_s + slot.duration_s / 2.0,
            value: (over.of)(slot)?,
        })
    });
    Line {
        label: strategy.strategy.to_owned(),
        look: emphasis.look(strategy),
        points: points.collect(),
    }
}

/// A line of marks per strategy.
fn disturbances(canvas: &Canvas, series: &[Series], strip: Frame, end_s: f64) {
    canvas.text(Words::Quiet, (8.0, strip.top), HPos::Left, "disturbed");
    let rows = Axis::linear(series.len() as f64..0.0);
    let plane = Plane::bare(canvas, strip, time_axis(end_s), rows);
    for (row, (strategy, slots)) in series.iter().enumerate() {
        let y = middle(row);
        plane.line(GRID, (0.0, y), (end_s, y));
        canvas.series(strategy.look, || {
            for slot in slots.iter().filter(|slot| slot.disturbed > 0) {
                let tip = format!(
                    "{}: disturbed in {} of {} at {}",
                    strategy.strategy,
                    slot.disturbed,
                    units::plural(slot.trials, "block"),
                    slot.span()
                );
                let (top, bottom) = bar(row);
                plane.rect(FILL, (slot.at_s, top), (slot.end_s(), bottom), &tip);
            }
        });
    }
}

/// The extremes of each course; the slices themselves are in the record.
fn table(series: &[Series]) -> Table {
    let mut table = Table::new([
        "strategy",
        "slices",
        "slowest slice, req/s",
        "fastest slice, req/s",
        "least p99",
        "greatest p99",
        "failed",
        "slices disturbed",
    ]);
    for (strategy, slots) in series {
        let ends = |of: fn(&Slot) -> Option<f64>, say: fn(f64) -> String| {
            let values: Vec<f64> = slots.iter().filter_map(of).collect();
            let least = values.iter().copied().reduce(f64::min);
            let greatest = values.iter().copied().reduce(f64::max);
            [least, greatest].map(|v| v.map_or(ABSENT.to_owned(), say))
        };
        let mut row = vec![
            strategy.strategy.to_owned(),
            units::whole(slots.len() as u64),
        ];
        row.extend(ends(THROUGHPUT.of, units::count));
        row.extend(ends(LATENCY.of, units::duration));
        row.push(units::whole(slots.iter().map(|slot| slot.errors).sum()));
        row.push(units::whole(
            slots.iter().filter(|slot| slot.disturbed > 0).count() as u64,
        ));
        table.rows.push(row);
    }
    table
}
