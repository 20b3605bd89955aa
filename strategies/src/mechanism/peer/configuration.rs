//! The rendered configuration of a peer: its commands, and the files in its folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::PeerError;
use super::recipe::Recipe;
use super::{source::Source, template::render, variables::Variables};
use crate::mechanism::peer::supervisor::Command;
use crate::worker;

/// A rendered recipe.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) files: BTreeMap<String, String>,
    pub(super) commands: Vec<Command>,
}

impl Configuration {
    pub(super) fn render(
        recipe: &Recipe,
        source: &Source,
        variables: &Variables,
    ) -> Result<Self, PeerError> {
        let templates = recipe.templates.iter();
        let files = templates.map(|path| {
            let text = read(source, path)?;
            let text = String::from_utf8(text).map_err(|error| unusable(path, error))?;
            let rendered = rendered(&text, variables, || path.display().to_string())?;
            Ok((name_of(path)?, rendered))
        });
        let files = files.collect::<Result<_, PeerError>>()?;
        let commands = recipe.start.iter().map(|start| {
            let command = command(recipe, &start.command, &start.env, variables)?;
            Ok::<_, PeerError>(Command {
                ends: start.ends,
                ..command
            })
        });
        let commands = commands.collect::<Result<_, _>>()?;
        Ok(Self { files, commands })
    }

    pub(super) fn write(
        &self,
        recipe: &Recipe,
        source: &Source,
        folder: &Path,
    ) -> Result<(), PeerError> {
        self.write_rendered(folder)?;
        for path in &recipe.files {
            write_file(folder, Path::new(&name_of(path)?), &read(source, path)?)?;
        }
        if recipe.bodies.is_empty() {
            return Ok(());
        }
        let bodies = Path::new("bytes");
        fs::create_dir(folder.join(bodies)).map_err(|error| unusable(bodies, error))?;
        let mut lengths = recipe.bodies.iter();
        lengths.try_for_each(|length| {
            let path = bodies.join(length.to_string());
            write_file(folder, &path, &worker::body(*length))
        })
    }

    /// Writes the rendered templates only.
    pub(super) fn write_rendered(&self, folder: &Path) -> Result<(), PeerError> {
        let mut files = self.files.iter();
        files.try_for_each(|(name, text)| write_file(folder, Path::new(name), text.as_bytes()))
    }

    /// Returns the files and, under a name that no file can have, the commands, for the record.
    pub(super) fn into_record(mut self) -> BTreeMap<String, String> {
        let commands = self.commands.iter().map(|command| format!("{command}\n"));
        self.files.insert(COMMANDS.to_owned(), commands.collect());
        self.files
    }
}

const COMMANDS: &str = "(commands)";

/// Renders a command of the recipe, with the environment of every command and this one in addition. It
/// ends.
pub(super) fn command(
    recipe: &Recipe,
    words: &[String],
    env: &BTreeMap<String, String>,
    variables: &Variables,
) -> Result<Command, PeerError> {
    let rendered = |text: &String| rendered(text, variables, || format!("`{text}`"));
    let env = recipe.env.iter().chain(env);
    let env = env.map(|(name, value)| Ok::<_, PeerError>((name.clone(), rendered(value)?)));
    Ok(Command {
        arguments: words.iter().map(rendered).collect::<Result<_, _>>()?,
        env: env.collect::<Result<_, _>>()?,
        ends: true,
    })
}

fn write_file(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), PeerError> {
    fs::write(folder.join(path), bytes).map_err(|error| unusable(path, error))
}

fn rendered(
    text: &str,
    variables: &Variables,
    what: impl Fn() -> String,
) -> Result<String, PeerError> {
    render(text, variables).map_err(|source| PeerError::Template {
        what: what(),
        source,
    })
}

fn read(source: &Source, path: &Path) -> Result<Vec<u8>, PeerError> {
    let read = source.read(path).map_err(|error| unusable(path, error))?;
    Ok(read.into_owned())
}

/// Returns the name of a file in the folder.
fn name_of(path: &Path) -> Result<String, PeerError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| unusable(path, "it is not the path of a file"))?;
    Ok(name.to_owned())
}

fn unusable(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PeerError {
    let error = error.into();
    PeerError::File {
        path: path.to_owned(),
        source: match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
    }
}
