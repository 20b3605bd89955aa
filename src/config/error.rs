//! Settings that cannot be used.

use evenkeel_common::{toml_file::TomlError, units::plural};
use thiserror::Error;

use crate::machine::CpuError;

/// A setting that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingError {
    #[error("`{option}` is {value}: {problem}")]
    Value {
        option: &'static str,
        value: String,
        problem: &'static str,
    },
    #[error(
        "`--weights` has {} for {}; give one for each worker, or {weights} workers by `-w {weights}`",
        plural(*weights, "weight"), plural(*workers, "worker")
    )]
    Weights { weights: usize, workers: usize },
    #[error(
        "`--max-time` needs `--precision`, such as `--precision 3%`: without it a study ends with its last block"
    )]
    TimeWithoutPrecision,
    #[error(transparent)]
    Cpus(#[from] CpuError),
    #[error(transparent)]
    Recipe(#[from] TomlError),
}

impl SettingError {
    pub(crate) fn value(option: &'static str, value: impl ToString, problem: &'static str) -> Self {
        let value = value.to_string();
        Self::Value {
            option,
            value,
            problem,
        }
    }
}
