//! Small files of procfs and sysfs that the procfs crate does not read.

use std::fs;
use std::str::FromStr;

/// Returns the trimmed text of a file; `None` if this kernel has no such file.
pub(crate) fn text(path: &str) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

/// Returns the value in a file; `None` if this kernel has no such file, or another value in it.
pub(crate) fn value<T: FromStr>(path: &str) -> Option<T> {
    text(path)?.parse().ok()
}
