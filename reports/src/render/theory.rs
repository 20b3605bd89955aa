//! The testbed against queueing theory: the table of a scenario, before it is laid out.

use crate::palette::Look;
use crate::record::{Expected, Theory};
use crate::stats::{Beside, BesideTheory, ScenarioSummary, beside_theory};
use crate::units;

/// What stands above the tables.
pub(super) const TITLE: &str = "The testbed against theory";

/// How to read the tables, one sentence each.
pub(super) const LEGEND: [&str; 4] = [
    "A wait is the time from when a request was sent to its answer, less that for which it took its \
     worker up; means over blocks. The recursions have the very same arrivals and work.",
    "As served: every request at the worker that served it; what a wait has beyond that, the \
     testbed itself has added. Common queue: first come first served by all workers, which no \
     balancer that is blind to the work beats. Random split: blind choice, with what luck may make \
     of it (three standard deviations).",
    "Formula: M/M/1 or M/M/k for an endless stream, with what luck may make of a study as long as \
     this one (three standard deviations).",
    "Of theory: how many times as long as the theory that a strategy ought to equal. Who splits at \
     random is held against the split that its own draws made, and those against luck. For the \
     others: where they stand on the way from the random split to the common queue.",
];

/// The columns; where not all have room, the one with the highest number goes first, 0 stays.
pub(super) const COLUMNS: [(&str, u8); 8] = [
    ("strategy", 0),
    ("wait", 0),
    ("measured", 0),
    ("as served", 2),
    ("common queue", 1),
    ("random split", 1),
    ("formula", 3),
    ("of theory", 0),
];

/// A row: a strategy and one figure of its waits.
pub(super) struct Row {
    /// How the strategy is drawn.
    pub(super) look: Look,
    /// One for each column.
    pub(super) cells: [String; COLUMNS.len()],
    /// Whether it is as near to theory as it ought to be, where theory says how near.
    pub(super) holds: Option<bool>,
}

/// The rows of a scenario; none where waits are not known.
pub(super) fn rows(summary: &ScenarioSummary) -> Vec<Row> {
    let all = beside_theory(summary);
    all.iter().flat_map(both_figures).collect()
}

fn both_figures(beside: &BesideTheory) -> [Row; 2] {
    [("mean", &beside.mean), ("p99", &beside.p99)].map(|(name, figure)| {
        let optional = |us: Option<f64>| us.map_or(ABSENT.to_owned(), units::duration);
        Row {
            look: beside.strategy.look,
            cells: [
                beside.strategy.marked(),
                name.to_owned(),
                units::duration(figure.measured),
                optional(figure.as_served),
                units::duration(figure.common_queue),
                random_split(figure),
                formula(figure),
                match beside.expected {
                    Some(expected) => of_theory(figure, expected),
                    None => on_the_way(figure),
                },
            ],
            holds: beside.expected.map(|expected| figure.holds(expected)),
        }
    })
}

/// What stands for a figure that there is none of.
const ABSENT: &str = "–";

fn random_split(figure: &Beside) -> String {
    let us = units::duration(figure.random_split);
    match figure.luck {
        Some(luck) => format!("{us} ± {}", units::percent(luck / figure.random_split)),
        None => us,
    }
}

fn formula(figure: &Beside) -> String {
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

fn of_theory(figure: &Beside, expected: Expected) -> String {
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
        (false, true) => format!("{of}, NOT such as chance makes"),
    }
}

fn on_the_way(figure: &Beside) -> String {
    figure.way().map_or(ABSENT.to_owned(), |way| {
        format!("{:.0}% of the way to ideal", way * 100.0)
    })
}

/// How much of what theory says holds, in one sentence; `None` where it says nothing.
pub(super) fn verdict(summaries: &[ScenarioSummary]) -> Option<String> {
    let all = summaries.iter().flat_map(rows);
    let held: Vec<bool> = all.filter_map(|row| row.holds).collect();
    let count = held.iter().filter(|held| **held).count();
    (!held.is_empty()).then(|| {
        format!(
            "{count} of {} that theory has a value for lie within its bounds.",
            units::plural(held.len(), "figure")
        )
    })
}
