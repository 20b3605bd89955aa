//! What a peer needs to be installed, and whether it is.

mod search_path;
mod version;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::launch::UnmetRequirement;

use search_path::SearchPath;

/// Something that must be installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RequirementTable")]
pub struct Requirement {
    /// What must be installed.
    pub item: Item,
    /// Versions that are known to work. Without it, every version is accepted.
    pub known: Option<VersionReq>,
    /// How to install it, such as a command.
    pub get: String,
}

/// What can be required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A program. In templates its path is `programs.NAME`, or `programs['A-NAME']` if the name
    /// contains a dash.
    Program {
        /// Name of the executable file.
        name: String,
        /// Arguments that make it print its version.
        version: Vec<String>,
    },
    /// An npm module. Templates find it in the folder `modules`.
    Module(String),
    /// A file. A path without a leading `/` is relative to `.peers`.
    File(PathBuf),
}

/// What was found on this host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Paths of programs, by name.
    pub programs: BTreeMap<String, PathBuf>,
    /// The folder `node_modules`, if a module is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules: Option<PathBuf>,
    /// Versions of programs and modules, as far as they were checked, by name.
    #[serde(skip)]
    pub versions: BTreeMap<String, String>,
}

/// An unmet requirement.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{problem}; to get it: {get}")]
pub struct Missing {
    /// What is missing or has an unknown version.
    pub problem: String,
    /// How to install it.
    pub get: String,
}

impl From<&Missing> for UnmetRequirement {
    fn from(missing: &Missing) -> Self {
        Self(missing.to_string())
    }
}

/// Looks for all requirements on this host.
pub(super) fn find(requirements: &[Requirement]) -> Result<Installed, Missing> {
    find_in(&SearchPath::of_this_host(), requirements)
}

fn find_in(search_path: &SearchPath, requirements: &[Requirement]) -> Result<Installed, Missing> {
    let mut installed = Installed::default();
    for requirement in requirements {
        let found = requirement.find(search_path, &mut installed);
        found.map_err(|problem| Missing {
            problem,
            get: requirement.get.clone(),
        })?;
    }
    Ok(installed)
}

impl Requirement {
    /// Adds what was found to `installed`, or returns what is wrong.
    fn find(&self, search_path: &SearchPath, installed: &mut Installed) -> Result<(), String> {
        match &self.item {
            Item::Program { name, version } => {
                let (path, version) = self.program(name, version, search_path)?;
                installed.programs.insert(name.clone(), path);
                installed.add_version(name, version);
            }
            Item::Module(name) => {
                let (folder, version) = search_path.module(name)?;
                self.check(name, &folder.join(name), &version)?;
                installed.modules = Some(folder);
                installed.add_version(name, Some(version));
            }
            Item::File(path) => {
                let path = search_path.file(path);
                if !path.exists() {
                    return Err(format!("the file {} does not exist", path.display()));
                }
            }
        }
        Ok(())
    }

    /// Returns the first program of this name with a known version. If there is none, returns what
    /// is wrong with the first program.
    fn program(
        &self,
        name: &str,
        arguments: &[String],
        search_path: &SearchPath,
    ) -> Result<(PathBuf, Option<Version>), String> {
        let mut first_problem = None;
        for path in search_path.programs(name) {
            if arguments.is_empty() {
                return Ok((path, None));
            }
            let version = version::of_program(&path, arguments)
                .map_err(|problem| format!("`{}` {problem}", path.display()))
                .and_then(|version| self.check(name, &path, &version).map(|()| version));
            match version {
                Ok(version) => return Ok((path, Some(version))),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        Err(first_problem.unwrap_or_else(|| format!("`{name}` is not installed")))
    }

    fn check(&self, name: &str, path: &Path, version: &Version) -> Result<(), String> {
        match &self.known {
            Some(known) if !known.matches(version) => Err(format!(
                "{} is {name} {version}; the versions known to work are {known}",
                path.display()
            )),
            _ => Ok(()),
        }
    }

    /// Describes the requirement, such as `nginx >=1.19.5, <2`.
    pub(super) fn describe(&self) -> String {
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

impl Installed {
    fn add_version(&mut self, name: &str, version: Option<Version>) {
        if let Some(version) = version {
            self.versions.insert(name.to_owned(), version.to_string());
        }
    }
}

/// A requirement as a recipe contains it: exactly one of `program`, `module` and `file`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequirementTable {
    /// Name of an executable file.
    program: Option<String>,
    /// Arguments that make the program print its version.
    #[serde(default)]
    version: Vec<String>,
    /// Name of an npm module.
    module: Option<String>,
    /// A file; without a leading `/` it is relative to `.peers`.
    file: Option<PathBuf>,
    /// Versions that are known to work, such as `>=1.18, <2`.
    #[schemars(with = "Option<String>")]
    known: Option<VersionReq>,
    /// How to install it, such as a command.
    get: String,
}

impl TryFrom<RequirementTable> for Requirement {
    type Error = &'static str;

    fn try_from(table: RequirementTable) -> Result<Self, Self::Error> {
        let has_arguments = !table.version.is_empty();
        let item = match (table.program, table.module, table.file) {
            (Some(name), None, None) => Item::Program {
                name,
                version: table.version,
            },
            (None, Some(name), None) => Item::Module(name),
            (None, None, Some(path)) => Item::File(path),
            _ => return Err("give exactly one of `program`, `module` and `file`"),
        };
        match (&item, &table.known) {
            (Item::File(_), Some(_)) => Err("a file has no version; remove `known`"),
            (Item::Program { .. }, Some(_)) if !has_arguments => Err(
                "`known` needs `version`: the arguments that make the program print its version",
            ),
            (Item::Module(_) | Item::File(_), _) if has_arguments => {
                Err("`version` is for programs; the version of a module is in its package.json")
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
