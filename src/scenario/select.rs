//! From names and files to scenarios.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{BUILT_IN, InvalidScenario, SETS, Scenario, built_in};
use evenkeel_common::suggest::did_you_mean;
use evenkeel_common::toml_file::{self, Origin, TomlError};

/// A scenario that cannot be found or read.
#[derive(Debug, Error)]
pub(crate) enum ScenarioError {
    #[error(
        "there is no scenario `{name}`; `evenkeel list` shows all built-in scenarios, and \
         the path of a TOML file works, too{suggestion}"
    )]
    Unknown { name: String, suggestion: String },
    #[error(transparent)]
    File(#[from] TomlError),
    #[error(transparent)]
    InvalidScenario(#[from] InvalidScenario),
    #[error(
        "two different scenarios have the name `{0}`, so reports could not distinguish them; rename one"
    )]
    SameName(String),
}

/// Returns the scenarios with these names, in these sets and files, in this order, each once. A name may be
/// several with commas.
pub(crate) fn select(names: &[PathBuf]) -> Result<Vec<Scenario>, ScenarioError> {
    let mut selected = Vec::new();
    for name in names.iter().flat_map(|name| parts(name)) {
        for scenario in find(&name)? {
            add(&mut selected, scenario)?;
        }
    }
    Ok(selected)
}

/// Splits a list at its commas, unless it is the path of a file.
fn parts(name: &Path) -> Vec<PathBuf> {
    match name.to_str() {
        Some(list) if !name.exists() => list.split(',').map(Into::into).collect(),
        _ => vec![name.to_owned()],
    }
}

/// Adds a scenario unless the list already contains it.
pub(crate) fn add(selected: &mut Vec<Scenario>, scenario: Scenario) -> Result<(), ScenarioError> {
    match selected.iter().find(|other| other.name == scenario.name) {
        Some(other) if *other == scenario => {}
        Some(_) => return Err(ScenarioError::SameName(scenario.name)),
        None => selected.push(scenario),
    }
    Ok(())
}

fn find(path: &Path) -> Result<Vec<Scenario>, ScenarioError> {
    let name = path.to_string_lossy();
    if let Some((_, members)) = SETS.iter().find(|(set, _)| *set == name) {
        return Ok(members
            .iter()
            .filter_map(|member| built_in(member))
            .collect());
    }
    if let Some(scenario) = built_in(&name) {
        return Ok(vec![scenario]);
    }
    if is_path(path) || path.exists() {
        return Ok(vec![read(path)?]);
    }
    let known = BUILT_IN.iter().map(|(known, _)| *known);
    let sets = SETS.iter().map(|(set, _)| *set);
    Err(ScenarioError::Unknown {
        suggestion: did_you_mean(&name, known.chain(sets)),
        name: name.into_owned(),
    })
}

fn read(path: &Path) -> Result<Scenario, TomlError> {
    let text = toml_file::text(path)?;
    let scenario: Scenario = toml_file::parse(&text, path)?;
    Ok(Scenario {
        origin: Origin::root(path, &text),
        ..scenario
    })
}

/// Whether a name can only be the path of a file.
pub(crate) fn is_path(name: &Path) -> bool {
    let is_file = name.extension().is_some_and(|end| end == "toml");
    is_file || name.as_os_str().as_encoded_bytes().contains(&b'/')
}
