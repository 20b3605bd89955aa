//! Checks of a recipe that need no running process.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::RecipeError;
use super::recipe::{PeerKind, Recipe};
use super::requirements::{Installed, Item};
use super::variables::{RESERVED, Variables};
use super::{source::Source, template::render};

/// Checks that a key selects strategies other than peers. Returns the problem if it does not.
pub(crate) type CheckKey<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// A recipe, and the text that it was read from.
struct Check<'a> {
    recipe: &'a Recipe,
    source: &'a Source,
    path: &'a Path,
    text: &'a str,
    check_key: CheckKey<'a>,
}

/// Checks all values, and renders the templates with sample variables.
pub(super) fn check(
    recipe: &Recipe,
    source: &Source,
    path: &Path,
    text: &str,
    check_key: CheckKey<'_>,
) -> Result<(), RecipeError> {
    let check = Check {
        recipe,
        source,
        path,
        text,
        check_key,
    };
    check.kind()?;
    check.names()?;
    check.counterparts()?;
    check.files()?;
    check.templates()
}

/// Whether a word can be part of a key.
pub(super) fn is_name(word: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !word.is_empty() && word.chars().all(is_allowed)
}

impl Check<'_> {
    /// Creates an error for the first line that contains `text`.
    fn error(&self, text: &str, problem: impl Into<String>) -> RecipeError {
        let line = self.text.lines().position(|line| line.contains(text));
        RecipeError::Invalid {
            path: self.path.to_owned(),
            line: line.map_or(1, |line| line + 1),
            problem: problem.into(),
        }
    }

    fn kind(&self) -> Result<(), RecipeError> {
        let Recipe { kind, workers, .. } = self.recipe;
        match (kind, workers) {
            (PeerKind::Server, None) => Err(self.error(
                "kind",
                "a server needs `[workers]` with `named`: a text that the names of its worker \
                 processes contain, and no others",
            )),
            (PeerKind::Server, Some(rule)) if rule.named.is_empty() => {
                Err(self.error("named", "`named` is empty, so it matches every process; give a part of the workers' names"))
            }
            (PeerKind::Server, _) if self.recipe.serves.is_empty() => Err(self.error(
                "kind",
                "a server needs `serves`: the targets that its application answers, such as [\"/\"]",
            )),
            (PeerKind::Balancer, Some(_)) => Err(self.error(
                "workers",
                "a balancer runs in front of evenkeel's own workers; remove `[workers]`",
            )),
            _ => Ok(()),
        }
    }

    fn counterparts(&self) -> Result<(), RecipeError> {
        for key in &self.recipe.counterparts {
            (self.check_key)(key)
                .map_err(|unknown| self.error(key, format!("`counterparts`: {unknown}")))?;
        }
        Ok(())
    }

    fn names(&self) -> Result<(), RecipeError> {
        if let Some(name) = self.recipe.variants.keys().find(|name| !is_name(name)) {
            return Err(self.error(
                name,
                format!(
                    "`{name}` cannot be part of a key; the name of a variant consists of letters, \
                     digits, dots, dashes and underscores"
                ),
            ));
        }
        let taken = self
            .recipe
            .set
            .keys()
            .find(|name| RESERVED.contains(&name.as_str()));
        match taken {
            Some(name) => Err(self.error(
                name,
                format!("`{name}` is a variable of evenkeel; choose another name"),
            )),
            None => Ok(()),
        }
    }

    fn files(&self) -> Result<(), RecipeError> {
        let mut names = BTreeSet::new();
        for path in self.recipe.templates.iter().chain(&self.recipe.files) {
            let text = path.to_string_lossy();
            if let Err(error) = self.source.read(path) {
                let path = self.source.name(path);
                let problem = format!("{} cannot be read: {error}", path.display());
                return Err(self.error(&text, problem));
            }
            let is_new = path.file_name().is_some_and(|name| names.insert(name));
            if !is_new {
                let problem = format!("two files have the name of {text}; rename one");
                return Err(self.error(&text, problem));
            }
        }
        Ok(())
    }

    fn templates(&self) -> Result<(), RecipeError> {
        let variables = Variables::sample(self.all_installed(), &self.recipe.set);
        for path in &self.recipe.templates {
            let text = self.source.read_text(path)?;
            render(&text, &variables).map_err(|error| RecipeError::Invalid {
                path: self.source.name(path),
                line: error.line,
                problem: error.problem,
            })?;
        }
        if self.recipe.start.is_empty() {
            return Err(self.error("start", "`start` is empty; give at least one command"));
        }
        for start in &self.recipe.start {
            if start.command.is_empty() {
                return Err(self.error("command", "a command needs at least the path of a program"));
            }
            for text in start.command.iter().chain(start.env.values()) {
                render(text, &variables).map_err(|error| self.error(text, error.problem))?;
            }
        }
        Ok(())
    }

    /// Returns what templates can use if all requirements are met.
    fn all_installed(&self) -> Installed {
        let mut installed = Installed::default();
        for requirement in &self.recipe.needs {
            match &requirement.item {
                Item::Program { name, .. } => {
                    installed.programs.insert(name.clone(), name.into());
                }
                Item::Module(_) => installed.modules = Some("node_modules".into()),
                Item::File(_) => {}
            }
        }
        installed
    }
}
