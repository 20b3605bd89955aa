//! What is expected of a study, checked before it starts.

use evenkeel_common::toml_file::Origin;
use evenkeel_reports::expect::Predicate;
use thiserror::Error;

use super::Plan;

/// An expectation that cannot be checked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("expectation `{name}`: {problem}")]
pub(crate) struct InvalidExpectation {
    /// Its number in the file, from 0.
    number: usize,
    name: String,
    /// The key whose value is wrong.
    key: &'static str,
    problem: String,
}

impl InvalidExpectation {
    /// Returns the place in the file of a study, for the start of a message.
    pub(crate) fn place(&self, file: &Origin) -> String {
        let table = file.table(&format!("expect.{}", self.number));
        format!("{}`{}`: ", table.place(self.key), self.key)
    }
}

impl Plan {
    /// Checks that each expectation has a name of its own, can be understood, and names what the study has.
    pub(super) fn check_expectations(&self) -> Result<(), InvalidExpectation> {
        let strategies: Vec<&str> = self.contestants.iter().map(|it| it.key.as_str()).collect();
        let scenarios: Vec<&str> = self.scenarios.iter().map(|it| it.name.as_str()).collect();
        let all = &self.config.expectations;
        for (number, expectation) in all.iter().enumerate() {
            let name = &expectation.name;
            let wrong = |key, problem: String| InvalidExpectation {
                number,
                name: name.clone(),
                key,
                problem,
            };
            if name.trim().is_empty() {
                return Err(wrong("name", "it is empty; reports need one".to_owned()));
            }
            if all[..number].iter().any(|other| other.name == *name) {
                let problem = "another one has the same name; give each its own";
                return Err(wrong("name", problem.to_owned()));
            }
            let predicate = expectation.that.parse::<Predicate>();
            let predicate = predicate.map_err(|error| wrong("that", error.to_string()))?;
            predicate
                .check_names(&strategies, &scenarios)
                .map_err(|error| wrong("that", error.to_string()))?;
        }
        Ok(())
    }
}
