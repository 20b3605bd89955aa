//! Configuration of a study.
//!
//! [`Settings`] are what the command line and a study file give, with gaps; a [`StudyConfig`] has
//! every gap filled in. A plan holds it and the record stores it. An option is one field of each,
//! side by side in one file, with its default and its check.

mod client_timeouts;
mod connection_limits;
mod defences;
mod error;
mod fleet;
mod load;
mod serial;
mod settings;
mod study;
mod variant;
mod worker;

pub(crate) use error::{Setting, SettingError};
pub(crate) use fleet::{FleetConfig, FleetOptions};
pub(crate) use load::LoadOptions;
pub(crate) use settings::{PeerOptions, Settings, StudyFile};
pub(crate) use study::{Goal, StudyConfig};
pub(crate) use variant::{Variant, VariantConfig};
pub(crate) use worker::WorkerOptions;

/// Seed of studies and load that are given none. Any number would do; a fixed one makes two
/// runs of the same command offer the same load.
pub(crate) const DEFAULT_SEED: u64 = 1;

/// Returns the first list, or the second if the first is empty.
fn either<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    if first.is_empty() { second } else { first }
}
