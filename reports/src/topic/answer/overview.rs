//! Many scenarios, a row each: which strategy leads, how many are tied with it, and which one is last.

use super::space;
use crate::answer::{Answer, Place, ScenarioAnswer, short};
use crate::compare::Metric;
use crate::format::measures::shown;
use crate::stats::{ScenarioSummary, Spread};
use crate::table::{Cell, Column, Row, Table, Tone};

const COLUMNS: [Column; 6] = [
    Column::words("scenario"),
    Column::words("metric").gives_way(2),
    Column::words("best"),
    Column::number("figure"),
    Column::number("tied").gives_way(1),
    Column::words("worst"),
];

pub(super) fn table(answer: &Answer, summaries: &[ScenarioSummary]) -> Table {
    let scenarios = answer.scenarios.iter().zip(summaries).enumerate();
    let rows = scenarios.map(|(at, (here, summary))| space::of_scenario(at, row(here, summary)));
    Table {
        title: String::new(),
        columns: COLUMNS.to_vec(),
        rows: rows.collect(),
    }
}

fn row(here: &ScenarioAnswer, summary: &ScenarioSummary) -> Row {
    let figure = here.leader().zip(here.metric);
    let figure = figure.and_then(|(leader, metric)| figure_of(summary, leader, metric));
    let tied = here.places().filter(|place| place.is_among_the_best());
    let tied = tied.count().saturating_sub(1) as f64;
    let worst = here
        .places()
        .last()
        .filter(|place| !place.is_among_the_best());
    let cells = [
        Cell::text(here.scenario),
        here.metric
            .map_or_else(Cell::absent, |it| Cell::text(it.name())),
        here.leader()
            .map_or_else(Cell::absent, |leader| Cell::text(leader).toned(Tone::Best)),
        figure.map_or_else(Cell::absent, Cell::text),
        Cell::number(here.metric.map(|_| tied), |tied| tied.to_string()),
        worst.map_or_else(Cell::absent, behind),
    ];
    Row {
        cells: cells.to_vec(),
        ..Row::default()
    }
}

/// `proxy:round-robin 3.5×`
fn behind(place: &Place) -> Cell {
    let by = place.behind.as_ref().map_or(String::new(), short);
    Cell::text(format!("{} {by}", place.strategy))
}

fn figure_of(summary: &ScenarioSummary, strategy: &str, metric: Metric) -> Option<String> {
    let found = summary
        .strategies
        .iter()
        .find(|one| one.strategy == strategy)?;
    let figures = found.used.iter().filter_map(|trial| metric.of(trial));
    Some(shown(metric, Spread::of(figures, metric.scale())?.mean))
}
