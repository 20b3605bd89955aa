//! Output: results go to stdout, everything else goes to stderr.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use terminal_size::{Width, terminal_size_of};

use super::fit;
use crate::failure::Failure;

/// Writes a result to stdout.
///
/// A reader that stops early (`evenkeel list | head -1`) is no error.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written, for example on a full disk.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the result could not be written to standard output ({error}); redirect it to a place \
             with enough space"
        ))),
        _ => Ok(()),
    }
}

/// Writes a table of words to stdout, with lines that fit it.
///
/// # Errors
/// See [`print()`].
pub(crate) fn print_fitting(text: &str) -> Result<(), Failure> {
    print(&fit(text, columns(io::stdout())))
}

/// Writes a file completely or not at all: to a temporary file in its folder, which is then renamed.
///
/// # Errors
/// [`Failure::Failed`] if it cannot be written, for example on a full disk; an existing file stays.
pub(crate) fn write_whole(
    file: &Path,
    contents: &(impl AsRef<[u8]> + ?Sized),
) -> Result<(), Failure> {
    let contents = contents.as_ref();
    let written = match fs::metadata(file) {
        // A device or a pipe must not be replaced.
        Ok(there) if !there.is_file() => fs::write(file, contents),
        // The target of a link is replaced, not the link.
        Ok(_) => fs::canonicalize(file).and_then(|file| replace(&file, contents)),
        Err(_) => replace(file, contents),
    };
    written.map_err(|error| {
        let file = file.display();
        Failure::Failed(format!(
            "{file} cannot be written: {error}; check the folder and the free space"
        ))
    })
}

/// Checks that a file can be written, before the work for it starts; leaves nothing behind.
pub(crate) fn check_place(file: &Path) -> Result<(), Failure> {
    let tried = match fs::metadata(file) {
        Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => OpenOptions::new().write(true).open(file).map(drop),
        Ok(_) => fs::canonicalize(file).and_then(|file| try_in_folder(&file)),
        Err(_) => try_in_folder(file),
    };
    tried.map_err(|error| {
        let file = file.display();
        Failure::Usage(format!(
            "{file} cannot be written: {error}; choose a file in a folder that you may write to"
        ))
    })
}

fn try_in_folder(file: &Path) -> io::Result<()> {
    let fresh = temporary_name(file)?;
    fs::write(&fresh, "").and_then(|()| fs::remove_file(&fresh))
}

/// Returns an unused name in the same folder.
fn temporary_name(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or(ErrorKind::IsADirectory)?;
    let mut fresh = OsString::from(".");
    fresh.push(name);
    fresh.push(format!(".{}", std::process::id()));
    Ok(file.with_file_name(fresh))
}

fn replace(file: &Path, contents: &[u8]) -> io::Result<()> {
    let fresh = temporary_name(file)?;
    fs::write(&fresh, contents)
        .and_then(|()| fs::rename(&fresh, file))
        .inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Number of columns of the terminal behind a stream, if it is one and knows its width; otherwise of the
/// environment variable `COLUMNS`, as in POSIX.
pub(crate) fn columns(stream: impl AsFd) -> Option<usize> {
    let of_terminal = terminal_size_of(stream).map(|(Width(columns), _)| columns.into());
    let set = || std::env::var_os("COLUMNS")?.to_str()?.parse().ok();
    let columns: Option<usize> = of_terminal.or_else(set);
    columns.filter(|columns| *columns > 0)
}

/// Writes a message to stderr. A closed stderr is no error.
pub(crate) fn message(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checked_place_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let there = folder.path().join("there");
        fs::write(&there, "as it was").expect("room");
        for place in [there.clone(), folder.path().join("new"), "/dev/null".into()] {
            check_place(&place).expect("a place for a file");
        }
        for place in [
            folder.path().to_owned(),
            folder.path().join("no/such"),
            there.join("below"),
        ] {
            let error = check_place(&place).expect_err("no place for a file");
            assert!(matches!(error, Failure::Usage(_)), "{error}");
        }
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(
            (names, fs::read_to_string(there).expect("a file")),
            (1, "as it was".to_owned())
        );
    }
}
