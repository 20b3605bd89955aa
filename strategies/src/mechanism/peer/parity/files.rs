//! The sizes of the files in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The sizes of all files below a folder at one moment, in bytes.
#[derive(Debug, Default)]
pub(super) struct Sizes(BTreeMap<PathBuf, u64>);

impl Sizes {
    /// Reads the sizes. Files that disappear meanwhile are left out.
    pub(super) fn of(folder: &Path) -> Self {
        let mut sizes = Self::default();
        sizes.add(folder);
        sizes
    }

    fn add(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => self.add(&entry.path()),
                Ok(metadata) if metadata.is_file() => {
                    self.0.insert(entry.path(), metadata.len());
                }
                _ => {}
            }
        }
    }

    /// Returns the files that have grown since, or are new and not empty.
    pub(super) fn grown_since(&self, earlier: &Self) -> Vec<&Path> {
        let grown = self.0.iter().filter(|(path, size)| {
            let before = earlier.0.get(*path).copied().unwrap_or(0);
            **size > before
        });
        grown.map(|(path, _)| path.as_path()).collect()
    }
}
