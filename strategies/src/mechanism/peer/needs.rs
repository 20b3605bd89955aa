//! What must be installed, and whether it is.

mod places;
mod version;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::launch::UnmetRequirement;

use places::Places;

/// Something that must be installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct Need {
    /// What it is.
    pub item: Item,
    /// Versions that are known to work; if none, any is taken and none is looked at.
    pub known: Option<VersionReq>,
    /// What to do where it is missing, such as a command.
    pub get: String,
}

/// What can be needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A program. Templates know its path as `programs.NAME`, or `programs['A-NAME']` if there is
    /// a dash in it.
    Program {
        /// By which it is called.
        name: String,
        /// Arguments with which it tells its version.
        version: Vec<String>,
    },
    /// An npm module, which templates find in the folder `modules`.
    Module(String),
    /// A file; one without a leading `/` is below `.peers`.
    File(PathBuf),
}

/// What was found of the needs of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Paths of programs, by their names.
    pub programs: BTreeMap<String, PathBuf>,
    /// The folder `node_modules`, if a module is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<PathBuf>,
    /// Versions of programs and modules that were looked at.
    #[serde(skip)]
    pub versions: BTreeMap<String, String>,
}

/// A need that is not met.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{problem}; to get it: {get}")]
pub struct Missing {
    /// What is not there, or of another version.
    pub problem: String,
    /// What to do.
    pub get: String,
}

impl From<&Missing> for UnmetRequirement {
    fn from(missing: &Missing) -> Self {
        Self(missing.to_string())
    }
}

/// What these needs come to on this host.
///
/// # Errors
/// [`Missing`] for the first that is not there or of another version.
pub(super) fn find(needs: &[Need]) -> Result<Found, Missing> {
    find_in(&Places::of_this_host(), needs)
}

/// The same in these places.
fn find_in(places: &Places, needs: &[Need]) -> Result<Found, Missing> {
    let mut found = Found::default();
    for need in needs {
        let looked = need.look(places, &mut found);
        looked.map_err(|problem| Missing {
            problem,
            get: need.get.clone(),
        })?;
    }
    Ok(found)
}

impl Need {
    /// Adds what it comes to.
    fn look(&self, places: &Places, found: &mut Found) -> Result<(), String> {
        match &self.item {
            Item::Program { name, version } => {
                let (path, version) = self.program(name, version, places)?;
                found.programs.insert(name.clone(), path);
                found.note(name, version);
            }
            Item::Module(name) => {
                let (folder, version) = places.module(name)?;
                self.check(name, &folder.join(name), &version)?;
                found.modules = Some(folder);
                found.note(name, Some(version));
            }
            Item::File(path) => {
                let path = places.file(path);
                if !path.exists() {
                    return Err(format!("there is no {}", path.display()));
                }
            }
        }
        Ok(())
    }

    /// The first program of that name whose version is known to work. Where none is, what is wrong
    /// with the first of all.
    fn program(
        &self,
        name: &str,
        arguments: &[String],
        places: &Places,
    ) -> Result<(PathBuf, Option<Version>), String> {
        let mut first_problem = None;
        for path in places.programs(name) {
            if arguments.is_empty() {
                return Ok((path, None));
            }
            let told = version::of_program(&path, arguments)
                .map_err(|problem| format!("`{}` {problem}", path.display()))
                .and_then(|version| self.check(name, &path, &version).map(|()| version));
            match told {
                Ok(version) => return Ok((path, Some(version))),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        Err(first_problem.unwrap_or_else(|| format!("`{name}` is not installed")))
    }

    fn check(&self, name: &str, path: &Path, version: &Version) -> Result<(), String> {
        match &self.known {
            Some(known) if !known.matches(version) => Err(format!(
                "{} is {name} {version}, and versions that are known to work are {known}",
                path.display()
            )),
            _ => Ok(()),
        }
    }

    /// What it is, in words.
    pub(super) fn in_words(&self) -> String {
        let name = match &self.item {
            Item::Program { name, .. } => name.clone(),
            Item::Module(name) => format!("the npm module {name}"),
            Item::File(path) => path.display().to_string(),
        };
        match &self.known {
            Some(known) => format!("{name} {known}"),
            None => name,
        }
    }
}

impl Found {
    fn note(&mut self, name: &str, version: Option<Version>) {
        if let Some(version) = version {
            self.versions.insert(name.to_owned(), version.to_string());
        }
    }
}

/// A need as it stands in a recipe: exactly one of `program`, `module` and `file`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    program: Option<String>,
    #[serde(default)]
    version: Vec<String>,
    module: Option<String>,
    file: Option<PathBuf>,
    known: Option<VersionReq>,
    get: String,
}

impl TryFrom<Table> for Need {
    type Error = &'static str;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        let tells_version = !table.version.is_empty();
        let item = match (table.program, table.module, table.file) {
            (Some(name), None, None) => Item::Program {
                name,
                version: table.version,
            },
            (None, Some(name), None) => Item::Module(name),
            (None, None, Some(path)) => Item::File(path),
            _ => return Err("a need is exactly one of `program`, `module` and `file`"),
        };
        match (&item, &table.known) {
            (Item::File(_), Some(_)) => Err("a file has no version; leave out `known`"),
            (Item::Program { .. }, Some(_)) if !tells_version => Err(
                "`known` needs `version`, the arguments with which the program tells its version",
            ),
            (Item::Module(_) | Item::File(_), _) if tells_version => {
                Err("`version` is for programs: a module tells it in its package.json")
            }
            _ => Ok(Self {
                item,
                known: table.known,
                get: table.get,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
