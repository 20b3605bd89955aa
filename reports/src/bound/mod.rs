//! What queueing theory says that balancing can do.
//!
//! Arrivals and work are seeded and known, so two waiting times can be computed for the very
//! requests of a trial: [`common_queue`], which no balancer beats on average without knowing the
//! work in advance, and [`random_split`], what blind choice gives. [`way_to_ideal`] says where a
//! measured wait lies between them. The closed formulas of [`Queue`] say the same of an endless
//! stream of requests.

mod between;
mod formula;
mod recursion;
mod sampling;

pub use between::way_to_ideal;
pub use formula::{Load, Queue};
pub use recursion::{Request, common_queue, known_split, random_split};
pub use sampling::{Stream, scatter};
