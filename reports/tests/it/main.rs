//! Records, figures and reports, in one executable: linking one for each file would take most of the time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answer;
mod bound;
mod changes;
mod charts;
mod compare;
mod costs;
mod disturbance;
mod expect;
mod golden;
mod hostile_record;
mod inference;
mod machines;
mod method;
mod page;
mod rankings;
mod record;
mod side_by_side;
mod stats;
mod systems;
mod theory;

#[path = "../common/any_record.rs"]
#[allow(unreachable_pub, reason = "shared with the fuzz target")]
mod any_record;
#[path = "../common/mod.rs"]
mod common;
