//! Results go to stdout; everything else goes to stderr.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Writes a result to stdout.
///
/// A reader that has seen enough (`evenkeel list | head -1`) is no error.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written to, as on a full disk.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the result could not be written to standard output ({error}); send it to a place \
             that has room for it"
        ))),
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all: beside its place first, from where it is renamed.
///
/// # Errors
/// [`Failure::Failed`] if it cannot be written, as on a full disk; what was there stays.
pub(crate) fn write_whole(
    file: &Path,
    contents: &(impl AsRef<[u8]> + ?Sized),
) -> Result<(), Failure> {
    let contents = contents.as_ref();
    let written = match fs::metadata(file) {
        // A device or a pipe has nothing that could be kept, and must not be replaced.
        Ok(there) if !there.is_file() => fs::write(file, contents),
        // Behind a link, what it points to is replaced and not the link.
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

/// Makes sure that a file can be written, before the work for it is done; leaves nothing behind.
///
/// # Errors
/// [`Failure::Usage`] if it cannot.
pub(crate) fn check_place(file: &Path) -> Result<(), Failure> {
    let tried = match fs::metadata(file) {
        Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => OpenOptions::new().write(true).open(file).map(drop),
        Ok(_) => fs::canonicalize(file).and_then(|file| try_beside(&file)),
        Err(_) => try_beside(file),
    };
    tried.map_err(|error| {
        let file = file.display();
        Failure::Usage(format!(
            "{file} cannot be written: {error}; name a file in a folder that you may write to"
        ))
    })
}

fn try_beside(file: &Path) -> io::Result<()> {
    let fresh = beside(file)?;
    fs::write(&fresh, "").and_then(|()| fs::remove_file(&fresh))
}

/// A name in the same folder that nobody else uses.
fn beside(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or(ErrorKind::IsADirectory)?;
    let mut fresh = OsString::from(".");
    fresh.push(name);
    fresh.push(format!(".{}", std::process::id()));
    Ok(file.with_file_name(fresh))
}

fn replace(file: &Path, contents: &[u8]) -> io::Result<()> {
    let fresh = beside(file)?;
    fs::write(&fresh, contents)
        .and_then(|()| fs::rename(&fresh, file))
        .inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Tells something beside the result, on stderr. That nobody listens there is no error.
pub(crate) fn message(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_tried_before_it_is_needed_and_left_as_it_was() {
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
