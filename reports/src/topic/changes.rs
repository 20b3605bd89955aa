//! What the changes of fleets lost, and how long they took.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::answer::one_in;
use crate::compare::{Criteria, LossComparison, Verdict, losses};
use crate::document::Note;
use crate::stats::{ChangeFigures, ScenarioSummary, StrategySummary};
use crate::study::Study;
use crate::table::{Cell, Column, Mark, Row, Table};
use crate::units;

/// Microseconds in a second.
const US_PER_S: f64 = 1e6;

/// Columns before those of the classes.
static LOST: [Column; 7] = [
    Column::words("strategy"),
    Column::number("changes"),
    Column::number("with a loss").gives_way(2),
    Column::number("lost"),
    Column::number("per change"),
    Column::number("at most").gives_way(1),
    Column::number("sent again").gives_way(3),
];

static TOOK: [Column; 13] = [
    Column::words("strategy"),
    Column::number("took"),
    Column::number("new worker after"),
    Column::number("first answer").gives_way(1),
    Column::number("from ready").gives_way(6),
    Column::number("drained in").gives_way(1),
    Column::number("dip").gives_way(2),
    Column::number("for").gives_way(4),
    Column::number("p99 rise").gives_way(3),
    Column::number("moved").gives_way(5),
    Column::number("even after").gives_way(6),
    Column::number("stayed uneven").gives_way(7),
    Column::number("new workers' share").gives_way(8),
];

/// How to read the tables.
const LEGEND: [&str; 4] = [
    "Lost: requests without a whole answer, by what the client saw, in all measured trials. With a loss: changes \
     after which a request was lost, before the next began. At most: how many changes may lose a request although none did (95%, rule of three). Sent again: requests whose kept connection ended without a byte of an answer; a client that does not repeat loses them.",
    "Took: a change from its beginning to its end; a new worker from its start until it can be chosen. First \
     answer: of a new worker, from the beginning of the change; from ready: from when that worker could serve. A \
     worker that goes from its last new connection to its end. Means over blocks.",
    "Dip: by how much the worst interval of a change had fewer answers than usual, and for how long there were \
     fewer than in any interval without a change; p99 rise: the worst p99 of a change over the usual one; moved: kept connections that were opened again, per change.",
    "Even after: from the beginning of a change until each worker answers at least half of a fair share and at most \
     one and a half, up to the next change. Stayed uneven: changes after which they do not. New workers' share: what workers that came with a change answer in the end, of a fair share.",
];

const SHOWN: &str = "▼ shown to lose more than the strategy that loses least.";

/// Returns what was lost and how long changes took; empty if no trial of the scenario had a change.
pub(crate) fn tables(study: &Study, summary: &ScenarioSummary) -> Vec<Table> {
    let changed = changed(summary);
    let compared = compared(study);
    match changed.is_empty() {
        true => Vec::new(),
        false => vec![
            lost(&changed, &compared, &summary.scenario.name),
            took(&changed),
        ]
        .into_iter()
        .chain(had(&changed))
        .collect(),
    }
}

/// How to read the tables of a scenario; `None` if it has none.
pub(crate) fn legend(study: &Study, summary: &ScenarioSummary) -> Option<Vec<Note>> {
    if changed(summary).is_empty() {
        return None;
    }
    let compared = compared(study);
    let mut here = compared
        .iter()
        .filter(|one| one.scenario == summary.scenario.name);
    let is_shown = here.any(|one| one.verdict == Verdict::Worse);
    let legend = LEGEND.into_iter().chain(is_shown.then_some(SHOWN));
    Some(legend.map(Note::plain).collect())
}

pub(crate) fn compared(study: &Study) -> Vec<LossComparison<'_>> {
    losses(study, &Criteria::of(&study.header.plan))
}

/// The strategies whose trials had changes.
type Changed<'s> = Vec<(&'s StrategySummary<'s>, &'s ChangeFigures)>;

fn changed<'s>(summary: &'s ScenarioSummary) -> Changed<'s> {
    let strategies = summary.strategies.iter();
    strategies
        .filter_map(|one| Some((one, one.changes.as_ref()?)))
        .collect()
}

