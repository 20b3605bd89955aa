//! A study read back from its `results.jsonl`.

use std::path::{Path, PathBuf};

use evenkeel_common::file::{LARGEST, read};
use serde::Deserialize;

use crate::histogram::{self, HistogramError};
use crate::record::{Extension, Header, Line, Measured, SCHEMA_VERSION, Trial};

/// Name of the record inside the folder of a study.
pub const RESULTS_FILE: &str = "results.jsonl";

/// A plan and its trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// The first line of the record.
    pub header: Header,
    /// Every finished trial, in the order in which they ran. Of a trial that was recorded more than once
    /// (failed or disturbed, then made again) only the last record is here.
    pub trials: Vec<Trial>,
    /// Defects of the file that do not make it useless, one sentence each.
    pub warnings: Vec<String>,
}

/// A record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read: {source}; give the folder of a study or its {RESULTS_FILE}", file.display())]
    Io {
        /// The record.
        file: PathBuf,
        /// Error of the system.
        source: std::io::Error,
    },
    /// The file ends before its first line does.
    #[error("{}: no study in it: the file is empty or its first line is cut off; remove it and run the study again", file.display())]
    Empty {
        /// The record.
        file: PathBuf,
    },
    /// The first line is not the header of a study.
    #[error("{}:1: does not begin with the header of a study; is it a {RESULTS_FILE} of evenkeel?", file.display())]
    NoHeader {
        /// The record.
        file: PathBuf,
    },
    /// The record was written in another format.
    #[error("{}:1: format {found}, but this evenkeel reads format {SCHEMA_VERSION}; read it with the version that wrote it", file.display())]
    Schema {
        /// The record.
        file: PathBuf,
        /// Its version.
        found: u32,
    },
    /// A line could not be understood.
    #[error("{}:{line}: {source}; correct or remove the line", file.display())]
    Line {
        /// The record.
        file: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        source: LineError,
    },
}

/// What is wrong with one line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is not the expected JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is a second header.
    #[error("a second header: two studies in one file")]
    SecondHeader,
    /// It adds a scenario that the plan has already.
    #[error("scenario `{0}` is added, but the plan has it already")]
    AddedTwice(String),
    /// It names something that is not in the plan.
    #[error("{what} `{name}` is not in the header's plan")]
    NotPlanned {
        /// "strategy" or "scenario".
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Its histogram cannot be decoded.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
}

impl Study {
    /// Reads a study from its `results.jsonl` or from the folder that holds it.
    ///
    /// # Errors
    /// See [`ReadError`]. A last line that was cut off in mid-write is no error: it is dropped
    /// with a warning, as an interrupted study is a shorter study.
    pub fn read(path: &Path) -> Result<Study, ReadError> {
        let (file, bytes) = read_file(path)?;
        Study::parse(&file, &bytes)
    }

    /// Reads a study from the contents of a record; `file` only names it in errors.
    ///
    /// # Errors
    /// See [`Study::read`].
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Study, ReadError> {
        parse_complete(file, bytes).map(|(study, _)| study)
    }

    pub(crate) fn trial(&self, strategy: &str, scenario: &str, block: u32) -> Option<&Trial> {
        let mut trials = self.trials.iter();
        trials.find(|trial| id(trial) == (strategy, scenario, block))
    }

    fn extend(&mut self, extension: Extension) -> Result<(), LineError> {
        let plan = &mut self.header.plan;
        let known = |name: &str| plan.scenarios.iter().any(|scenario| scenario.name == name);
        let mut added = extension.scenarios.iter().map(|scenario| &scenario.name);
        if let Some(name) = added.find(|name| known(name)) {
            return Err(LineError::AddedTwice(name.clone()));
        }
        plan.extend(extension);
        Ok(())
    }

    fn take_in(&mut self, trial: Trial) -> Result<(), LineError> {
        let plan = &self.header.plan;
        let not_planned = |what, name: &str| LineError::NotPlanned {
            what,
            name: name.to_owned(),
        };
        if !plan.strategies.iter().any(|s| s.key == trial.strategy) {
            return Err(not_planned("strategy", &trial.strategy));
        }
        if !plan.scenarios.iter().any(|s| s.name == trial.scenario) {
            return Err(not_planned("scenario", &trial.scenario));
        }
        for text in trial.measured().into_iter().flat_map(Measured::histograms) {
            histogram::decode(text)?;
        }
        if plan.precision.is_some() {
            let blocks = plan.blocks.max(trial.block.saturating_add(1));
            self.header.plan.blocks = blocks;
        }
        self.trials.retain(|earlier| id(earlier) != id(&trial));
        self.trials.push(trial);
        Ok(())
    }
}

/// Returns the record at a path that a user gave, with its contents.
pub(crate) fn read_file(path: &Path) -> Result<(PathBuf, Vec<u8>), ReadError> {
    let file = match path.is_dir() {
        true => path.join(RESULTS_FILE),
        false => path.to_owned(),
    };
    match read(&file, LARGEST) {
        Ok(bytes) => Ok((file, bytes)),
        Err(source) => Err(ReadError::Io { file, source }),
    }
}

/// Also returns how many bytes of the file are complete lines, which matters for appending to it.
pub(crate) fn parse_complete(file: &Path, bytes: &[u8]) -> Result<(Study, usize), ReadError> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let first = lines
        .next()
        .filter(|line| line.ends_with(b"\n"))
        .ok_or_else(|| ReadError::Empty {
            file: file.to_owned(),
        })?;
    let mut study = Study {
        header: parse_header(file, first)?,
        trials: Vec::new(),
        warnings: Vec::new(),
    };
    let mut complete = first.len();
    for (text, line) in lines.zip(2..) {
        if !text.ends_with(b"\n") {
            study.warnings.push(format!(
                "{}:{line}: the last line was cut off in mid-write and is left out",
                file.display()
            ));
            break;
        }
        parse_line(&mut study, text).map_err(|source| ReadError::Line {
            file: file.to_owned(),
            line,
            source,
        })?;
        complete += text.len();
    }
    Ok((study, complete))
}

fn parse_line(study: &mut Study, text: &[u8]) -> Result<(), LineError> {
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    match serde_json::from_slice(text)? {
        Line::Study(_) => Err(LineError::SecondHeader),
        Line::Extension(extension) => study.extend(extension),
        Line::Trial(trial) => study.take_in(trial),
    }
}

/// The part of a header that all versions have.
#[derive(Deserialize)]
struct AnyHeader {
    r#type: String,
    schema: u32,
}

fn parse_header(file: &Path, text: &[u8]) -> Result<Header, ReadError> {
    let file = || file.to_owned();
    match serde_json::from_slice::<AnyHeader>(text) {
        Ok(AnyHeader { r#type, schema }) if r#type == "study" => match schema {
            SCHEMA_VERSION => {}
            found => {
                return Err(ReadError::Schema {
                    file: file(),
                    found,
                });
            }
        },
        _ => return Err(ReadError::NoHeader { file: file() }),
    }
    serde_json::from_slice(text).map_err(|error| ReadError::Line {
        file: file(),
        line: 1,
        source: error.into(),
    })
}

impl Measured {
    fn histograms(&self) -> impl Iterator<Item = &String> {
        let intervals = self.intervals.iter().filter_map(|i| i.histogram.as_ref());
        self.histogram.iter().chain(intervals)
    }
}

/// Returns what identifies a trial in its study: strategy, scenario and block.
fn id(trial: &Trial) -> (&str, &str, u32) {
    (&trial.strategy, &trial.scenario, trial.block)
}
