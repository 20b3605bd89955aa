//! How large the files of a folder are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The sizes of all files under a folder, which may change meanwhile.
#[derive(Debug, Default)]
pub(super) struct Sizes(BTreeMap<PathBuf, u64>);

impl Sizes {
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

    /// The files that have grown since, or have come.
    pub(super) fn grown_since(&self, earlier: &Self) -> Vec<&Path> {
        let grown = self.0.iter().filter(|(path, size)| {
            let before = earlier.0.get(*path).copied().unwrap_or(0);
            **size > before
        });
        grown.map(|(path, _)| path.as_path()).collect()
    }
}
