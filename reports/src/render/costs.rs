//! What each strategy costs: the table of a scenario, before it is laid out.

use crate::palette::Look;
use crate::stats::{CostFigures, Figures, ScenarioSummary, Side, Spread, StrategySummary};
use crate::study::Study;
use crate::units;

/// What stands above the tables.
pub(super) const TITLE: &str = "What each costs";

/// How to read the tables.
pub(super) const LEGEND: &str = "CPU time, context switches (voluntary: to wait; involuntary: the \
     kernel let another thread run) and system calls are per answered request; descriptors and \
     resident memory are those of all processes of a kind together, in the middle of the measured \
     time.";

/// The columns; where not all have room, the one with the highest number goes first, 0 stays.
pub(super) const COLUMNS: [(&str, u8); 8] = [
    ("strategy", 0),
    ("process", 0),
    ("CPU µs", 0),
    ("vol. switches", 2),
    ("invol. switches", 4),
    ("system calls", 0),
    ("descriptors", 3),
    ("memory", 1),
];

/// A cell as it is read, and the figure itself, for tables that sort.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) value: Option<f64>,
}

/// A row: a strategy and its dispatchers or its workers.
pub(super) struct Row {
    /// How the strategy is drawn.
    pub(super) look: Look,
    /// One for each column.
    pub(super) cells: [Cell; COLUMNS.len()],
}

/// The rows of a scenario; none where the record has nothing but CPU times.
pub(super) fn rows(summary: &ScenarioSummary) -> Vec<Row> {
    let strategies = summary.strategies.iter();
    let rows = strategies.flat_map(|strategy| Side::ALL.map(|side| row(strategy, side)));
    rows.flatten().collect()
}

fn row(strategy: &StrategySummary, side: Side) -> Option<Row> {
    let figures = strategy.figures.as_ref()?;
    let costs = figures.costs(side)?;
    Some(Row {
        look: strategy.look,
        cells: cells(strategy.marked(), side, figures, costs),
    })
}

fn cells(name: String, side: Side, figures: &Figures, costs: CostFigures) -> [Cell; COLUMNS.len()] {
    let cpu = match side {
        Side::Dispatcher => figures.dispatcher_cpu_us_per_request,
        Side::Workers => figures.workers_cpu_us_per_request,
    };
    let number = |spread| cell(spread, few);
    [
        Cell {
            text: name,
            value: None,
        },
        Cell {
            text: side.name().to_owned(),
            value: Some(f64::from(side as u8)),
        },
        number(cpu),
        number(costs.voluntary_switches_per_request),
        number(costs.involuntary_switches_per_request),
        number(costs.system_calls_per_request),
        cell(
            costs.descriptors,
            |count| units::whole(count.round() as u64),
        ),
        cell(costs.resident_bytes, units::bytes),
    ]
}

/// What a cell holds where a figure was not measured.
const ABSENT: &str = "–";

fn cell(spread: Option<Spread>, show: impl Fn(f64) -> String) -> Cell {
    let value = spread.map(|spread| spread.median);
    Cell {
        text: value.map_or(ABSENT.to_owned(), show),
        value,
    }
}

/// The smallest number that two decimals show.
const SMALLEST: f64 = 0.005;

/// A number that may be far below one, and is not nothing then.
fn few(value: f64) -> String {
    match value > 0.0 && value < SMALLEST {
        true => "<0.01".to_owned(),
        false => units::count(value),
    }
}

/// Why a column is empty in the whole study, if it is for want of rights or of the kernel.
pub(super) fn uncounted(study: &Study) -> Option<String> {
    let reason = study.header.host.system_calls_uncounted.as_ref()?;
    Some(format!("system calls were not counted: {reason}"))
}
