//! What each strategy costs: CPU time, context switches, system calls, descriptors and memory.

use crate::stats::{CostFigures, Figures, ScenarioSummary, Side, Spread, StrategySummary};
use crate::study::Study;
use crate::table::{Cell, Column, Row, Table};
use crate::units;

pub(crate) const LEGEND: &str = "CPU time, context switches (voluntary: to wait; involuntary: the \
     kernel let another thread run) and system calls are per answered request; descriptors and \
     resident memory are those of all processes of a kind together, in the middle of the measured \
     time.";

static COLUMNS: [Column; 8] = [
    Column::words("strategy"),
    Column::words("process"),
    Column::number("CPU µs"),
    Column::number("vol. switches").gives_way(2),
    Column::number("invol. switches").gives_way(4),
    Column::number("system calls"),
    Column::number("descriptors").gives_way(3),
    Column::number("memory").gives_way(1),
];

/// Returns a row per strategy and kind of process; `None` if the record has only CPU times.
pub(crate) fn table(summary: &ScenarioSummary) -> Option<Table> {
    let strategies = summary.strategies.iter();
    let rows = strategies.flat_map(|strategy| Side::ALL.map(|side| row(strategy, side)));
    let rows: Vec<Row> = rows.flatten().collect();
    (!rows.is_empty()).then(|| Table {
        title: "What each costs".to_owned(),
        columns: COLUMNS.to_vec(),
        rows,
    })
}

fn row(strategy: &StrategySummary, side: Side) -> Option<Row> {
    let figures = strategy.figures.as_ref()?;
    let costs = figures.costs(side)?;
    Some(Row {
        series: Some(strategy.style.into()),
        cells: cells(strategy.marked(), side, figures, costs).to_vec(),
        ..Row::default()
    })
}

fn cells(name: String, side: Side, figures: &Figures, costs: CostFigures) -> [Cell; COLUMNS.len()] {
    let cpu = match side {
        Side::Dispatcher => figures.dispatcher_cpu_us_per_request,
        Side::Workers => figures.workers_cpu_us_per_request,
    };
    let mean = |spread: Option<Spread>| spread.map(|spread| spread.mean);
    let number = |spread| Cell::number(mean(spread), few);
    [
        Cell::text(name),
        Cell::text(side.name()),
        number(cpu),
        number(costs.voluntary_switches_per_request),
        number(costs.involuntary_switches_per_request),
        number(costs.system_calls_per_request),
        Cell::number(mean(costs.descriptors), |count| {
            units::whole(count.round() as u64)
        }),
        Cell::number(mean(costs.resident_bytes), units::bytes),
    ]
}

/// The smallest number that two decimals show.
const SMALLEST: f64 = 0.005;

/// A number that may be far below one without being zero.
fn few(value: f64) -> String {
    match value > 0.0 && value < SMALLEST {
        true => "<0.01".to_owned(),
        false => units::count(value),
    }
}

/// Why a column is empty in the whole study, if rights or the kernel do not allow to count.
pub(crate) fn uncounted(study: &Study) -> Option<String> {
    let reason = study.header.host.system_calls_uncounted.as_ref()?;
    Some(format!("system calls were not counted: {reason}"))
}
