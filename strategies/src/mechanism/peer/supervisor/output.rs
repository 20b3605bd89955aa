//! What the processes of another system write.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where they write it, in the folder of the supervisor.
fn path(folder: &Path) -> PathBuf {
    folder.join("output.log")
}

/// To be written to by one process more.
pub(super) fn open(folder: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path(folder))
}

/// As many lines as a person reads at once.
const MOST_LINES: usize = 12;

/// Lines may be long.
const MOST_BYTES: u64 = 4096;

/// The last lines that were written, as the end of a message; that there are none, if so.
pub(crate) fn last_lines(folder: &Path) -> String {
    let text = end_of(&path(folder)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(MOST_LINES)..];
    match last {
        [] => "it wrote nothing".to_owned(),
        last => format!("its last lines of output:\n  {}", last.join("\n  ")),
    }
}

fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST_BYTES)))?;
    let mut text = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_last_lines_are_told_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(last_lines(folder.path()), "it wrote nothing");
        let mut log = open(folder.path()).expect("a file");
        for number in 0..10_000 {
            writeln!(log, "line {number}\n").expect("room for it");
        }
        let told = last_lines(folder.path());
        let lines: Vec<&str> = told.lines().skip(1).collect();
        assert_eq!(lines.len(), MOST_LINES);
        assert_eq!(lines.last(), Some(&"  line 9999"));
    }
}
