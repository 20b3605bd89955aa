//! What balancing can achieve by queueing theory.
//!
//! Arrivals and work are seeded and known, so two waiting times can be computed for the same
//! requests as in a trial: [`common_queue`], which no balancer beats on average without knowing the
//! work in advance, and [`random_split`], the result of random choice. [`way_to_ideal`] is the position of
//! a measured wait between them. The closed formulas of [`Queue`] are for an endless stream of
//! requests.

mod between;
mod formula;
mod recursion;
mod sampling;

pub use between::way_to_ideal;
pub use formula::{Load, Queue};
pub use recursion::{Request, common_queue, known_split, random_split};
pub use sampling::{Stream, scatter};
