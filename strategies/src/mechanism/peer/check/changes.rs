//! Checks of the changes that a recipe describes.

use super::Check;
use crate::mechanism::peer::error::RecipeError;
use crate::mechanism::peer::recipe::{Act, ChangeRule, PeerKind};

impl Check<'_> {
    /// Checks that each change is requested in a way that fits it.
    pub(super) fn changes(&self) -> Result<(), RecipeError> {
        let (kind, can_reload) = (self.recipe.kind, self.can_reload());
        for (key, rule) in self.all_changes() {
            let problem = match (key, &rule.act) {
                ("scale" | "restart", _) if kind == PeerKind::Balancer => Some(
                    "the workers behind a balancer are evenkeel's; only `reload` is for balancers",
                ),
                ("scale", Act::Signal(_)) => Some(
                    "a number cannot be sent by a signal; give `more` and `fewer`, `command`, \
                     `reload` or `cannot`",
                ),
                ("scale", Act::Reload) if !can_reload => {
                    Some("`reload = true` needs a table `reload` that says how")
                }
                ("reload" | "restart", Act::Signals { .. } | Act::Reload) => {
                    Some("give `signal`, `command` or `cannot`; the others are for `scale`")
                }
                (_, Act::Command(command)) if command.is_empty() => {
                    Some("a command needs at least the path of a program")
                }
                _ => None,
            };
            if let Some(problem) = problem {
                return Err(self.error(key, problem));
            }
        }
        Ok(())
    }

    fn can_reload(&self) -> bool {
        let reload = self.recipe.reload.as_ref();
        reload.is_some_and(|rule| !matches!(rule.act, Act::Cannot(_)))
    }

    /// Returns the changes that the recipe describes, with their keys.
    fn all_changes(&self) -> impl Iterator<Item = (&'static str, &ChangeRule)> {
        let recipe = self.recipe;
        let changes = [
            ("reload", &recipe.reload),
            ("scale", &recipe.scale),
            ("restart", &recipe.restart),
        ];
        let changes = changes.into_iter();
        changes.filter_map(|(key, rule)| Some((key, rule.as_ref()?)))
    }

    /// Returns the templates in the commands of changes, with their keys.
    pub(super) fn templates_of_changes(&self) -> impl Iterator<Item = (String, &String)> {
        let commands = self
            .all_changes()
            .filter_map(|(key, rule)| match &rule.act {
                Act::Command(words) => Some((key, words)),
                _ => None,
            });
        commands.flat_map(|(key, words)| {
            let words = words.iter().enumerate();
            words.map(move |(at, word)| (format!("{key}.command.{at}"), word))
        })
    }
}
