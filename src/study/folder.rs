//! Where a study is written to.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use evenkeel_reports::RESULTS_FILE;
use thiserror::Error;

/// Where studies go that were given no folder.
pub(crate) const DEFAULT_PARENT: &str = "evenkeel-results";

/// The link to the last study that was given no folder.
const LATEST: &str = "latest";

/// Why a folder cannot take a study.
#[derive(Debug, Error)]
pub(crate) enum FolderError {
    /// It holds one already.
    #[error(
        "{folder} holds a study already; go on with it by `--resume {folder}`, or choose another \
         folder with `-o`",
        folder = .0.display()
    )]
    Taken(PathBuf),
    /// The path is not that of a folder.
    #[error("{} is a file; choose a folder with `-o`", .0.display())]
    File(PathBuf),
    /// The operating system refuses.
    #[error("the output folder {folder} cannot be made ({source}); choose another with `-o`", folder = folder.display())]
    Refused {
        /// The folder.
        folder: PathBuf,
        /// What it says.
        source: io::Error,
    },
}

/// Whether a study could be written to this folder.
///
/// # Errors
/// [`FolderError`] if it holds another, or is none.
pub(crate) fn check(folder: &Path) -> Result<(), FolderError> {
    if folder.join(RESULTS_FILE).exists() {
        return Err(FolderError::Taken(folder.to_owned()));
    }
    if folder.is_file() {
        return Err(FolderError::File(folder.to_owned()));
    }
    Ok(())
}

/// The folder that was asked for, made if it is not there, or a new one.
///
/// # Errors
/// [`FolderError`].
pub(crate) fn prepare(asked: Option<&Path>) -> Result<PathBuf, FolderError> {
    let refused = |folder: &Path| {
        let folder = folder.to_owned();
        move |source| FolderError::Refused { folder, source }
    };
    if let Some(folder) = asked {
        check(folder)?;
        fs::create_dir_all(folder).map_err(refused(folder))?;
        return Ok(folder.to_owned());
    }
    let parent = Path::new(DEFAULT_PARENT);
    fs::create_dir_all(parent).map_err(refused(parent))?;
    let name = stamp(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    );
    let folder = create_new(parent, &name).map_err(refused(parent))?;
    // A convenience: without the link the study is as good.
    let _ = link_latest(parent, &folder);
    Ok(folder)
}

/// Two studies that begin in the same second get folders of their own.
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
    // Renaming replaces the old link in one step; a second study may be beginning just now.
    let fresh = parent.join(format!("{LATEST}-{}", std::process::id()));
    symlink(name, &fresh)?;
    fs::rename(&fresh, &link).inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// A moment in UTC as a folder name that sorts by time: `2026-11-20T23-50-00Z`.
///
/// Years, months and days are counted as in Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms" (civil_from_days): years begin in March, eras have 400 years.
fn stamp(since_epoch: Duration) -> String {
    const DAY_S: u64 = 86_400;
    /// From 0000-03-01 to 1970-01-01.
    const DAYS_BEFORE_EPOCH: u64 = 719_468;
    const ERA_DAYS: u64 = 146_097;
    let seconds = since_epoch.as_secs();
    let days = seconds / DAY_S + DAYS_BEFORE_EPOCH;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_moment_in_utc() {
        for (seconds, expected) in [
            (0, "1970-01-01T00-00-00Z"),
            (951_782_400, "2000-02-29T00-00-00Z"),
            (951_868_800, "2000-03-01T00-00-00Z"),
            (1_735_689_599, "2024-12-31T23-59-59Z"),
            (1_795_218_600, "2026-11-20T23-50-00Z"),
        ] {
            assert_eq!(stamp(Duration::from_secs(seconds)), expected);
        }
    }
}
