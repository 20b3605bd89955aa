//! What the defences of fleets did.

use crate::stats::{DefenceFigures, ScenarioSummary, StrategySummary};
use crate::table::{Cell, Column, Row, Table};
use crate::units;

pub(crate) const LEGEND: &str = "What defences did in the measured time of all trials. Extra load: retries \
     and hedges (second tries beside the first) per request. Won: hedges that answered first. Over budget: those that \
     their budget did not allow. Timeouts: tries that took longer than they may. \
     Ejections: of workers that failed. Rescued: connections that an ill worker had not taken in and that others got.";

static COLUMNS: [Column; 10] = [
    Column::words("strategy"),
    Column::number("requests").gives_way(2),
    Column::number("extra load"),
    Column::number("retries").gives_way(1),
    Column::number("hedges").gives_way(1),
    Column::number("won").gives_way(3),
    Column::number("over budget").gives_way(3),
    Column::number("timeouts"),
    Column::number("ejections"),
    Column::number("rescued"),
];

/// Returns a row per strategy with defences; `None` if there is none.
pub(crate) fn table(summary: &ScenarioSummary) -> Option<Table> {
    let strategies = summary.strategies.iter();
    let rows = strategies.filter_map(|strategy| Some(row(strategy, strategy.defences?)));
    let rows: Vec<Row> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        title: "What defences did".to_owned(),
        columns: COLUMNS.to_vec(),
        rows,
    })
}

fn row(strategy: &StrategySummary, figures: DefenceFigures) -> Row {
    let count = |count: u64| Cell::number(Some(count as f64), |_| units::whole(count));
    let DefenceFigures { sums, extra_load } = figures;
    Row {
        series: Some(strategy.style.into()),
        cells: vec![
            Cell::text(strategy.marked()),
            count(sums.requests),
            Cell::number(extra_load, units::percent),
            count(sums.retries),
            count(sums.hedges),
            count(sums.hedges_won),
            count(sums.over_budget),
            count(sums.try_timeouts),
            count(sums.ejections),
            count(sums.rescued),
        ],
        ..Row::default()
    }
}
