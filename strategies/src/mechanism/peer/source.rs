//! Where the files of a recipe are.

use std::borrow::Cow;
use std::io;
use std::path::{Component, Path, PathBuf};

use include_dir::{Dir, include_dir};

/// The recipes that travel in the executable, each in a folder of its name.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/peers");

/// The folder that the paths of a recipe start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// One of `strategies/peers`, by its name.
    BuiltIn(String),
    /// A folder on disk.
    Folder(PathBuf),
}

impl Source {
    /// Names of all that are built in and have a recipe.
    pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
        let folders = BUILT_IN.dirs().map(Dir::path);
        let recipes = folders.filter(|folder| BUILT_IN.get_file(folder.join(RECIPE)).is_some());
        recipes.filter_map(Path::to_str)
    }

    /// A file, by its path from the recipe. Built-in recipes may share files of a folder beside
    /// theirs, as in `../apps/node/cluster.js`.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Cow<'static, [u8]>> {
        match self {
            Self::Folder(folder) => std::fs::read(folder.join(path)).map(Cow::Owned),
            Self::BuiltIn(name) => within_the_tree(&Path::new(name).join(path))
                .and_then(|path| BUILT_IN.get_file(path))
                .map(|file| Cow::Borrowed(file.contents()))
                .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    /// How messages name a file.
    pub(crate) fn name(&self, path: &Path) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(path),
            Self::BuiltIn(name) => Path::new("strategies/peers").join(name).join(path),
        }
    }
}

/// The usual name of a recipe's file.
pub(crate) const RECIPE: &str = "recipe.toml";

/// The same path without `..`; none if it leads out of the tree.
fn within_the_tree(path: &Path) -> Option<PathBuf> {
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
    fn a_path_may_go_up_within_the_tree_and_not_beyond() {
        let resolved = |path: &str| within_the_tree(path.as_ref());
        assert_eq!(
            resolved("one/../apps/./node/server.js"),
            Some("apps/node/server.js".into())
        );
        assert_eq!(resolved("one/../../outside"), None);
        assert_eq!(resolved("/etc/passwd"), None);
    }

    #[test]
    fn what_is_not_there_is_not_found() {
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
