//! The output of a peer's processes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::subreaper::{self, MAX_BYTES};

fn path(folder: &Path) -> PathBuf {
    folder.join("output.log")
}

pub(super) fn open(folder: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(folder))
}

/// Returns the last lines that were written, as the end of a message.
pub(crate) fn last_lines(folder: &Path) -> String {
    subreaper::last_lines(&end_of(&path(folder)).unwrap_or_default())
}

fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_BYTES as u64)))?;
    let mut text = Vec::new();
    file.take(MAX_BYTES as u64).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_end_of_a_long_output_is_returned() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(last_lines(folder.path()), "it wrote nothing");
        let mut log = open(folder.path()).expect("a file");
        for number in 0..10_000 {
            writeln!(log, "line {number}\n").expect("room for it");
        }
        assert!(last_lines(folder.path()).ends_with("\n  line 9999"));
    }
}
