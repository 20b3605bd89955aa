//! Tests of the reverse proxy over real sockets, with workers that behave or misbehave as a test needs.
#![allow(
    clippy::unwrap_used,
    reason = "in a test a panic is the report of what went wrong"
)]

mod affinity;
mod bodies;
mod choice;
mod defences;
mod failures;
mod fields;
mod framing;
mod half_closed;
mod interim;
mod large_answers;
mod paths;
mod retries;
mod shutdown;
mod support;
mod targets;
mod upgrades;