/// A row per strategy with a column per class that occurred.
fn lost(changed: &Changed, compared: &[LossComparison], scenario: &str) -> Table {
    let classes = changed.iter().flat_map(|(_, figures)| figures.lost.keys());
    let classes: BTreeSet<&String> = classes.collect();
    let of_class = |class: &&String| Column {
        name: Cow::Owned((*class).clone()),
        ..Column::number("").gives_way(2)
    };
    let rows = changed.iter().map(|(strategy, figures)| {
        let mark = compared
            .iter()
            .find(|one| one.scenario == scenario && one.candidate == strategy.strategy);
        let of_classes = classes.iter().map(|class| {
            let count = figures.lost.get(*class).copied().unwrap_or(0);
            count_cell(count)
        });
        Row {
            series: Some(strategy.style.into()),
            cells: lost_cells(strategy, figures, mark)
                .into_iter()
                .chain(of_classes)
                .collect(),
            ..Row::default()
        }
    });
    let table = Table {
        title: "What was lost".to_owned(),
        columns: LOST
            .iter()
            .cloned()
            .chain(classes.iter().map(of_class))
            .collect(),
        rows: rows.collect(),
    };
    table.without_absent_columns()
}

fn lost_cells(
    strategy: &StrategySummary,
    figures: &ChangeFigures,
    compared: Option<&LossComparison>,
) -> [Cell; LOST.len()] {
    let failed = match figures.failed {
        0 => String::new(),
        failed => format!(" ({failed} failed)"),
    };
    let mark = compared.and_then(|one| {
        Mark::of(one.verdict, |_| {
            let more = units::count(one.more_per_change);
            format!(
                "loses {more} requests per change more than {}",
                one.baseline
            )
        })
    });
    [
        Cell::text(strategy.strategy),
        Cell {
            value: Some(figures.changes as f64),
            ..Cell::text(units::whole(figures.changes as u64) + &failed)
        },
        optional(figures.lossy.map(|lossy| lossy as u64)),
        count_cell(figures.lost_count()),
        Cell {
            mark,
            ..Cell::spread(figures.lost_per_change, units::count)
        },
        Cell::number(figures.at_most, |share| format!("1 in {}", one_in(share))),
        optional(figures.sent_again),
    ]
}

fn optional(count: Option<u64>) -> Cell {
    count.map_or_else(Cell::absent, count_cell)
}

fn count_cell(count: u64) -> Cell {
    Cell::number(Some(count as f64), |_| units::whole(count))
}

/// A row per strategy with a column for each who had lost requests; `None` if nobody is known to have had one.
fn had(changed: &Changed) -> Option<Table> {
    let who = changed.iter().flat_map(|(_, figures)| figures.had.keys());
    let who: BTreeSet<&'static str> = who.copied().collect();
    let rows = changed
        .iter()
        .filter(|(_, figures)| !figures.had.is_empty());
    let rows = rows.map(|(strategy, figures)| {
        let counts = who
            .iter()
            .map(|who| figures.had.get(who).copied().unwrap_or(0));
        Row {
            series: Some(strategy.style.into()),
            gives_way: 0,
            cells: [Cell::text(strategy.strategy)]
                .into_iter()
                .chain(counts.map(count_cell))
                .collect(),
        }
    });
    let columns = who.iter().map(|who| Column::number(who));
    (!who.is_empty()).then(|| Table {
        title: "Who had the lost requests".to_owned(),
        columns: [LOST[0].clone()].into_iter().chain(columns).collect(),
        rows: rows.collect(),
    })
}

fn took(changed: &Changed) -> Table {
    let seconds = |seconds: f64| units::duration(seconds * US_PER_S);
    let rows = changed.iter().map(|(strategy, figures)| Row {
        series: Some(strategy.style.into()),
        cells: vec![
            Cell::text(strategy.strategy),
            Cell::spread(figures.took_s, seconds),
            Cell::spread(figures.ready_s, seconds),
            Cell::spread(figures.first_answer_s, seconds),
            Cell::spread(figures.answered_s, seconds),
            Cell::spread(figures.drained_s, seconds),
            Cell::spread(figures.dip, units::percent),
            Cell::spread(figures.dip_s, seconds),
            Cell::spread(figures.p99_rise, |rise| format!("{}×", units::count(rise))),
            Cell::spread(figures.moved_per_change, units::count),
            Cell::spread(figures.even_s, seconds),
            optional(figures.uneven.map(|changes| changes as u64)),
            Cell::spread(figures.new_workers, units::percent),
        ],
        ..Row::default()
    });
    let table = Table {
        title: "How long changes took".to_owned(),
        columns: TOOK.to_vec(),
        rows: rows.collect(),
    };
    table.without_absent_columns()
}
