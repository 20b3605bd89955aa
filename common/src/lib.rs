//! Text in and out, as all crates of evenkeel need it: files read up to a limit, TOML files with errors
//! that point into them, suggestions for mistyped names, durations, numbers within bounds, numbers for
//! people, and versions of the PROXY protocol.
//!
//! Every crate may use this one; it knows none of them.

pub mod command_line;
pub mod duration;
pub mod file;
pub mod number;
mod proxy_version;
pub mod suggest;
pub mod toml_file;
pub mod units;

pub use proxy_version::ProxyVersion;
