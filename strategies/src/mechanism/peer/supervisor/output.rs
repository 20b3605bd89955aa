//! The output of a peer's processes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

fn path(folder: &Path) -> PathBuf {
    folder.join("output.log")
}

pub(super) fn open(folder: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(folder))
}

/// A number of lines that people read.
const MAX_LINES: usize = 12;

/// Limit in bytes, since lines may be long.
const MAX_BYTES: u64 = 4096;

/// Returns the last lines that were written, as the end of a message.
pub(crate) fn last_lines(folder: &Path) -> String {
    let text = end_of(&path(folder)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(MAX_LINES)..];
    match last {
        [] => "it wrote nothing".to_owned(),
        last => format!("its last lines of output:\n  {}", last.join("\n  ")),
    }
}

fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_BYTES)))?;
    let mut text = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn only_the_last_lines_are_returned() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(last_lines(folder.path()), "it wrote nothing");
        let mut log = open(folder.path()).expect("a file");
        for number in 0..10_000 {
            writeln!(log, "line {number}\n").expect("room for it");
        }
        let text = last_lines(folder.path());
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), MAX_LINES);
        assert_eq!(lines.last(), Some(&"  line 9999"));
    }
}
