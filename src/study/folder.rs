//! Folders of studies.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use evenkeel_reports::format::{CSV, HTML};
use evenkeel_reports::{Format, RESULTS_FILE};
use thiserror::Error;

/// Parent of folders of studies without `-o`.
pub(crate) const DEFAULT_PARENT: &str = "evenkeel-results";

/// Link to the last study without `-o`.
const LATEST: &str = "latest";

/// Reports that every study leaves next to its record.
pub(crate) static WRITTEN: [Format; 2] = [&CSV, &HTML];

/// A folder that cannot be used for a study.
#[derive(Debug, Error)]
pub(crate) enum FolderError {
    #[error(
        "{folder} already contains a study; resume it with `--resume {folder}`, or choose another \
         folder with `-o`",
        folder = .0.display()
    )]
    Taken(PathBuf),
    #[error(
        "{} already exists, and this study would replace it; choose another folder with `-o`, or \
         remove the file",
        .0.display()
    )]
    Foreign(PathBuf),
    #[error("{} is a file; choose a folder with `-o`", .0.display())]
    File(PathBuf),
    #[error("the output folder {folder} cannot be created ({source}); choose another with `-o`", folder = folder.display())]
    Refused { folder: PathBuf, source: io::Error },
}

/// Checks that a study can be written to this folder.
pub(crate) fn check(folder: &Path) -> Result<(), FolderError> {
    if folder.join(RESULTS_FILE).exists() {
        return Err(FolderError::Taken(folder.to_owned()));
    }
    let reports = WRITTEN.map(|format| folder.join(format.file_name));
    if let Some(foreign) = reports.into_iter().find(|report| report.exists()) {
        return Err(FolderError::Foreign(foreign));
    }
    if folder.is_file() {
        return Err(FolderError::File(folder.to_owned()));
    }
    Ok(())
}

/// Creates the requested folder if it does not exist, or a new folder.
pub(crate) fn prepare(requested: Option<&Path>) -> Result<PathBuf, FolderError> {
    let refused = |folder: &Path| {
        let folder = folder.to_owned();
        move |source| FolderError::Refused { folder, source }
    };
    if let Some(folder) = requested {
        check(folder)?;
        fs::create_dir_all(folder).map_err(refused(folder))?;
        return Ok(folder.to_owned());
    }
    let parent = Path::new(DEFAULT_PARENT);
    fs::create_dir_all(parent).map_err(refused(parent))?;
    let name = stamp(SystemTime::now());
    let folder = create_new(parent, &name).map_err(refused(parent))?;
    // The link is a convenience; a study without it is complete.
    let _ = link_latest(parent, &folder);
    Ok(folder)
}

/// Creates a folder of this name, with a number if two studies begin in the same second.
fn create_new(parent: &Path, name: &str) -> io::Result<PathBuf> {
    let mut folder = parent.join(name);
    let mut number = 2;
    while let Err(error) = fs::create_dir(&folder) {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        folder = parent.join(format!("{name}-{number}"));
        number += 1;
    }
    Ok(folder)
}

fn link_latest(parent: &Path, folder: &Path) -> io::Result<()> {
    let name = folder.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let link = parent.join(LATEST);
    // Renaming replaces the old link atomically; a second study may begin at the same time.
    let fresh = parent.join(format!("{LATEST}-{}", std::process::id()));
    symlink(name, &fresh)?;
    fs::rename(&fresh, &link).inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Returns a moment in UTC as a folder name that sorts by time: `2026-11-20T23-50-00Z`.
fn stamp(moment: SystemTime) -> String {
    humantime::format_rfc3339_seconds(moment)
        .to_string()
        .replace(':', "-")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_stamp_is_the_moment_in_utc_without_colons() {
        let moment = UNIX_EPOCH + Duration::from_secs(1_795_218_600);
        assert_eq!(stamp(moment), "2026-11-20T23-50-00Z");
    }
}
