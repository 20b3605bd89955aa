//! Reading recipes.

use std::iter;
use std::path::{Path, PathBuf};

use evenkeel_common::toml_file::{self, Origin};

use super::check::{self, Check, CheckKey};
use super::source::{RECIPE, Source};
use super::{Peer, key};
use super::{error::RecipeError, recipe::Recipe};

impl Peer {
    /// Returns every built-in peer with its variants, or the error in its recipe, in the order of their
    /// names. A test checks that there are no errors.
    pub(crate) fn built_in(check_key: CheckKey<'_>) -> Vec<Result<Vec<Self>, RecipeError>> {
        let mut names: Vec<&str> = Source::built_in().collect();
        names.sort_unstable();
        let peers = names.into_iter().map(|name| {
            let source = Source::BuiltIn(name.to_owned());
            let path = source.name(RECIPE.as_ref());
            let text = source.read_text(RECIPE.as_ref())?;
            peers(name, &text, &path, &source, check_key)
        });
        peers.collect()
    }

    /// Returns the key of the peer of a recipe on disk. Its name is that of the file, or of the folder
    /// if the file is called `recipe.toml`.
    ///
    /// # Errors
    /// [`RecipeError::Name`] if the name cannot be part of a key.
    pub fn key_of(path: &Path) -> Result<String, RecipeError> {
        Ok(key(&name_of(path)?, None))
    }

    /// Reads a recipe on disk, and returns the peer and its variants.
    pub(crate) fn from_file(
        path: &Path,
        check_key: CheckKey<'_>,
    ) -> Result<Vec<Self>, RecipeError> {
        let text = toml_file::text(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let source = Source::Folder(folder.to_owned());
        peers(&name_of(path)?, &text, path, &source, check_key)
    }
}

/// Returns the peer and its variants, after all checks.
fn peers(
    name: &str,
    text: &str,
    path: &Path,
    source: &Source,
    check_key: CheckKey<'_>,
) -> Result<Vec<Peer>, RecipeError> {
    let recipe: Recipe = toml_file::parse(text, path)?;
    let origin = &Origin::root(path, text);
    let variants = recipe.variants.iter();
    let variants = variants.map(|(of, variant)| (Some(of.as_str()), recipe.with_variant(variant)));
    let peers = iter::once((None, recipe.clone())).chain(variants);
    let peers = peers.map(|(variant, recipe)| {
        check::check(&Check {
            recipe: &recipe,
            variant,
            source,
            origin,
            check_key,
        })?;
        Ok(Peer::new(name, variant, recipe, source.clone()))
    });
    peers.collect()
}

fn name_of(path: &Path) -> Result<String, RecipeError> {
    let is_usual = path.file_name().is_some_and(|name| name == RECIPE);
    let name = match is_usual {
        true => path
            .canonicalize()
            .ok()
            .and_then(|path| path.parent()?.file_name().map(Into::into)),
        false => path.file_stem().map(Into::into),
    };
    let name: PathBuf = name.unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    match check::is_name(&name) {
        true => Ok(name),
        false => Err(RecipeError::Name {
            path: path.to_owned(),
            name,
        }),
    }
}

#[cfg(test)]
mod tests;
