//! Checks of a recipe that need no running process.

mod changes;

use evenkeel_common::toml_file::Origin;
use std::collections::BTreeSet;

use super::error::RecipeError;
use super::recipe::{PeerKind, Recipe};
use super::requirements::{Installed, Item};
use super::variables::{RESERVED, Variables};
use super::{source::Source, template::render};

/// Checks that a key selects strategies other than peers. Returns the problem if it does not.
pub(crate) type CheckKey<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// A recipe or a variant of it, and where it was read from.
pub(super) struct Check<'a> {
    pub(super) recipe: &'a Recipe,
    /// Name of the variant, whose values the recipe then has.
    pub(super) variant: Option<&'a str>,
    pub(super) source: &'a Source,
    pub(super) origin: &'a Origin,
    pub(super) check_key: CheckKey<'a>,
}

/// Checks all values, and renders the templates with sample variables.
pub(super) fn check(check: &Check<'_>) -> Result<(), RecipeError> {
    check.kind()?;
    check.names()?;
    check.counterparts()?;
    check.files()?;
    check.changes()?;
    check.templates()
}

/// Whether a word can be part of a key.
pub(super) fn is_name(word: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !word.is_empty() && word.chars().all(is_allowed)
}

impl Check<'_> {
    /// Creates an error of the value of a dotted key.
    fn error(&self, key: &str, problem: impl Into<String>) -> RecipeError {
        RecipeError::Value {
            place: self.origin.place(key),
            key: key.to_owned(),
            problem: problem.into(),
        }
    }

    /// Returns the dotted key of a value that variants replace.
    fn key_of(&self, key: &str) -> String {
        match self.variant {
            Some(variant) => format!("variants.{variant}.{key}"),
            None => key.to_owned(),
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
                Err(self.error("workers.named", "it is empty, so it matches every process; give a part of the workers' names"))
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
        for (number, key) in self.recipe.counterparts.iter().enumerate() {
            let at = || self.key_of(&format!("counterparts.{number}"));
            (self.check_key)(key).map_err(|unknown| self.error(&at(), unknown))?;
        }
        Ok(())
    }

    fn names(&self) -> Result<(), RecipeError> {
        if let Some(name) = self.recipe.variants.keys().find(|name| !is_name(name)) {
            return Err(self.error(
                &format!("variants.{name}"),
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
                &self.key_of(&format!("set.{name}")),
                format!("`{name}` is a variable of evenkeel; choose another name"),
            )),
            None => Ok(()),
        }
    }

    fn files(&self) -> Result<(), RecipeError> {
        let mut names = BTreeSet::new();
        let templates = self.recipe.templates.iter().enumerate();
        let templates = templates.map(|(number, path)| (format!("templates.{number}"), path));
        let files = self.recipe.files.iter().enumerate();
        let files = files.map(|(number, path)| (format!("files.{number}"), path));
        for (key, path) in templates.chain(files) {
            if let Err(error) = self.source.read(path) {
                let path = self.source.name(path);
                let problem = format!("{} cannot be read: {error}", path.display());
                return Err(self.error(&key, problem));
            }
            let is_new = path.file_name().is_some_and(|name| names.insert(name));
            if !is_new {
                let problem = format!("two files have the name of {}; rename one", path.display());
                return Err(self.error(&key, problem));
            }
        }
        Ok(())
    }

    fn templates(&self) -> Result<(), RecipeError> {
        let variables = Variables::sample(self.all_installed(), &self.recipe.set);
        for path in &self.recipe.templates {
            let text = self.source.read_text(path)?;
            render(&text, &variables).map_err(|error| RecipeError::Template {
                path: self.source.name(path),
                line: error.line,
                problem: error.problem,
            })?;
        }
        self.commands(&variables)
    }

    fn commands(&self, variables: &Variables) -> Result<(), RecipeError> {
        if self.recipe.start.is_empty() {
            return Err(self.error("start", "it is empty; give at least one command"));
        }
        for (number, start) in self.recipe.start.iter().enumerate() {
            let command = format!("start.{number}.command");
            if start.command.is_empty() {
                let problem = "a command needs at least the path of a program";
                return Err(self.error(&command, problem));
            }
            let words = start.command.iter().enumerate();
            let words = words.map(|(at, word)| (format!("{command}.{at}"), word));
            let env = start.env.iter();
            let env = env.map(|(name, value)| (format!("start.{number}.env.{name}"), value));
            self.render_all(words.chain(env), variables)?;
        }
        let env = self.recipe.env.iter();
        let env = env.map(|(name, value)| (format!("env.{name}"), value));
        self.render_all(env.chain(self.templates_of_changes()), variables)
    }

    /// Renders texts, given with their keys.
    fn render_all<'t>(
        &self,
        mut texts: impl Iterator<Item = (String, &'t String)>,
        variables: &Variables,
    ) -> Result<(), RecipeError> {
        texts.try_for_each(|(key, text)| {
            let rendered = render(text, variables);
            rendered
                .map(drop)
                .map_err(|error| self.error(&key, error.problem))
        })
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
