//! Small files of procfs and sysfs.

use std::fs;
use std::str::FromStr;

/// The trimmed text of a file; `None` where this kernel has no such file.
pub(super) fn text(path: &str) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

/// The number in a file.
pub(super) fn number<T: FromStr>(path: &str) -> Option<T> {
    text(path)?.parse().ok()
}
