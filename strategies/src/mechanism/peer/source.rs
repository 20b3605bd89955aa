//! The files of a recipe: in the executable, or on disk.

use std::borrow::Cow;
use std::io;
use std::path::{Component, Path, PathBuf};

use evenkeel_common::file;
use evenkeel_common::toml_file::TomlError;
use include_dir::{Dir, include_dir};

/// The built-in recipes, each in a folder with its name. They are part of the executable.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/peers");

/// The folder that contains a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder of `strategies/peers`, by name.
    BuiltIn(String),
    /// A folder on disk.
    Folder(PathBuf),
}

impl Source {
    /// Returns the names of all built-in recipes.
    pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
        let folders = BUILT_IN.dirs().map(Dir::path);
        let recipes = folders.filter(|folder| BUILT_IN.get_file(folder.join(RECIPE)).is_some());
        recipes.filter_map(Path::to_str)
    }

    /// Reads a file. The path is relative to the recipe. Built-in recipes may use files of other
    /// folders, such as `../apps/node/cluster.js`.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Cow<'static, [u8]>> {
        match self {
            Self::Folder(folder) => file::read(&folder.join(path), file::LOAD).map(Cow::Owned),
            Self::BuiltIn(name) => resolve(&Path::new(name).join(path))
                .and_then(|path| BUILT_IN.get_file(path))
                .map(|file| Cow::Borrowed(file.contents()))
                .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    /// Reads a file that contains UTF-8 text.
    pub(super) fn read_text(&self, path: &Path) -> Result<String, TomlError> {
        let unreadable = |source| TomlError::Unreadable {
            path: self.name(path),
            source,
        };
        let bytes = self.read(path).map_err(unreadable)?;
        String::from_utf8(bytes.into_owned())
            .map_err(|_| unreadable(io::ErrorKind::InvalidData.into()))
    }

    pub(crate) fn name(&self, path: &Path) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(path),
            Self::BuiltIn(name) => Path::new("strategies/peers").join(name).join(path),
        }
    }
}

pub(crate) const RECIPE: &str = "recipe.toml";

/// Resolves `..` in a path. Returns `None` if the path leaves the folder of recipes.
fn resolve(path: &Path) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::ParentDir if resolved.pop() => {}
            _ => return None,
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_not_leave_the_folder_of_recipes() {
        let resolved = |path: &str| resolve(path.as_ref());
        assert_eq!(
            resolved("one/../apps/./node/server.js"),
            Some("apps/node/server.js".into())
        );
        assert_eq!(resolved("one/../../outside"), None);
        assert_eq!(resolved("/etc/passwd"), None);
    }

    #[test]
    fn a_missing_file_is_not_found() {
        let folder = tempfile::tempdir().expect("a folder");
        for source in [
            Source::BuiltIn("nobody".into()),
            Source::Folder(folder.path().into()),
        ] {
            let error = source.read("recipe.toml".as_ref()).expect_err("nothing");
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
        }
    }
}
