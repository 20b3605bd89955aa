//! Settings that cannot be used.

use evenkeel_common::toml_file::TomlError;
use evenkeel_common::units::plural;
use thiserror::Error;

use crate::machine::CpuError;

/// A setting that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingError {
    /// A value out of range.
    #[error("`{option}` is {value}: {problem}")]
    Value {
        /// Name of the option, as on the command line.
        option: &'static str,
        /// The value.
        value: String,
        /// Why the value cannot be used, and which can.
        problem: &'static str,
    },
    /// The number of weights is not the number of workers.
    #[error(
        "`--weights` has {} for {}; give one for each worker, or {weights} workers by `-w {weights}`",
        plural(*weights, "weight"), plural(*workers, "worker")
    )]
    Weights {
        /// Number of weights.
        weights: usize,
        /// Number of workers of a fleet.
        workers: usize,
    },
    /// A time limit for a study with a fixed number of blocks.
    #[error(
        "`--max-time` needs `--precision`, such as `--precision 3%`: without it a study ends with its last block"
    )]
    TimeWithoutPrecision,
    /// CPUs that a study cannot use.
    #[error(transparent)]
    Cpus(#[from] CpuError),
    /// A recipe without an absolute path.
    #[error(transparent)]
    Recipe(#[from] TomlError),
}

impl SettingError {
    /// A value of an option that cannot be used.
    pub(crate) fn value(option: &'static str, value: impl ToString, problem: &'static str) -> Self {
        let value = value.to_string();
        Self::Value {
            option,
            value,
            problem,
        }
    }
}
