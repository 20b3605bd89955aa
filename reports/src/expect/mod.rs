//! What was expected of a study before it ran, and whether it holds.
//!
//! An [`Expectation`](crate::Expectation) has a [`Predicate`] in a small language, which
//! `docs/expectations.md` describes. [`check`] judges those of a study block by block, with the tests that
//! verdicts rest on.

mod check;
mod grammar;
mod link;
mod metric;
mod names;
mod observed;
mod predicate;
mod unit;
mod weigh;

pub use check::{Checked, Found, Outcome, check};
pub use grammar::InvalidPredicate;
pub use metric::{METRICS, MetricInfo};
pub use names::UnknownName;
pub use predicate::Predicate;
pub use unit::Unit;
