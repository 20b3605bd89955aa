//! What the faults of fleets did.

use super::changes::compared;
use crate::compare::{LossComparison, Verdict};
use crate::document::Note;
use crate::stats::{FaultFigures, ScenarioSummary, StrategySummary};
use crate::study::Study;
use crate::table::{Cell, Column, Mark, Row, Table};
use crate::units;

/// Microseconds in a second.
const US_PER_S: f64 = 1e6;

static COLUMNS: [Column; 11] = [
    Column::words("strategy"),
    Column::number("faults").gives_way(5),
    Column::number("success before").gives_way(4),
    Column::number("during"),
    Column::number("after").gives_way(3),
    Column::number("lost"),
    Column::number("late"),
    Column::number("longest wait").gives_way(1),
    Column::number("diverted after"),
    Column::number("recovered after").gives_way(2),
    Column::number("p99 of others"),
];

/// How to read the table.
const LEGEND: [&str; 2] = [
    "Success: share of requests that were answered, of those that were over before the faults, that were in \
     flight during one, and that were due after it. Lost and late, per fault: requests during a fault without a \
     whole answer, and requests that an ill worker answered later than any was answered before. Longest wait: of \
     these, until the answer came or the client gave up. Means over blocks.",
    "Diverted after: from the beginning of a fault to when the last request was due that was lost or late; a \
     strategy that never gets away from an ill worker has about the length of the fault. Recovered after: from \
     its end to when the last such request was due. p99 of others: of the answers of workers that were well, \
     during the fault over before.",
];

/// If a strategy is shown to lose more than another one.
const SHOWN: &str = "▼ shown to lose more than the strategy that loses least.";

/// Returns what the faults did; `None` if no trial of the scenario had one.
pub(crate) fn table(study: &Study, summary: &ScenarioSummary) -> Option<Table> {
    let compared = compared(study);
    let mark = |strategy: &str| {
        let mut here = of(&compared, summary);
        mark(here.find(|one| one.candidate == strategy)?)
    };
    let rows: Vec<Row> = ill(summary)
        .map(|(strategy, figures)| row(strategy, figures, mark(strategy.strategy)))
        .collect();
    (!rows.is_empty()).then(|| {
        let table = Table {
            title: "Faults".to_owned(),
            columns: COLUMNS.to_vec(),
            rows,
        };
        table.without_absent_columns()
    })
}

/// How to read the table; `None` if there is none.
pub(crate) fn legend(study: &Study, summary: &ScenarioSummary) -> Option<Vec<Note>> {
    ill(summary).next()?;
    let compared = compared(study);
    let is_shown = of(&compared, summary).any(|one| one.verdict == Verdict::Worse);
    let legend = LEGEND.into_iter().chain(is_shown.then_some(SHOWN));
    Some(legend.map(Note::plain).collect())
}

/// Those of a scenario.
fn of<'c>(
    compared: &'c [LossComparison<'c>],
    summary: &'c ScenarioSummary,
) -> impl Iterator<Item = &'c LossComparison<'c>> {
    let name = &summary.scenario.name;
    compared.iter().filter(move |one| one.scenario == name)
}

fn mark(compared: &LossComparison) -> Option<Mark> {
    Mark::of(compared.verdict, |_| {
        let more = units::count(compared.more_per_change);
        format!(
            "loses {more} requests per fault more than {}",
            compared.baseline
        )
    })
}

/// The strategies whose trials had faults.
fn ill<'s>(
    summary: &'s ScenarioSummary,
) -> impl Iterator<Item = (&'s StrategySummary<'s>, &'s FaultFigures)> {
    let strategies = summary.strategies.iter();
    strategies.filter_map(|one| Some((one, one.faults.as_ref()?)))
}

fn row(strategy: &StrategySummary, figures: &FaultFigures, mark: Option<Mark>) -> Row {
    let seconds = |seconds: f64| units::duration(seconds * US_PER_S);
    let failed = match figures.failed {
        0 => String::new(),
        failed => format!(" ({failed} failed)"),
    };
    Row {
        series: Some(strategy.style.into()),
        cells: vec![
            Cell::text(strategy.strategy),
            Cell {
                value: Some(figures.faults as f64),
                ..Cell::text(units::whole(figures.faults as u64) + &failed)
            },
            Cell::spread(figures.success_before, units::percent),
            Cell::spread(figures.success_during, units::percent),
            Cell::spread(figures.success_after, units::percent),
            Cell {
                mark,
                ..Cell::spread(figures.lost, units::count)
            },
            Cell::spread(figures.late, units::count),
            Cell::number(figures.longest_s, seconds),
            Cell::spread(figures.diverted_after_s, seconds),
            Cell::spread(figures.recovered_after_s, seconds),
            Cell::spread(figures.p99_rise_of_others, |rise| {
                format!("{}×", units::count(rise))
            }),
        ],
        ..Row::default()
    }
}
