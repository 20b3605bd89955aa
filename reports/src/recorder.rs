//! Writing a record: a header, then a line per trial when it ends.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::record::{Extension, Header, Line, Trial};
use crate::study::{ReadError, Study, parse_complete, read_file};

/// An open `results.jsonl` to which trials are appended.
///
/// Each line is written in one system call when its trial ends, so a study that is killed keeps every
/// finished trial.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    file: File,
}

/// A record could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There is already a record.
    #[error("{}: holds another study; choose another output folder, or resume this one", .0.display())]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("{}: cannot be written: {source}; check the folder and the free space", path.display())]
    Io {
        /// The record.
        path: PathBuf,
        /// Error of the system.
        source: std::io::Error,
    },
    /// A line could not be put into JSON that can be read back, for instance because a figure
    /// is infinite.
    #[error("{}: a line that could not be read back was not written: {source}; this is a defect of evenkeel", path.display())]
    Unreadable {
        /// The record.
        path: PathBuf,
        /// What is wrong with the line.
        source: serde_json::Error,
    },
    /// The record to resume could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Recorder {
    /// Creates a record at `path` with its header. The folder must exist.
    ///
    /// # Errors
    /// If the file exists already or cannot be written.
    pub fn create(path: &Path, header: &Header) -> Result<Recorder, RecordError> {
        let file = File::create_new(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => RecordError::Exists(path.to_owned()),
            _ => io_error(path, source),
        })?;
        let mut recorder = Recorder {
            path: path.to_owned(),
            file,
        };
        recorder.write(&Line::Study(header.clone()))?;
        Ok(recorder)
    }

    /// Reopens the record of an interrupted study, given the file or its folder, and returns
    /// what it holds. A last line that was cut off in mid-write is removed from the file.
    ///
    /// # Errors
    /// If the record cannot be read or written.
    pub fn resume(path: &Path) -> Result<(Recorder, Study), RecordError> {
        let (path, bytes) = read_file(path)?;
        let (study, complete) = parse_complete(&path, &bytes)?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_len(complete as u64).map(|()| file))
            .map_err(|source| io_error(&path, source))?;
        Ok((Recorder { path, file }, study))
    }

    /// Appends an extension of the plan, and extends the study that was read.
    ///
    /// # Errors
    /// If the file cannot be written, or if the line could not be read back.
    pub fn extend(&mut self, study: &mut Study, extension: Extension) -> Result<(), RecordError> {
        self.write(&Line::Extension(extension.clone()))?;
        study.header.plan.extend(extension);
        Ok(())
    }

    /// Appends a trial.
    ///
    /// # Errors
    /// If the file cannot be written, or if the line could not be read back.
    pub fn append(&mut self, trial: &Trial) -> Result<(), RecordError> {
        self.write(&Line::Trial(trial.clone()))
    }

    fn write(&mut self, line: &Line) -> Result<(), RecordError> {
        let text = readable_json(line).map_err(|source| RecordError::Unreadable {
            path: self.path.clone(),
            source,
        })?;
        self.file
            .write_all(format!("{text}\n").as_bytes())
            .map_err(|source| io_error(&self.path, source))
    }
}

/// JSON has no infinity and writes it as null, which would only be noticed when the study is
/// read; so every line is read back at once.
fn readable_json(line: &Line) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string(line)?;
    serde_json::from_str::<Line>(&text)?;
    Ok(text)
}

fn io_error(path: &Path, source: std::io::Error) -> RecordError {
    RecordError::Io {
        path: path.to_owned(),
        source,
    }
}
