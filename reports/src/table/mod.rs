//! Tables as all painters get them: columns, and rows of cells.

mod cell;
mod column;

use std::borrow::Cow;

use serde::Serialize;

pub use cell::{Cell, Mark, Tone};
pub use column::{Column, ColumnKind};

use crate::palette::{self, SeriesStyle};

/// Text of a cell without a figure.
pub const ABSENT: &str = "–";

/// A table. Every row has one cell per column.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// Its heading; empty if it needs none.
    pub title: String,
    /// Columns; the first one names the rows. A table whose columns have no names has no head.
    pub columns: Vec<Column>,
    /// Rows, in order.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// The strategy that the row is about.
    pub series: Option<Series>,
    /// One cell per column.
    pub cells: Vec<Cell>,
    /// Order in which rows are left out of a text that is too long: the highest number first; a row with 0
    /// stays.
    pub gives_way: u8,
}

/// A strategy as charts and tables show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Position in the plan.
    pub position: usize,
    /// Colour as CSS writes it.
    pub color: String,
}

impl From<SeriesStyle> for Series {
    fn from(style: SeriesStyle) -> Series {
        Series {
            position: style.position,
            color: palette::css(style.color),
        }
    }
}

impl Table {
    /// Creates a table of words without rows; the first name says what the rows are.
    pub(crate) fn with_head(
        names: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Table {
        let column = |name: Cow<'static, str>| Column {
            name,
            ..Column::words("")
        };
        Table {
            columns: names.into_iter().map(Into::into).map(column).collect(),
            ..Table::default()
        }
    }

    /// Appends a row of texts, one per column.
    pub(crate) fn push(&mut self, texts: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(Row {
            series: None,
            cells: texts.into_iter().map(Cell::text).collect(),
            ..Row::default()
        });
    }

    /// Whether any column has a name.
    pub fn has_head(&self) -> bool {
        self.columns.iter().any(|column| !column.name.is_empty())
    }

    /// Returns the table with only the columns whose number, counted from 0, passes the test.
    #[must_use]
    pub fn with_columns(&self, is_kept: impl Fn(usize) -> bool) -> Table {
        Table {
            title: self.title.clone(),
            columns: kept(&self.columns, &is_kept),
            rows: self
                .rows
                .iter()
                .map(|row| Row {
                    cells: kept(&row.cells, &is_kept),
                    ..row.clone()
                })
                .collect(),
        }
    }

    /// Returns the table without the rows that give way before others do: before [`Row::gives_way`] is down to
    /// `most`. In their place a row says how many they are.
    #[must_use]
    pub fn shortened(&self, most: u8) -> Table {
        let stays = |row: &Row| row.gives_way <= most;
        let runs = self.rows.chunk_by(|a, b| stays(a) == stays(b));
        let rows = runs.flat_map(|run| match run {
            // A row about one row would take as much space.
            [first, _, ..] if !stays(first) => vec![self.gap(run.len())],
            _ => run.to_vec(),
        });
        Table {
            rows: rows.collect(),
            ..self.clone()
        }
    }

    fn gap(&self, rows: usize) -> Row {
        let mut cells = vec![Cell::text(format!("… {rows} others"))];
        cells.resize(self.columns.len(), Cell::default());
        Row {
            cells,
            ..Row::default()
        }
    }

    /// Returns the table without columns in which no row has a figure.
    #[must_use]
    pub fn without_absent_columns(&self) -> Table {
        self.with_columns(|column| {
            let mut rows = self.rows.iter();
            rows.any(|row| row.cells[column].text != ABSENT)
        })
    }
}

/// Returns the headings of groups of columns, each with the number of columns below it. A column
/// without a group has a heading of its own, which is empty.
pub fn groups(columns: &[Column]) -> Vec<(&str, usize)> {
    let groups = columns.chunk_by(|a, b| a.group == b.group && !a.group.is_empty());
    groups
        .map(|of_one| (&*of_one[0].group, of_one.len()))
        .collect()
}

/// Returns the text of a figure, or [`ABSENT`].
pub(crate) fn or_absent<T>(figure: Option<T>, text: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| ABSENT.to_owned(), text)
}

fn kept<T: Clone>(all: &[T], is_kept: impl Fn(usize) -> bool) -> Vec<T> {
    let all = all.iter().enumerate();
    all.filter(|(column, _)| is_kept(*column))
        .map(|(_, one)| one.clone())
        .collect()
}
