//! The tables of `docs/http.md`: which differences are known, and why they are there.

use std::collections::BTreeSet;

use crate::cases::Case;
use crate::observed::Observed;

const PAGE: &str = include_str!("../../docs/http.md");

/// What stands for a value that a system does not have.
const ABSENT: &str = "-";

/// A table: a row for each known difference.
pub(crate) struct Table {
    /// What it compares, as its head names them: a name, and a version if it matters.
    pub(crate) systems: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    /// The cases: those that have all parts of one of these lists.
    cases: Vec<BTreeSet<String>>,
    difference: Difference,
}

/// Systems that disagree about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    aspect: String,
    /// What each system made of it.
    values: Vec<String>,
}

impl Table {
    /// Reads the table below a heading.
    pub(crate) fn below(heading: &str) -> Self {
        let (_, text) = PAGE.split_once(heading).expect("the heading is there");
        let lines = text.lines().skip_while(|line| !line.starts_with('|'));
        let mut lines = lines.take_while(|line| line.starts_with('|')).map(cells);
        let head = lines.next().expect("a table");
        Self {
            systems: head[2..head.len() - 1].to_vec(),
            // Below the head is a line of dashes.
            rows: lines.skip(1).map(|cells| Row::new(&cells)).collect(),
        }
    }

    /// Returns what is wrong: differences that no row explains, and rows that explain none.
    pub(crate) fn judge(&self, found: &[(Case, Difference)]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (case, difference) in found {
            let parts: BTreeSet<String> = case.parts().collect();
            let explains = |row: &Row| {
                let mut cases = row.cases.iter();
                row.difference.includes(difference) && cases.any(|case| case.is_subset(&parts))
            };
            if !self.rows.iter().any(explains) {
                wrong.push(format!("no row: {}", difference.row(&case.name())));
            }
        }
        for row in &self.rows {
            let cases = row.cases.iter();
            for unused in cases.filter(|case| !row.difference.is_found(case, found)) {
                let parts: Vec<_> = unused.iter().map(String::as_str).collect();
                let row = row.difference.row(&parts.join(" "));
                wrong.push(format!("no longer so: {row}"));
            }
        }
        wrong
    }
}

impl Row {
    fn new(cells: &[String]) -> Self {
        let parts = |case: &str| case.split_whitespace().map(str::to_owned).collect();
        Self {
            cases: cells[0].replace('`', "").split(',').map(parts).collect(),
            difference: Difference {
                aspect: cells[1].clone(),
                values: cells[2..cells.len() - 1].to_vec(),
            },
        }
    }
}

impl Difference {
    /// Returns all differences between what systems made of a case, in what the first one made of it.
    pub(crate) fn among(all: &[Observed]) -> Vec<Self> {
        let aspects = all[0].iter().map(|(aspect, _)| *aspect);
        let differences = aspects.map(|aspect| Self::about(aspect, all));
        differences.filter(Self::is_one).collect()
    }

    fn about(aspect: &str, all: &[Observed]) -> Self {
        let value = |one: &Observed| {
            let value = one.iter().find(|(name, _)| *name == aspect);
            value.map_or_else(|| ABSENT.to_owned(), |(_, value)| shown(value))
        };
        Self {
            aspect: aspect.to_owned(),
            values: all.iter().map(value).collect(),
        }
    }

    fn is_one(&self) -> bool {
        let known = self.values.iter().filter(|value| *value != ABSENT);
        known.collect::<BTreeSet<_>>().len() > 1
    }

    /// Whether this is the other difference, too: if only some of the systems have a value there.
    fn includes(&self, other: &Self) -> bool {
        let mut values = self.values.iter().zip(&other.values);
        self.aspect == other.aspect && values.all(|(ours, its)| ours == its || its == ABSENT)
    }

    /// Whether a case with these parts has this difference.
    fn is_found(&self, parts: &BTreeSet<String>, found: &[(Case, Self)]) -> bool {
        let mut same = found.iter().filter(|(_, difference)| difference == self);
        same.any(|(case, _)| parts.is_subset(&case.parts().collect()))
    }

    /// Returns the row of the table for this difference, without its reason.
    fn row(&self, case: &str) -> String {
        let values: Vec<String> = self.values.iter().map(|it| format!("`{it}`")).collect();
        let Self { aspect, .. } = self;
        format!("| `{case}` | {aspect} | {} | |", values.join(" | "))
    }
}

/// Returns a value as a cell shows it.
fn shown(value: &str) -> String {
    match value.trim() {
        "" => "nothing".to_owned(),
        value => value.escape_debug().to_string(),
    }
}

/// Splits a line of a table, and removes the marks of code.
fn cells(line: &str) -> Vec<String> {
    let cells = line.trim().trim_matches('|').split('|');
    cells
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .collect()
}
