//! What happened while fleets changed: throughput, latency and workers over time, with the changes marked.

use super::highlight::{Highlight, pale_first};
use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::over_time::{self, Line, Scale, TimePoint, time_axis};
use super::svg::{Axis, Canvas, FAINT, Frame, PLANE_TOP, Plane, THIN, room_for};
use super::time_series::{MeanInterval, mean_intervals};
use crate::palette::SeriesStyle;
use crate::stats::{ScenarioSummary, StrategySummary, Workers, WorkersAt};
use crate::table::Table;
use crate::units;

/// Height of a plane, and from the lower end of one to the upper of the next, in pixels.
const HEIGHT: f64 = 110.0;
const GAP: f64 = 62.0;

/// Least end of an axis of workers, so that its ticks are whole numbers.
const FEWEST: usize = 4;

/// Number of planes.
const PLANES: f64 = 4.0;

pub(super) static TIMELINE: ChartInfo = ChartInfo {
    name: "timeline",
    title: "While the fleet changes",
    caption: "Answers per second and 99th percentile of each interval, mean of the blocks; below, how many \
              workers could be chosen, and how many were starting or draining, in the first block of each \
              strategy. A vertical line is where a change of any strategy began in that block, or a fault began or \
              was over.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

/// A strategy with its intervals over all blocks, and its workers, changes and faults in the first one.
struct Series<'s> {
    strategy: &'s StrategySummary<'s>,
    style: SeriesStyle,
    intervals: Vec<MeanInterval>,
    workers: Vec<WorkersAt>,
    changes: usize,
    faults: usize,
    /// When changes began, and faults began and were over.
    marks: Vec<f64>,
}

fn draw(summary: &ScenarioSummary) -> Drawn {
    let highlight = Highlight::of(summary);
    let strategies = summary.strategies.iter();
    let all = strategies.filter_map(|strategy| series(strategy, &highlight));
    let all: Vec<Series> = all.collect();
    Ok((!all.is_empty()).then(|| Drawing {
        svg: drawn(summary, &all),
        table: table(&all),
    }))
}

/// `None` if no trial of the strategy has a change or a fault, and intervals.
fn series<'s>(strategy: &'s StrategySummary<'s>, highlight: &Highlight) -> Option<Series<'s>> {
    let mut trials = strategy.trials.iter();
    let first = trials.find(|trial| !trial.changes.is_empty() || !trial.faults.is_empty())?;
    let changes = first.changes.iter().map(|change| change.began_s);
    let faults = first.faults.iter();
    let faults = faults.flat_map(|fault| [Some(fault.began_s), fault.ended_s]);
    let intervals = mean_intervals(&strategy.used);
    (!intervals.is_empty()).then(|| Series {
        strategy,
        style: highlight.style(strategy),
        intervals,
        workers: from_the_beginning(Workers::over(&first.timeline)),
        changes: first.changes.len(),
        faults: first.faults.len(),
        marks: changes.chain(faults.flatten()).collect(),
    })
}

/// Leaves out what was before the measured time, except for the state in which it began.
fn from_the_beginning(mut over: Vec<WorkersAt>) -> Vec<WorkersAt> {
    let first = over.iter().rposition(|at| at.at_s <= 0.0);
    over.split_off(first.unwrap_or(0))
}

fn drawn(summary: &ScenarioSummary, all: &[Series]) -> String {
    let room = room_for(all.iter().map(|one| (one.style, one.strategy.strategy)));
    let key = "means of the blocks · workers of the first block · vertical: a change or a fault";
    let what = "Line charts: throughput, latency and workers of each strategy over time";
    let height = PLANE_TOP + PLANES * (HEIGHT + GAP);
    let canvas = Canvas::of_scenario(summary, TIMELINE.title, what, key, height);
    canvas.pale_count(all.iter().map(|one| one.style));
    let ends = all.iter().filter_map(|one| one.intervals.last());
    let end_s = ends.map(MeanInterval::end_s).fold(0.0, f64::max);
    let mut frame = Frame::wide(PLANE_TOP, HEIGHT, room);
    let next = |frame: Frame| Frame::wide(frame.bottom + GAP, HEIGHT, room);
    let throughput = lines(all, |interval| Some(interval.rps));
    over_time::draw(
        &canvas,
        frame,
        "answers per second",
        &throughput,
        (Scale::Count, end_s),
    );
    marks(&canvas, frame, all, end_s);
    frame = next(frame);
    let latency = lines(all, |interval| interval.p99_us);
    let title = "99th percentile of latency";
    over_time::draw(&canvas, frame, title, &latency, (Scale::Latency, end_s));
    marks(&canvas, frame, all, end_s);
    for counted in [CHOSEN, STARTING_OR_DRAINING] {
        frame = next(frame);
        workers(&canvas, frame, &counted, all, end_s);
        marks(&canvas, frame, all, end_s);
    }
    canvas.finish()
}

