//! Owning all descendants, also those that leave their parent.
//!
//! A *subreaper* (prctl(2)) becomes the new parent of every descendant whose parent has ended. So even a
//! daemon stays its descendant, and it can end all of them.

mod ending;
mod events;
mod last_lines;
mod process_tree;
mod reap;

pub(crate) use ending::{end_gracefully, kill_all};
pub(crate) use events::{Event, Events};
pub(crate) use last_lines::{MAX_BYTES, last_lines};
pub(crate) use process_tree::{Process, descendants};
pub(crate) use reap::{Ended, reap};
