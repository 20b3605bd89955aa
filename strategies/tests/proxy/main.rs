//! The reverse proxy from outside: real sockets on both sides, and workers that behave and
//! misbehave as each test needs.
#![allow(
    clippy::unwrap_used,
    reason = "in a test a panic is the report of what went wrong"
)]

mod affinity;
mod bodies;
mod choice;
mod failures;
mod fields;
mod roads;
mod shutdown;
mod support;
mod upgrades;
