//! Measured waits compared with queueing theory.

use crate::record::{Expected, Theory};
use crate::stats::{ScenarioSummary, WaitComparison, WaitFigure, compare_waits};
use crate::table::{ABSENT, Cell, Column, Row, Table, Tone};
use crate::units;

pub(crate) const TITLE: &str = "The testbed against theory";

/// How to read the tables, a paragraph each.
pub(crate) const LEGEND: [&str; 4] = [
    "A wait is the time from sending a request to its answer, less the time for which it occupied \
     its worker; means over blocks. The recursions have the same arrivals and work.",
    "As served: every request at the worker that served it; what a wait has beyond that, the \
     testbed itself has added. Common queue: first come, first served by all workers; no balancer \
     that does not know the work beats it. Random split: blind choice, with what chance may make \
     of it (three standard deviations).",
    "Formula: M/M/1 or M/M/k for an endless stream, with what chance may make of a study as long as \
     this one (three standard deviations).",
    "Of theory: measured over the theory that a strategy should equal. A strategy that splits at \
     random is compared with the split that its own draws made, and these draws with chance. For the \
     others: where they are on the way from the random split to the common queue.",
];

const COLUMNS: [Column; 8] = [
    Column::words("strategy"),
    Column::words("wait"),
    Column::number("measured"),
    Column::number("as served").gives_way(2),
    Column::number("common queue").gives_way(1),
    Column::number("random split").gives_way(1),
    Column::number("formula").gives_way(3),
    Column::words("of theory"),
];

/// Returns two rows per strategy; `None` if waits are not known.
pub(crate) fn table(summary: &ScenarioSummary) -> Option<Table> {
    let all = compare_waits(summary);
    let rows: Vec<Row> = all.iter().flat_map(rows).collect();
    (!rows.is_empty()).then(|| Table {
        title: summary.scenario.name.clone(),
        columns: COLUMNS.to_vec(),
        rows,
    })
}

fn rows(of_strategy: &WaitComparison) -> [Row; 2] {
    [("mean", &of_strategy.mean), ("p99", &of_strategy.p99)].map(|(name, figure)| Row {
        series: Some(of_strategy.strategy.style.into()),
        cells: vec![
            Cell::text(of_strategy.strategy.marked()),
            Cell::text(name),
            Cell::number(Some(figure.measured), units::duration),
            Cell::number(figure.as_served, units::duration),
            Cell::number(Some(figure.common_queue), units::duration),
            Cell::text(random_split(figure)),
            Cell::text(formula(figure)),
            match of_strategy.expected {
                Some(expected) => of_theory(figure, expected),
                None => Cell::text(on_the_way(figure)),
            },
        ],
        ..Row::default()
    })
}

fn random_split(figure: &WaitFigure) -> String {
    let us = units::duration(figure.random_split);
    match figure.chance {
        Some(chance) => format!("{us} ± {}", units::percent(chance / figure.random_split)),
        None => us,
    }
}

fn formula(figure: &WaitFigure) -> String {
    let Some(interval) = figure.formula else {
        return ABSENT.to_owned();
    };
    let held = if interval.holds(figure.measured) {
        "within"
    } else {
        "beyond"
    };
    let error = units::percent(interval.error / interval.value);
    format!("{} ± {error}, {held}", units::duration(interval.value))
}

fn of_theory(figure: &WaitFigure, expected: Expected) -> Cell {
    let tone = match figure.holds(expected) {
        true => Tone::Better,
        false => Tone::Worse,
    };
    Cell::text(ratio(figure, expected)).toned(tone)
}

fn ratio(figure: &WaitFigure, expected: Expected) -> String {
    let Some(ratio) = figure.ratio(expected.theory) else {
        return "theory has no wait".to_owned();
    };
    let of = match expected.theory {
        Theory::CommonQueue => format!("{ratio:.2} × common queue"),
        Theory::RandomSplit => {
            let any = figure.measured / figure.random_split;
            format!("{ratio:.2} × own split, {any:.2} × any")
        }
    };
    let percent = units::percent(expected.within);
    match (figure.holds(expected), figure.is_near(expected)) {
        (true, _) => format!("{of}, within {percent}"),
        (false, false) => format!("{of}, NOT within {percent}"),
        (false, true) => format!("{of}, NOT within chance"),
    }
}

fn on_the_way(figure: &WaitFigure) -> String {
    figure.way().map_or(ABSENT.to_owned(), |way| {
        format!("{:.0}% of the way to ideal", way * 100.0)
    })
}

/// How many figures lie within the bounds of theory; `None` if theory says nothing.
pub(crate) fn verdict(summaries: &[ScenarioSummary]) -> Option<String> {
    let held = summaries.iter().flat_map(|summary| {
        let all = compare_waits(summary).into_iter();
        let held = all.filter_map(|one| {
            let expected = one.expected?;
            Some([one.mean, one.p99].map(|figure| figure.holds(expected)))
        });
        held.flatten().collect::<Vec<_>>()
    });
    let held: Vec<bool> = held.collect();
    let count = held.iter().filter(|held| **held).count();
    (!held.is_empty()).then(|| {
        format!(
            "{count} of {} for which theory has a value lie within its bounds.",
            units::plural(held.len(), "figure")
        )
    })
}
