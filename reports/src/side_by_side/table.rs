//! Comparisons as a table.

use super::row::Row;
use crate::compare::{MOST_BLOCKS, Verdict};
use crate::format::measures::shown;
use crate::table::{self, ABSENT, Cell, Column, Table, Tone};
use crate::units;

const COLUMNS: [Column; 11] = [
    Column::words("metric"),
    Column::words("strategy"),
    Column::number("A").gives_way(1),
    Column::interval("interval").gives_way(5),
    Column::number("B").gives_way(1),
    Column::interval("interval").gives_way(4),
    Column::number("B/A"),
    Column::interval("interval").gives_way(2),
    Column::number("p").gives_way(3),
    Column::number("blocks").gives_way(6),
    Column::words("verdict"),
];

pub(crate) const LEGEND: [&str; 4] = [
    "A and B are means over the blocks that both have, B/A is their ratio; each with its 95% interval or, of fewer than 6 blocks, its range.",
    "p is corrected for the number of comparisons; a verdict is about a change beyond the margin.",
    "~ no difference shown, which does not prove that there is none.",
    "needs: as many blocks confirm the difference that was seen, if it is real, in nine studies of ten.",
];

pub(crate) fn table(rows: &[Row]) -> Table {
    Table {
        title: String::new(),
        columns: COLUMNS.to_vec(),
        rows: rows.iter().map(row).collect(),
    }
}

fn row(row: &Row) -> table::Row {
    let comparison = &row.comparison;
    let (a, b) = (comparison.baseline_figure, comparison.candidate_figure);
    let figure = |spread| Cell::spread(spread, |value| shown(comparison.metric, value));
    let half_width = |spread| Cell::half_width(spread, |value| shown(comparison.metric, value));
    let ratio = comparison.ratio;
    let interval = comparison.interval();
    let interval = interval.map(|interval| interval.words(|end| format!("{end:.3}")));
    let blocks = comparison.blocks as f64;
    let cells = [
        Cell::text(comparison.metric.name()),
        Cell::text(comparison.candidate),
        figure(a),
        half_width(a),
        figure(b),
        half_width(b),
        Cell {
            interval: interval.clone(),
            ..Cell::number(ratio.map(|ratio| ratio.estimate), |b_over_a| {
                format!("{b_over_a:.3}")
            })
        },
        Cell::text(interval.unwrap_or(ABSENT.to_owned())),
        Cell::number(comparison.p, probability),
        Cell::number(Some(blocks), |blocks| blocks.to_string()),
        Cell::text(verdict(row)).toned(Tone::of(comparison.verdict)),
    ];
    table::Row {
        series: None,
        cells: cells.to_vec(),
        ..table::Row::default()
    }
}

/// `better`, `worse`, `~`, `~ needs 14 blocks` or `~ needs 10,000+`.
fn verdict(row: &Row) -> String {
    let comparison = &row.comparison;
    match (comparison.verdict, comparison.blocks_needed) {
        // The end of the row, which has no room for words on a narrow terminal.
        (Verdict::NoDifferenceShown, Some(MOST_BLOCKS)) => {
            format!("~ needs {}+", units::whole(MOST_BLOCKS as u64))
        }
        (Verdict::NoDifferenceShown, Some(needed)) => format!("~ needs {}", blocks(needed)),
        (Verdict::NoDifferenceShown, None) => "~".to_owned(),
        (shown, _) => shown.label().to_owned(),
    }
}

/// `14 blocks`, or `10,000 blocks or more`.
pub(crate) fn blocks(needed: usize) -> String {
    let more = if needed >= MOST_BLOCKS {
        " or more"
    } else {
        ""
    };
    format!("{}{more}", units::plural(needed, "block"))
}

fn probability(p: f64) -> String {
    if p < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}
