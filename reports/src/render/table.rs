//! The table of a scenario, before it is laid out as text, Markdown or HTML.

use super::contest::contests;
use crate::palette::Look;
use crate::stats::{Figures, ScenarioSummary, Spread, StrategySummary};
use crate::units;

/// A column: its heading and that of the group of columns that it stands in.
pub(super) struct Column {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    /// Where not all columns have room, the one with the highest number goes first; 0 stays.
    pub(super) gives_way: u8,
}

const fn column(group: &'static str, name: &'static str, gives_way: u8) -> Column {
    Column {
        group,
        name,
        gives_way,
    }
}

/// The columns; neighbours of the same group share its heading.
pub(super) const COLUMNS: [Column; 12] = [
    column("", "strategy", 0),
    column("throughput", "req/s", 0),
    column("throughput", "±", 1),
    column("latency", "p50", 5),
    column("latency", "p99", 0),
    column("latency", "p99.9", 2),
    column("fairness", "requests", 6),
    column("fairness", "conns", 7),
    column("CPU µs/request", "workers", 3),
    column("CPU µs/request", "dispatcher", 4),
    column("CPU µs/request", "kernel", 8),
    column("", "errors", 0),
];

/// The headings of groups with the number of columns that each spans, of some columns by their
/// numbers; a column outside of any group stands alone.
pub(super) fn groups(columns: &[usize]) -> impl Iterator<Item = (&'static str, usize)> {
    let group = |column: &usize| COLUMNS[*column].group;
    columns
        .chunk_by(move |a, b| group(a) == group(b) && !group(a).is_empty())
        .map(move |columns| (group(&columns[0]), columns.len()))
}

/// The numbers of all columns.
pub(super) fn all() -> Vec<usize> {
    (0..COLUMNS.len()).collect()
}

/// What a cell holds where a figure was not measured.
const ABSENT: &str = "–";

/// A cell as it is read.
#[derive(Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Better than every other strategy in every block.
    pub(super) best: bool,
    /// The figure itself, for tables that sort.
    pub(super) value: Option<f64>,
    /// The 95% interval of the figure.
    pub(super) interval: Option<String>,
    /// The range over blocks.
    pub(super) range: Option<String>,
}

/// A row: a strategy and its cells, one per column.
pub(super) struct Row {
    pub(super) look: Look,
    pub(super) cells: Vec<Cell>,
}

/// The rows of a scenario.
pub(super) fn rows(summary: &ScenarioSummary) -> Vec<Row> {
    let strategies = summary.strategies.iter();
    let mut rows: Vec<Row> = strategies
        .map(|strategy| Row {
            look: strategy.look,
            cells: match &strategy.figures {
                Some(figures) => measured_cells(strategy, figures),
                None => empty_cells(strategy),
            },
        })
        .collect();
    for contest in contests(summary.scenario.loop_kind) {
        if let Some(row) = contest.winner(summary) {
            rows[row].cells[contest.column].best = true;
        }
    }
    rows
}

fn empty_cells(strategy: &StrategySummary) -> Vec<Cell> {
    let word = match strategy {
        _ if strategy.failed > 0 => "failed",
        _ if strategy.skipped > 0 => "skipped",
        _ => "not run",
    };
    let mut cells = vec![plain(strategy.strategy), plain(word)];
    cells.resize(COLUMNS.len(), Cell::default());
    cells
}

fn measured_cells(strategy: &StrategySummary, figures: &Figures) -> Vec<Cell> {
    let half_width = figures.throughput_rps.and_then(|s| s.relative_half_width());
    let latency = |quantile, spread| {
        let doubt = if figures.supports(quantile) { "" } else { "~" };
        cell(spread, |us| format!("{doubt}{}", units::duration(us)))
    };
    // The t interval does not know that no index is above 1.
    let index = |spread| cell(spread, |index| format!("{:.3}", index.min(1.0)));
    vec![
        plain(&strategy.marked()),
        cell(figures.throughput_rps, units::count),
        Cell {
            value: half_width,
            ..plain(&half_width.map_or(ABSENT.into(), units::percent))
        },
        latency(0.5, figures.latency_p50_us),
        latency(0.99, figures.latency_p99_us),
        latency(0.999, figures.latency_p999_us),
        index(figures.fairness_requests),
        index(figures.fairness_connections),
        cell(figures.workers_cpu_us_per_request, units::count),
        cell(figures.dispatcher_cpu_us_per_request, units::count),
        in_kernel(figures),
        Cell {
            value: Some(figures.error_count() as f64),
            ..plain(&units::whole(figures.error_count()))
        },
    ]
}

/// Of all blocks together, so it has no range.
fn in_kernel(figures: &Figures) -> Cell {
    let us = figures.system_cpu_us_per_request();
    Cell {
        value: us,
        ..plain(&us.map_or(ABSENT.into(), units::count))
    }
}

fn plain(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        ..Cell::default()
    }
}

fn cell(spread: Option<Spread>, show: impl Fn(f64) -> String) -> Cell {
    let Some(spread) = spread else {
        return plain(ABSENT);
    };
    let ends = |low, high| format!("{} to {}", show(low), show(high));
    let range = || {
        let ends = ends(spread.min, spread.max);
        format!("{ends} over {} blocks", spread.blocks)
    };
    Cell {
        text: show(spread.median),
        best: false,
        value: Some(spread.median),
        interval: spread.interval.map(|i| ends(i.low, i.high)),
        range: (spread.blocks > 1).then(range),
    }
}
