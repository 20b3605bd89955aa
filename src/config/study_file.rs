//! Studies in TOML files.

use std::path::Path;

use super::Settings;
use crate::scenario::is_path;
use evenkeel_common::toml_file::{self, TomlError};

/// Reads the settings of a study. Paths of scenarios, recipes and executables are relative to the
/// file.
pub(crate) fn read_study(path: &Path) -> Result<Settings, TomlError> {
    let mut settings: Settings = toml_file::read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for name in &mut settings.scenarios {
        if is_path(name) {
            *name = folder.join(&*name).to_string_lossy().into_owned();
        }
    }
    for recipe in &mut settings.peers {
        *recipe = folder.join(&*recipe);
    }
    for executable in &mut settings.executables {
        executable.path = folder.join(&executable.path);
    }
    Ok(settings)
}
