//! Executables of evenkeel that serve in a study, beside this one.

mod different;
mod label;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use evenkeel_reports::ExecutableRecord;
use evenkeel_strategies::mechanism::peer::ask::ask;
use evenkeel_strategies::{FleetSpec, catalog};
use nix::unistd::{AccessFlags, access};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

pub(crate) use different::{SameBuild, check_different};
pub(crate) use label::Labelled;

/// A build of evenkeel under the label by which a study knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// Its label: `baseline` in `reuseport@baseline`.
    pub(crate) label: String,
    /// Where it is, absolute and without links.
    pub(crate) path: PathBuf,
    /// Its version, as it says itself.
    pub(crate) version: String,
    /// What its contents are, as sha256sum(1) prints it.
    sha256: String,
    /// Keys of the strategies that it knows.
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
    /// Looks at the executable: whether it is one of evenkeel, which, and what it knows.
    ///
    /// # Errors
    /// [`UnusableExecutable`] if it is not there, cannot be run, or is no evenkeel.
    pub(crate) fn examine(&self) -> Result<Build, UnusableExecutable> {
        self.check_file()
            .map_err(|problem| self.unusable(problem))?;
        let sorry = |problem: String| self.unusable(problem);
        // Absolute, or a name without a slash would be looked for on PATH.
        let path = self.path.canonicalize();
        let path = path.map_err(|error| self.unusable(error))?;
        Ok(Build {
            label: self.label.clone(),
            version: version(&path).map_err(sorry)?,
            strategies: strategies(&path).map_err(sorry)?,
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
            return Err("it is no file; give the path of an evenkeel executable".to_owned());
        }
        access(path, AccessFlags::X_OK)
            .map_err(|error| format!("it may not be run ({error}); `chmod +x` may help"))
    }

    fn unusable(&self, problem: impl ToString) -> UnusableExecutable {
        UnusableExecutable::new(&self.label, &self.path, problem)
    }
}

impl Build {
    /// Whether it has a strategy of this key.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.strategies.iter().any(|known| known == key)
    }

    /// Starts a worker of it and ends it again: what a study says to its workers changes from
    /// version to version.
    ///
    /// # Errors
    /// [`UnusableExecutable`] if the worker does not become ready.
    pub(crate) fn try_out(&self) -> Result<(), UnusableExecutable> {
        let spec = FleetSpec::new(&self.path, NonZeroUsize::MIN);
        let single = catalog::select(&["single"]).map_err(|error| self.unusable(error))?;
        for strategy in single {
            strategy.launch(&spec).map_err(|error| {
                let (own, version) = (env!("CARGO_PKG_VERSION"), &self.version);
                self.unusable(format!(
                    "evenkeel {version} does not serve as this one, {own}, orders it: {error}; use \
                     builds that are nearer to each other"
                ))
            })?;
        }
        Ok(())
    }

    /// As the record has it.
    pub(crate) fn record(&self) -> ExecutableRecord {
        ExecutableRecord {
            label: self.label.clone(),
            path: self.path.display().to_string(),
            version: self.version.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// The build of a record, if it is still the one that it was.
    ///
    /// # Errors
    /// [`UnusableExecutable`] if it is not, for its trials would be taken for those of the other.
    pub(crate) fn recorded(record: &ExecutableRecord) -> Result<Self, UnusableExecutable> {
        let labelled = Labelled {
            label: record.label.clone(),
            path: record.path.clone().into(),
        };
        let build = labelled.examine()?;
        if build.sha256 != record.sha256 {
            return Err(labelled.unusable(
                "it is not the executable that this study was begun with; put that one back, or \
                 begin a new study",
            ));
        }
        Ok(build)
    }

    fn unusable(&self, problem: impl ToString) -> UnusableExecutable {
        UnusableExecutable::new(&self.label, &self.path, problem)
    }
}

/// What the contents of a file are, as sha256sum(1) prints it.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn sha256(path: &Path) -> io::Result<String> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut digest = Sha256::new();
    loop {
        let read = file.fill_buf()?;
        if read.is_empty() {
            break;
        }
        digest.update(read);
        let taken = read.len();
        file.consume(taken);
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Generous: an answer takes milliseconds, but a busy machine may stall for seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// What an executable prints when it is run with these arguments.
fn say(path: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(path);
    command.args(arguments);
    let said = ask(command, ANSWER_WITHIN);
    let asked = arguments.join(" ");
    said.map(|answer| answer.out)
        .map_err(|problem| format!("asked for `{asked}` it {problem}"))
}

/// What `--version` answers, if it is evenkeel that answers.
fn version(path: &Path) -> Result<String, String> {
    let said = say(path, &["--version"])?;
    match said.trim().strip_prefix("evenkeel ") {
        Some(version) if !version.contains(char::is_whitespace) => Ok(version.to_owned()),
        _ => Err("it does not say that it is evenkeel when asked for its `--version`".to_owned()),
    }
}

/// The part of `evenkeel list --format json` that is looked at.
#[derive(Deserialize)]
struct List {
    strategies: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    key: String,
}

fn strategies(path: &Path) -> Result<Vec<String>, String> {
    let said = say(path, &["list", "--format", "json"])?;
    let list: List = serde_json::from_str(&said)
        .map_err(|error| format!("its `list --format json` is not understood ({error})"))?;
    Ok(list
        .strategies
        .into_iter()
        .map(|listed| listed.key)
        .collect())
}
