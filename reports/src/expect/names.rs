//! Whether a study has what a predicate names.

use evenkeel_common::suggest::nearest;
use thiserror::Error;

use super::predicate::Predicate;

/// A name that a study does not have.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("this study has no {what} `{name}`; {hint}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    hint: String,
}

impl Predicate {
    /// Checks that a study of these strategies and scenarios has what the predicate names.
    ///
    /// # Errors
    /// [`UnknownName`], with the nearest name or else all of them.
    pub fn check_names(&self, strategies: &[&str], scenarios: &[&str]) -> Result<(), UnknownName> {
        for figure in self.figures() {
            known("strategy", &figure.strategy, strategies)?;
        }
        let mut scenario = self.scenario.iter();
        scenario.try_for_each(|name| known("scenario", name, scenarios))
    }
}

fn known(what: &'static str, name: &str, names: &[&str]) -> Result<(), UnknownName> {
    if names.contains(&name) {
        return Ok(());
    }
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.join(", ")),
    };
    Err(UnknownName {
        what,
        name: name.to_owned(),
        hint,
    })
}
