//! Other executables of evenkeel that serve in a study.

mod different;
mod label;

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use evenkeel_common::file;
use evenkeel_reports::ExecutableRecord;
use evenkeel_strategies::mechanism::peer::ask::ask;
use evenkeel_strategies::{FleetSpec, catalog};
use nix::unistd::{AccessFlags, access};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::values::{path_of_text, text_of_path};

pub(crate) use different::{SameBuild, check_different};
pub(crate) use label::{Labelled, is_label};

/// A build of evenkeel with its label in the study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// Label: `baseline` in `reuseport@baseline`.
    pub(crate) label: String,
    /// Absolute path without links.
    pub(crate) path: PathBuf,
    /// Version, from `--version`.
    pub(crate) version: String,
    /// SHA-256 of the file, as sha256sum(1) prints it.
    sha256: String,
    /// Keys of its strategies.
    strategies: Vec<String>,
}

/// An executable that cannot serve in a study.
#[derive(Debug, Error)]
#[error("`--executable {label}={}`: {problem}", path.display())]
pub(crate) struct UnusableExecutable {
    label: String,
    path: PathBuf,
    problem: String,
}

impl UnusableExecutable {
    fn new(label: &str, path: &Path, problem: impl ToString) -> Self {
        Self {
            label: label.to_owned(),
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

impl Labelled {
    /// Examines the executable: its version and its strategies.
    pub(crate) fn examine(&self) -> Result<Build, UnusableExecutable> {
        self.check_file()
            .map_err(|problem| self.unusable(problem))?;
        let unusable = |problem: String| self.unusable(problem);
        // Absolute, since a name without a slash would be searched for on PATH.
        let path = self.path.canonicalize();
        let path = path.map_err(|error| self.unusable(error))?;
        Ok(Build {
            label: self.label.clone(),
            version: version(&path).map_err(unusable)?,
            strategies: strategies(&path).map_err(unusable)?,
            sha256: sha256(&path).map_err(|error| self.unusable(error))?,
            path,
        })
    }

    fn check_file(&self) -> Result<(), String> {
        let path = &self.path;
        let there = path.metadata().map_err(|error| {
            format!("it cannot be found ({error}); give the path of an evenkeel executable")
        })?;
        if !there.is_file() {
            return Err("it is not a file; give the path of an evenkeel executable".to_owned());
        }
        access(path, AccessFlags::X_OK)
            .map_err(|error| format!("it may not be run ({error}); `chmod +x` may help"))
    }

    fn unusable(&self, problem: impl ToString) -> UnusableExecutable {
        UnusableExecutable::new(&self.label, &self.path, problem)
    }
}

impl Build {
    /// Whether the build has a strategy with this key.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.strategies.iter().any(|known| known == key)
    }

    /// Starts and ends a worker of the build: the configuration of workers differs between versions.
    pub(crate) fn try_out(&self) -> Result<(), UnusableExecutable> {
        let spec = FleetSpec::new(&self.path, NonZeroUsize::MIN);
        let single = catalog::select(&["single"]).map_err(|error| self.unusable(error))?;
        for strategy in single {
            strategy.launch(&spec).map_err(|error| {
                let (own, version) = (env!("CARGO_PKG_VERSION"), &self.version);
                self.unusable(format!(
                    "workers of evenkeel {version} do not accept the configuration of this version, \
                     {own}: {error}; use builds of closer versions"
                ))
            })?;
        }
        Ok(())
    }

    /// Returns the build as the record stores it.
    pub(crate) fn record(&self) -> ExecutableRecord {
        ExecutableRecord {
            label: self.label.clone(),
            path: text_of_path(&self.path),
            version: self.version.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// Returns the build of a record, if its file is unchanged.
    ///
    /// # Errors
    /// [`UnusableExecutable`] if not: trials of different builds would get the same key.
    pub(crate) fn recorded(record: &ExecutableRecord) -> Result<Self, UnusableExecutable> {
        let labelled = Labelled {
            label: record.label.clone(),
            path: path_of_text(&record.path),
        };
        let build = labelled.examine()?;
        if build.sha256 != record.sha256 {
            return Err(labelled.unusable(
                "it is not the executable with which this study began; restore that executable, or \
                 begin a new study",
            ));
        }
        Ok(build)
    }

    fn unusable(&self, problem: impl ToString) -> UnusableExecutable {
        UnusableExecutable::new(&self.label, &self.path, problem)
    }
}

/// Returns the SHA-256 of a file, as sha256sum(1) prints it.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let digest = Sha256::digest(file::read(path, file::LARGEST)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns the SHA-256 of this program, even if its file was replaced after the start.
pub(crate) fn own_sha256() -> io::Result<String> {
    sha256("/proc/self/exe".as_ref())
}

/// What begins the names of variables that are options.
const OPTIONS: &str = "EVENKEEL_";

/// Longest time for an answer. It takes milliseconds, but a busy machine may stall for seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Returns the output of an executable with these arguments.
fn output_of(path: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(path);
    command.args(arguments);
    // Options by the environment are for this program.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(OPTIONS) {
            command.env_remove(name);
        }
    }
    let said = ask(command, ANSWER_WITHIN);
    let asked = arguments.join(" ");
    said.map(|answer| answer.out)
        .map_err(|problem| format!("run with `{asked}`, it {problem}"))
}

/// Returns the version, if the executable is evenkeel.
fn version(path: &Path) -> Result<String, String> {
    let said = output_of(path, &["--version"])?;
    match said.trim().strip_prefix("evenkeel ") {
        Some(version) if !version.contains(char::is_whitespace) => Ok(version.to_owned()),
        _ => Err(
            "its `--version` does not name evenkeel; give the path of an evenkeel executable"
                .to_owned(),
        ),
    }
}

/// The needed part of `evenkeel list --format json`.
#[derive(Deserialize)]
struct List {
    strategies: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    key: String,
}

fn strategies(path: &Path) -> Result<Vec<String>, String> {
    let said = output_of(path, &["list", "--format", "json"])?;
    let list: List = serde_json::from_str(&said)
        .map_err(|error| format!("its `list --format json` cannot be parsed ({error})"))?;
    Ok(list
        .strategies
        .into_iter()
        .map(|listed| listed.key)
        .collect())
}
