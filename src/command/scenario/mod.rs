//! `evenkeel scenario`: scenarios as files.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::cli::{ScenarioArgs, ScenarioCommand};
use crate::failure::Failure;
use crate::terminal::message;

/// A scenario with all keys and their explanations.
const NEW: &str = include_str!("new.toml");

/// The name in it.
const NAME: &str = "\"NAME\"";

/// Runs the command.
///
/// # Errors
/// [`Failure::Usage`] if the file exists or cannot be created.
pub(crate) fn run(args: &ScenarioArgs, quiet: bool) -> Result<(), Failure> {
    let ScenarioCommand::New { file } = &args.command;
    write(file).map_err(|error| {
        let path = file.display();
        Failure::Usage(match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{path} exists, and stays as it is; give the path of a new file")
            }
            _ => format!("{path} cannot be created: {error}; give a file in a folder that exists"),
        })
    })?;
    if !quiet {
        let path = file.display();
        message(&format!(
            "{path} is a scenario; run it with `evenkeel run -S {path}`"
        ));
    }
    Ok(())
}

/// Writes a scenario with the name of the file.
fn write(path: &Path) -> std::io::Result<()> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = toml::Value::from(name.into_owned()).to_string();
    let mut file = File::create_new(path)?;
    file.write_all(NEW.replacen(NAME, &name, 1).as_bytes())
}
