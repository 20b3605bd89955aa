//! CPU time per request, of workers and dispatcher, in user code and in the kernel.

use super::info::{ChartInfo, Draw, Drawing, Drawn};
use super::svg::{Axis, Canvas, HPos, Plane, StrategyRows, TextRole, area, bar, middle};
use crate::stats::{CpuModes, Figures, ScenarioSummary};
use crate::table::{Table, or_absent};
use crate::units;

/// Room for the figures next to the bars, in pixels.
const FIGURE: f64 = 110.0;

/// Parts of the CPU time, from the left, each with the opacity of its piece of a bar.
const PIECES: [(&str, f64); 4] = [
    ("workers, user", 0.95),
    ("workers, kernel", 0.65),
    ("dispatcher, user", 0.38),
    ("dispatcher, kernel", 0.2),
];

/// The piece that is drawn if only the total of some processes is known, and its name.
const WHOLE: [(usize, &str); 2] = [(0, "workers"), (2, "dispatcher")];

/// Means over blocks, microseconds per request.
struct Cost {
    workers: f64,
    dispatcher: Option<f64>,
    /// Name, microseconds and opacity of each piece of the bar.
    pieces: Vec<(&'static str, f64, f64)>,
}

impl Cost {
    fn of(figures: &Figures) -> Cost {
        let workers = figures.workers_cpu_us_per_request.map_or(0.0, |s| s.mean);
        let dispatcher = figures.dispatcher_cpu_us_per_request.map(|s| s.mean);
        let totals = [
            (Some(workers), figures.workers_cpu_modes_us_per_request),
            (dispatcher, figures.dispatcher_cpu_modes_us_per_request),
        ];
        let known = WHOLE.into_iter().zip(totals);
        let pieces = known.filter_map(|(whole, (us, modes))| Some(divided(whole, us?, modes)));
        Cost {
            workers,
            dispatcher,
            pieces: pieces.flatten().collect(),
        }
    }

    fn total(&self) -> f64 {
        self.workers + self.dispatcher.unwrap_or(0.0)
    }

    fn piece(&self, name: &str) -> Option<f64> {
        let mut pieces = self.pieces.iter();
        Some(pieces.find(|piece| piece.0 == name)?.1)
    }
}

/// Returns the pieces of the CPU time of some processes, or the whole if its parts are not known.
fn divided(
    (first, name): (usize, &'static str),
    us: f64,
    modes: Option<CpuModes>,
) -> Vec<(&'static str, f64, f64)> {
    let piece = |index: usize, us: f64| (PIECES[index].0, us, PIECES[index].1);
    match modes {
        Some(CpuModes { user, system }) => vec![piece(first, user), piece(first + 1, system)],
        None => vec![(name, us, PIECES[first].1)],
    }
}

pub(super) static CPU: ChartInfo = ChartInfo {
    name: "cpu",
    title: "CPU time per request",
    caption: "CPU time of the servers divided by the requests answered, means over the blocks. The \
              dispatcher's part is the cost of choosing; the kernel's part is accepting, receiving, \
              sending and waking. Shorter is cheaper.",
    set_by: None,
    draw: Draw::Scenario(draw),
};

fn draw(summary: &ScenarioSummary) -> Drawn {
    let rows = StrategyRows::of(summary, |_, f| f.workers_cpu_us_per_request.is_some());
    Ok((!rows.all.is_empty()).then(|| Drawing {
        svg: bars(summary, &rows),
        table: table(&rows),
    }))
}

fn bars(summary: &ScenarioSummary, rows: &StrategyRows) -> String {
    let canvas = rows.canvas(
        summary,
        CPU.title,
        "Bar chart: CPU time per request of each strategy",
        "next to the bar: workers + dispatcher",
    );
    let costs: Vec<Cost> = rows.all.iter().map(|(_, f)| Cost::of(f)).collect();
    canvas.shades(&legend(&costs));
    let longest = costs.iter().map(Cost::total).fold(0.0, f64::max);
    let x = Axis::from_zero(longest, units::tick).titled("CPU time per request, µs");
    let plane = rows.panel(&canvas, (0, 1), ("", x), FIGURE);
    for (row, cost) in costs.iter().enumerate() {
        draw_row(&canvas, &plane, rows, (row, cost));
    }
    canvas.finish()
}

/// Returns every piece that some bar has, the strongest first.
fn legend(costs: &[Cost]) -> Vec<(&'static str, f64)> {
    let pieces = costs.iter().flat_map(|cost| &cost.pieces);
    let mut legend: Vec<_> = pieces.map(|(name, _, opacity)| (*name, *opacity)).collect();
    legend.sort_by(|a, b| b.1.total_cmp(&a.1));
    legend.dedup();
    legend
}

fn draw_row(canvas: &Canvas, plane: &Plane, rows: &StrategyRows, (row, cost): (usize, &Cost)) {
    let strategy = rows.all[row].0;
    let (top, bottom) = bar(row);
    canvas.series(strategy.style, || {
        let mut left = 0.0;
        for (name, us, opacity) in &cost.pieces {
            let figure = units::count(*us);
            let tip = format!("{}: {name} {figure} µs per request", strategy.strategy);
            plane.rect(area(*opacity), (left, top), (left + us, bottom), &tip);
            left += us;
        }
    });
    let workers = units::count(cost.workers);
    let label = match cost.dispatcher {
        Some(dispatcher) => format!("{workers} + {}", units::count(dispatcher)),
        None => workers,
    };
    canvas.label(strategy.style, || {
        let end = (cost.total(), middle(row));
        plane.text(TextRole::Plain, end, 8.0, HPos::Left, &label);
    });
}

fn table(rows: &StrategyRows) -> Table {
    let mut table = Table::with_head([
        "strategy",
        "workers, user µs",
        "workers, kernel µs",
        "workers, µs",
        "dispatcher, user µs",
        "dispatcher, kernel µs",
        "dispatcher, µs",
        "total, µs",
    ]);
    let say = |us: Option<f64>| or_absent(us, units::count);
    for (strategy, figures) in &rows.all {
        let cost = Cost::of(figures);
        let [a, b, c, d] = PIECES.map(|(name, _)| say(cost.piece(name)));
        let [workers, dispatcher] = [Some(cost.workers), cost.dispatcher].map(say);
        let total = say(Some(cost.total()));
        table.push([
            strategy.strategy,
            &a,
            &b,
            &workers,
            &c,
            &d,
            &dispatcher,
            &total,
        ]);
    }
    table
}