/// Workers that are counted in a plane.
struct Counted {
    title: &'static str,
    of: fn(&Workers) -> usize,
}

const CHOSEN: Counted = Counted {
    title: "workers that can be chosen",
    of: |workers| workers.serving,
};

const STARTING_OR_DRAINING: Counted = Counted {
    title: "workers that start or drain",
    of: |workers| workers.starting + workers.draining,
};

fn lines(all: &[Series], of: fn(&MeanInterval) -> Option<f64>) -> Vec<Line> {
    let line = |one: &Series| {
        let points = one.intervals.iter().filter_map(|interval| {
            Some(TimePoint {
                at_s: interval.at_s + interval.duration_s / 2.0,
                value: of(interval)?,
            })
        });
        Line {
            label: one.strategy.strategy.to_owned(),
            style: one.style,
            points: points.collect(),
        }
    };
    all.iter().map(line).collect()
}

/// Draws a number of workers over time as steps.
fn workers(canvas: &Canvas, frame: Frame, counted: &Counted, all: &[Series], end_s: f64) {
    let states = all.iter().flat_map(|one| &one.workers);
    let most = states.map(|at| (counted.of)(&at.workers));
    let most = most.fold(FEWEST, usize::max);
    let y = Axis::from_zero(most as f64, units::tick).titled(counted.title);
    let plane = Plane::new(canvas, frame, time_axis(end_s), y);
    for one in pale_first(all, |one| one.style) {
        let points = steps(&one.workers, counted, end_s);
        canvas.series(one.style, || match one.style.pale {
            true => plane.pale(points, one.style, one.strategy.strategy),
            false => plane.curve(THIN, points, one.style.dash),
        });
    }
}

/// Returns the corners of the steps in the measured time.
fn steps(all: &[WorkersAt], counted: &Counted, end_s: f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for at in all.iter().filter(|at| at.at_s <= end_s) {
        let (at_s, count) = (at.at_s.max(0.0), (counted.of)(&at.workers) as f64);
        let before = corners.last().map(|(_, before)| (at_s, *before));
        corners.extend(before.into_iter().chain([(at_s, count)]));
    }
    let last = corners.last().map(|(_, count)| (end_s, *count));
    corners.into_iter().chain(last).collect()
}

/// Marks where changes began, and where faults began and were over.
fn marks(canvas: &Canvas, frame: Frame, all: &[Series], end_s: f64) {
    let plane = Plane::bare(canvas, frame, time_axis(end_s), Axis::linear(0.0..1.0));
    for one in all.iter().filter(|one| !one.style.pale) {
        canvas.series(one.style, || {
            let within = one.marks.iter().filter(|at_s| **at_s <= end_s);
            within.for_each(|at_s| plane.line(FAINT, (*at_s, 0.0), (*at_s, 1.0)));
        });
    }
}

/// Returns the extremes of each strategy; all events are in the record.
fn table(all: &[Series]) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "changes, first block",
        "faults, first block",
        "fewest that could be chosen",
        "most that started or drained",
    ]);
    for one in all {
        let within = || one.workers.iter();
        let fewest = within().map(|at| (CHOSEN.of)(&at.workers)).min();
        let most = within()
            .map(|at| (STARTING_OR_DRAINING.of)(&at.workers))
            .max();
        let count =
            |count: Option<usize>| crate::table::or_absent(count, |n| units::whole(n as u64));
        table.push([
            one.strategy.strategy.to_owned(),
            units::whole(one.changes as u64),
            units::whole(one.faults as u64),
            count(fewest),
            count(most),
        ]);
    }
    table
}
