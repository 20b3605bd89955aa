//! Requests that were not answered as expected: what the client saw, in words, and which process had
//! them.

mod class;
mod who_had;

pub use class::meaning;
pub use who_had::{Had, WorkerEvent, WorkerEventKind, who_had};
