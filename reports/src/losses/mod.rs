//! Requests that were not answered as expected: what the client saw, in words, and which process had
//! them.

mod class;
mod of_changes;
mod who_had;

pub use class::meaning;
pub(crate) use of_changes::{had, lossy};
pub use who_had::{Had, WorkerEvent, WorkerEventKind, who_had};
