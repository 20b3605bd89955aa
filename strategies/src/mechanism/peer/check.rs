//! Whether a recipe makes sense: whatever can be known of it before anything is started.

use std::collections::BTreeSet;
use std::path::Path;

use super::needs::{Found, Item};
use super::read::RecipeError;
use super::recipe::{Kind, Recipe};
use super::source::Source;
use super::template::render;
use super::variables::{GIVEN, Variables};
use crate::catalog;

/// A recipe that is looked at, and where it stands.
struct Checked<'a> {
    recipe: &'a Recipe,
    source: &'a Source,
    path: &'a Path,
    text: &'a str,
}

/// Looks at everything, and renders its templates with variables of a deployment that there is not.
///
/// # Errors
/// [`RecipeError::Wrong`] for the first thing that is wrong, with file and line.
pub(super) fn check(
    recipe: &Recipe,
    source: &Source,
    path: &Path,
    text: &str,
) -> Result<(), RecipeError> {
    let checked = Checked {
        recipe,
        source,
        path,
        text,
    };
    checked.kind()?;
    checked.patience()?;
    checked.names()?;
    checked.counterparts()?;
    checked.files()?;
    checked.templates()
}

/// Whether a word can be a part of a key.
pub(super) fn is_name(word: &str) -> bool {
    let may_stand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !word.is_empty() && word.chars().all(may_stand)
}

impl Checked<'_> {
    /// What is wrong where this stands first in the recipe.
    fn wrong(&self, there: &str, problem: impl Into<String>) -> RecipeError {
        let line = self.text.lines().position(|line| line.contains(there));
        RecipeError::Wrong {
            path: self.path.to_owned(),
            line: line.map_or(1, |line| line + 1),
            problem: problem.into(),
        }
    }

    fn kind(&self) -> Result<(), RecipeError> {
        let Recipe { kind, workers, .. } = self.recipe;
        match (kind, workers) {
            (Kind::Server, None) => Err(self.wrong(
                "kind",
                "a server needs `[workers]` with `named`: what the names of its worker processes \
                 contain, and those of no other process",
            )),
            (Kind::Server, Some(rule)) if rule.named.is_empty() => {
                Err(self.wrong("named", "`named` is empty, which is a part of every name"))
            }
            (Kind::Server, _) if self.recipe.serves.is_empty() => Err(self.wrong(
                "kind",
                "a server needs `serves`: the targets that its application answers, such as [\"/\"]",
            )),
            (Kind::Balancer, Some(_)) => Err(self.wrong(
                "workers",
                "a balancer stands before evenkeel's own workers; leave out `[workers]`",
            )),
            _ => Ok(()),
        }
    }

    /// A machine that takes longer than an hour has stopped.
    fn patience(&self) -> Result<(), RecipeError> {
        match self.recipe.ready_within_s {
            Some(seconds) if !(seconds > 0.0 && seconds <= 3600.0) => Err(self.wrong(
                "ready_within_s",
                format!("`ready_within_s` is {seconds}; give seconds above 0, up to 3600"),
            )),
            _ => Ok(()),
        }
    }

    fn counterparts(&self) -> Result<(), RecipeError> {
        for key in &self.recipe.counterparts {
            catalog::select_among(&catalog::OURS, &[key])
                .map_err(|unknown| self.wrong(key, format!("`counterparts`: {unknown}")))?;
        }
        Ok(())
    }

    fn names(&self) -> Result<(), RecipeError> {
        if let Some(name) = self.recipe.variants.keys().find(|name| !is_name(name)) {
            return Err(self.wrong(
                name,
                format!(
                    "`{name}` cannot be a part of a key; a variant's name is made of letters, \
                     digits, dots, dashes and underscores"
                ),
            ));
        }
        let taken = self
            .recipe
            .set
            .keys()
            .find(|name| GIVEN.contains(&name.as_str()));
        match taken {
            Some(name) => Err(self.wrong(
                name,
                format!("`{name}` is given by evenkeel; set a variable of another name"),
            )),
            None => Ok(()),
        }
    }

    fn files(&self) -> Result<(), RecipeError> {
        let mut names = BTreeSet::new();
        for path in self.recipe.templates.iter().chain(&self.recipe.files) {
            let there = path.to_string_lossy();
            if let Err(error) = self.source.read(path) {
                let path = self.source.name(path);
                let problem = format!("{} cannot be read: {error}", path.display());
                return Err(self.wrong(&there, problem));
            }
            let is_new = path.file_name().is_some_and(|name| names.insert(name));
            if !is_new {
                let problem = format!("two files are called as {there} is; rename one");
                return Err(self.wrong(&there, problem));
            }
        }
        Ok(())
    }

    fn templates(&self) -> Result<(), RecipeError> {
        let variables = Variables::sample(self.promised(), &self.recipe.set);
        for path in &self.recipe.templates {
            let text = super::read::read_text(self.source, path)?;
            render(&text, &variables).map_err(|error| RecipeError::Wrong {
                path: self.source.name(path),
                line: error.line,
                problem: error.problem,
            })?;
        }
        if self.recipe.start.is_empty() {
            return Err(self.wrong("start", "`start` is empty, so nothing would be run"));
        }
        for start in &self.recipe.start {
            if start.command.is_empty() {
                return Err(self.wrong("command", "a command is at least the path of a program"));
            }
            for text in start.command.iter().chain(start.env.values()) {
                render(text, &variables).map_err(|error| self.wrong(text, error.problem))?;
            }
        }
        Ok(())
    }

    /// What templates may count on where all needs are met.
    fn promised(&self) -> Found {
        let mut found = Found::default();
        for need in &self.recipe.needs {
            match &need.item {
                Item::Program { name, .. } => {
                    found.programs.insert(name.clone(), name.into());
                }
                Item::Module(_) => found.modules = Some("node_modules".into()),
                Item::File(_) => {}
            }
        }
        found
    }
}
