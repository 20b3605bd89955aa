//! Text in and out, as all crates of evenkeel need it: TOML files with errors that point into
//! them, suggestions for mistyped names, durations, and numbers for people.
//!
//! Every crate may use this one; it knows none of them.

pub mod duration;
pub mod suggest;
pub mod toml_file;
pub mod units;
