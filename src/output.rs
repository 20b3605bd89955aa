//! Results go to stdout; everything else goes to stderr.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

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
pub(crate) fn write_whole(file: &Path, text: &str) -> Result<(), Failure> {
    let written = match fs::metadata(file) {
        // A device or a pipe has nothing that could be kept, and must not be replaced.
        Ok(there) if !there.is_file() => fs::write(file, text),
        // Behind a link, what it points to is replaced and not the link.
        Ok(_) => fs::canonicalize(file).and_then(|file| replace(&file, text)),
        Err(_) => replace(file, text),
    };
    written.map_err(|error| {
        let file = file.display();
        Failure::Failed(format!(
            "{file} cannot be written: {error}; check the folder and the free space"
        ))
    })
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let name = file.file_name().ok_or(ErrorKind::IsADirectory)?;
    let mut fresh = OsString::from(".");
    fresh.push(name);
    fresh.push(format!(".{}", std::process::id()));
    let fresh = file.with_file_name(fresh);
    fs::write(&fresh, text)
        .and_then(|()| fs::rename(&fresh, file))
        .inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Tells something beside the result, on stderr. That nobody listens there is no error.
pub(crate) fn tell(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
