//! A column of a table.

use std::borrow::Cow;

use serde::Serialize;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Heading of the group that it belongs to; empty if it belongs to none.
    pub group: Cow<'static, str>,
    /// Heading.
    pub name: Cow<'static, str>,
    /// What its cells hold.
    pub kind: ColumnKind,
    /// Order in which columns are left out of a table that is too wide: the highest number first;
    /// a column with 0 stays.
    pub gives_way: u8,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words, which are aligned to the left.
    Words,
    /// Numbers, which are aligned to the right.
    Number,
    /// The confidence interval of the column before, for painters that do not show intervals in the
    /// cells themselves.
    Interval,
    /// Bars, whose lengths are the figures of the cells, from 0 to 1.
    Bar,
}

impl Column {
    /// A column of words.
    pub const fn words(name: &'static str) -> Column {
        Column::of(name, ColumnKind::Words)
    }

    /// A column of numbers.
    pub const fn number(name: &'static str) -> Column {
        Column::of(name, ColumnKind::Number)
    }

    /// A column with the confidence intervals of the column before.
    pub const fn interval(name: &'static str) -> Column {
        Column::of(name, ColumnKind::Interval)
    }

    /// A column of bars.
    pub const fn bar() -> Column {
        Column::of("", ColumnKind::Bar)
    }

    const fn of(name: &'static str, kind: ColumnKind) -> Column {
        Column {
            group: Cow::Borrowed(""),
            name: Cow::Borrowed(name),
            kind,
            gives_way: 0,
        }
    }

    /// The same column as one that is left out where there is no room; see [`Column::gives_way`].
    #[must_use]
    pub const fn gives_way(mut self, gives_way: u8) -> Column {
        self.gives_way = gives_way;
        self
    }

    /// The same column in a group.
    #[must_use]
    pub const fn under(mut self, group: &'static str) -> Column {
        // A constant function cannot drop what was there, and a borrowed text needs no drop.
        std::mem::forget(std::mem::replace(&mut self.group, Cow::Borrowed(group)));
        self
    }

    /// The same column in a group whose heading is made at run time.
    #[must_use]
    pub fn under_name(self, group: String) -> Column {
        Column {
            group: Cow::Owned(group),
            ..self
        }
    }

    /// The heading with that of its group.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.group, self.name).trim().to_owned()
    }
}
