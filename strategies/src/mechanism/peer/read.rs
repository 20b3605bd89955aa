//! From a recipe's file to strategies.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::recipe::Recipe;
use super::source::{RECIPE, Source};
use super::{MECHANISM, Peer, check};
use evenkeel_common::toml_file::{self, TomlError};

/// Why a recipe cannot be used.
#[derive(Debug, Error)]
pub enum RecipeError {
    /// Its file cannot be read, or is no recipe.
    #[error(transparent)]
    File(#[from] TomlError),
    /// What stands in it, or in one of its templates, makes no sense.
    #[error("{}:{line}: {problem}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line in it, from 1.
        line: usize,
        /// What is wrong there, and what to do.
        problem: String,
    },
    /// Its name cannot be a part of a key.
    #[error(
        "{} would be the peer `{name}`, and a name is made of letters, digits, dots, dashes and \
         underscores; rename the file", path.display()
    )]
    Name {
        /// The file.
        path: PathBuf,
        /// What it is called.
        name: String,
    },
    /// There is such a strategy already.
    #[error(
        "{} would be `{key}`, and there is a strategy of that key already; rename the file",
        path.display()
    )]
    Taken {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
}

/// Those that travel in the executable, in the order of their names.
pub(super) fn built_in() -> Vec<Result<Vec<Peer>, RecipeError>> {
    let mut names: Vec<&str> = Source::built_in().collect();
    names.sort_unstable();
    let peers = names.into_iter().map(|name| {
        let source = Source::BuiltIn(name.to_owned());
        let path = source.name(RECIPE.as_ref());
        let text = read_text(&source, RECIPE.as_ref())?;
        peers(&key(name), &text, &path, &source)
    });
    peers.collect()
}

/// Those of a file of the user.
pub(super) fn from_file(path: &Path) -> Result<Vec<Peer>, RecipeError> {
    let text = toml_file::text(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let source = Source::Folder(folder.to_owned());
    peers(&key_of(path)?, &text, path, &source)
}

/// The key of that of a file of the user.
pub(super) fn key_of(path: &Path) -> Result<String, RecipeError> {
    Ok(key(&name_of(path)?))
}

fn key(name: &str) -> String {
    format!("{MECHANISM}:{name}")
}

/// The peer and its variants, tried out.
fn peers(key: &str, text: &str, path: &Path, source: &Source) -> Result<Vec<Peer>, RecipeError> {
    let recipe: Recipe = toml_file::parse(text, path)?;
    let variants = recipe.variants.iter();
    let variants =
        variants.map(|(variant, says)| (format!("{key}:{variant}"), recipe.varied(says)));
    let mut peers = vec![(key.to_owned(), recipe.clone())];
    peers.extend(variants);
    let peers = peers.into_iter().map(|(key, recipe)| {
        check::check(&recipe, source, path, text)?;
        Ok(Peer::new(key, recipe, source.clone()))
    });
    peers.collect()
}

/// What a recipe on disk is called.
fn name_of(path: &Path) -> Result<String, RecipeError> {
    let is_usual = path.file_name().is_some_and(|name| name == RECIPE);
    let named = match is_usual {
        true => path
            .canonicalize()
            .ok()
            .and_then(|path| path.parent()?.file_name().map(Into::into)),
        false => path.file_stem().map(Into::into),
    };
    let name: PathBuf = named.unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    match check::is_name(&name) {
        true => Ok(name),
        false => Err(RecipeError::Name {
            path: path.to_owned(),
            name,
        }),
    }
}

/// A text among the files of a recipe.
pub(super) fn read_text(source: &Source, path: &Path) -> Result<String, TomlError> {
    let unreadable = |source: std::io::Error, name| TomlError::Unreadable { path: name, source };
    let bytes = source
        .read(path)
        .map_err(|error| unreadable(error, source.name(path)))?;
    String::from_utf8(bytes.into_owned())
        .map_err(|_| unreadable(std::io::ErrorKind::InvalidData.into(), source.name(path)))
}

#[cfg(test)]
mod tests;
