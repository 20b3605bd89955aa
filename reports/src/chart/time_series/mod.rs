//! Throughput, latency and errors over the measured time.

mod intervals;

use super::highlight::Highlight;
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::over_time::{self, Line, Scale, TimePoint, time_axis};
use super::svg::{
    Axis, Canvas, FILL, Frame, GRID, HPos, PLANE_TOP, Plane, TextRole, bar, middle, room_for,
};
use crate::stats::{ScenarioSummary, StrategySummary};
use crate::table::{Table, or_absent};
use crate::units;
pub(crate) use intervals::{MeanInterval, mean_intervals};

/// Height of a plane, and from the lower end of one to the upper of the next, in pixels.
const HEIGHT: f64 = 130.0;
const GAP: f64 = 62.0;

/// Height of a strategy's marks of disturbance below the last plane, and greatest height of all
/// marks, in pixels.
const STRIP: f64 = 7.0;
const STRIPS: f64 = 120.0;

type StrategySeries<'s> = (&'s StrategySummary<'s>, Vec<MeanInterval>);

/// A panel: its title, its vertical axis, and its figure of an interval.
struct Panel {
    title: &'static str,
    scale: Scale,
    of: fn(&MeanInterval) -> Option<f64>,
}

const THROUGHPUT: Panel = Panel {
    title: "answers per second",
    scale: Scale::Count,
    of: |interval| Some(interval.rps),
};

const LATENCY: Panel = Panel {
    title: "99th percentile of latency",
    scale: Scale::Latency,
    of: |interval| interval.p99_us,
};

const ERRORS: Panel = Panel {
    title: "failed requests, all blocks",
    scale: Scale::Count,
    of: |interval| Some(interval.errors as f64),
};

pub(crate) static TIME_SERIES: ChartInfo = ChartInfo {
    name: "time-series",
    title: "Over time",
    caption: "Figures per interval of the measured time, each the mean of the blocks. A curve that \
              still rises or falls means that the warm-up was too short. The strip below has a mark \
              wherever, in any block, other processes or the hypervisor took more than 5% of the CPUs \
              during the interval.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let strategies = summary.strategies.iter();
    let all = strategies.map(|strategy| (strategy, mean_intervals(&strategy.used)));
    let series: Vec<StrategySeries> = all.filter(|(_, all)| !all.is_empty()).collect();
    Ok((!series.is_empty()).then(|| Drawing {
        svg: drawn(summary, &series),
        table: table(&series),
    }))
}

fn drawn(summary: &ScenarioSummary, series: &[StrategySeries]) -> String {
    let highlight = Highlight::of(summary);
    let styles = || series.iter().map(|(s, _)| highlight.style(s));
    let room = room_for(styles().zip(series.iter().map(|(s, _)| s.strategy)));
    let mut intervals = series.iter().flat_map(|(_, intervals)| intervals);
    let panels = match intervals.any(|interval| interval.errors > 0) {
        true => &[THROUGHPUT, LATENCY, ERRORS][..],
        false => &[THROUGHPUT, LATENCY],
    };
    let strips = (STRIP * series.len() as f64).min(STRIPS);
    let below = PLANE_TOP + panels.len() as f64 * (HEIGHT + GAP);
    let key = "mean of the blocks in each interval · strip: intervals disturbed by something else";
    let what = "Line charts: throughput and latency of each strategy over time";
    let height = below + strips + 24.0;
    let canvas = Canvas::of_scenario(summary, TIME_SERIES.title, what, key, height);
    canvas.pale_count(styles());
    let mut frame = Frame::wide(PLANE_TOP, HEIGHT, room);
    let ends = series.iter().filter_map(|(_, intervals)| intervals.last());
    let end_s = ends.map(MeanInterval::end_s).fold(0.0, f64::max);
    for panel in panels {
        let lines: Vec<Line> = series
            .iter()
            .map(|one| line(one, panel, &highlight))
            .collect();
        over_time::draw(&canvas, frame, panel.title, &lines, (panel.scale, end_s));
        frame = Frame::wide(frame.bottom + GAP, HEIGHT, room);
    }
    let strip = Frame::wide(below, strips, room);
    disturbances(&canvas, series, strip, end_s);
    canvas.finish()
}

fn line((strategy, intervals): &StrategySeries, panel: &Panel, highlight: &Highlight) -> Line {
    let points = intervals.iter().filter_map(|interval| {
        Some(TimePoint {
            at_s: interval.at_s + interval.duration_s / 2.0,
            value: (panel.of)(interval)?,
        })
    });
    Line {
        label: strategy.strategy.to_owned(),
        style: highlight.style(strategy),
        points: points.collect(),
    }
}

fn disturbances(canvas: &Canvas, series: &[StrategySeries], strip: Frame, end_s: f64) {
    canvas.text(TextRole::Quiet, (8.0, strip.top), HPos::Left, "disturbed");
    let rows = Axis::linear(series.len() as f64..0.0);
    let plane = Plane::bare(canvas, strip, time_axis(end_s), rows);
    for (row, (strategy, intervals)) in series.iter().enumerate() {
        let y = middle(row);
        plane.line(GRID, (0.0, y), (end_s, y));
        canvas.series(strategy.style, || {
            for interval in intervals.iter().filter(|interval| interval.disturbed > 0) {
                let tip = format!(
                    "{}: disturbed in {} of {} at {}",
                    strategy.strategy,
                    interval.disturbed,
                    units::plural(interval.trials, "block"),
                    interval.span()
                );
                let (top, bottom) = bar(row);
                plane.rect(FILL, (interval.at_s, top), (interval.end_s(), bottom), &tip);
            }
        });
    }
}

/// Returns the extremes of each time series; the intervals themselves are in the record.
fn table(series: &[StrategySeries]) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "intervals",
        "slowest interval, req/s",
        "fastest interval, req/s",
        "least p99",
        "greatest p99",
        "failed",
        "intervals disturbed",
    ]);
    for (strategy, intervals) in series {
        let ends = |of: fn(&MeanInterval) -> Option<f64>, text: fn(f64) -> String| {
            let values: Vec<f64> = intervals.iter().filter_map(of).collect();
            let least = values.iter().copied().reduce(f64::min);
            let greatest = values.iter().copied().reduce(f64::max);
            [least, greatest].map(|value| or_absent(value, text))
        };
        let mut row = vec![
            strategy.strategy.to_owned(),
            units::whole(intervals.len() as u64),
        ];
        row.extend(ends(THROUGHPUT.of, units::count));
        row.extend(ends(LATENCY.of, units::duration));
        let errors = intervals.iter().map(|interval| interval.errors).sum();
        let disturbed = intervals.iter().filter(|interval| interval.disturbed > 0);
        row.extend([errors, disturbed.count() as u64].map(units::whole));
        table.push(row);
    }
    table
}
