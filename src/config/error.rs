//! Settings that cannot be used.

use evenkeel_common::{toml_file::TomlError, units::plural};
use thiserror::Error;

use crate::machine::CpuError;

/// The names of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its option on the command line.
    pub(crate) option: &'static str,
    /// Its key in the file of a study.
    pub(crate) key: &'static str,
}

/// A setting that cannot be used.
#[derive(Debug, Error)]
pub(crate) enum SettingError {
    #[error("`{}` is {value}: {problem}", setting.option)]
    Value {
        setting: Setting,
        value: String,
        problem: String,
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
    #[error(
        "`[worker]` and options such as `--worker-health` describe a program of your own: add it by \
         `--worker-command 'node app.js'`, or leave them out"
    )]
    WorkerWithoutCommand,
    #[error(transparent)]
    Cpus(#[from] CpuError),
    #[error(transparent)]
    Recipe(#[from] TomlError),
}

impl SettingError {
    pub(crate) fn value(setting: Setting, value: impl ToString, problem: impl ToString) -> Self {
        Self::Value {
            setting,
            value: value.to_string(),
            problem: problem.to_string(),
        }
    }

    /// Key of the file of a study that the error is about; `None` if the error names another file.
    pub(crate) fn key(&self) -> Option<&'static str> {
        match self {
            Self::Value { setting, .. } => Some(setting.key),
            Self::Weights { .. } => Some("fleet.weights"),
            Self::TimeWithoutPrecision => Some("max_time"),
            Self::WorkerWithoutCommand => Some("worker"),
            Self::Cpus(_) => Some("fleet.server_cpus"),
            Self::Recipe(_) => None,
        }
    }
}
