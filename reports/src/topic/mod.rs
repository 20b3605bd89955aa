//! What a report of a study has: a file per topic.

pub(crate) mod answer;
pub(crate) mod changes;
pub(crate) mod costs;
pub(crate) mod defences;
pub(crate) mod expectations;
mod facts;
pub(crate) mod faults;
mod records;
pub(crate) mod sentences;
mod study;
pub(crate) mod summary;
pub(crate) mod systems;
pub(crate) mod theory;
pub(crate) mod trials;

pub(crate) use facts::{Fact, about, glance, utc};
pub(crate) use records::{AMOUNTS, LATENCIES, REMARKS};
