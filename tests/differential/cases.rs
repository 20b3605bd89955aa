//! Cases: crosses of small parts, which `data/*.toml` lists.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The part of a group that takes part where a cross does not name the group.
const PLAIN: &str = "plain";

#[derive(Deserialize)]
pub(crate) struct Cases {
    /// The groups whose parts make the message, in order.
    order: Vec<String>,
    /// Parts, as `group=name`, after which the backend closes the connection.
    #[serde(default)]
    closing: BTreeSet<String>,
    cross: Vec<BTreeMap<String, Chosen>>,
    #[serde(flatten)]
    groups: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Chosen {
    These(Vec<String>),
    /// The word `all`.
    All(All),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum All {
    All,
}

/// One choice of parts: the name of a part for each group.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case(BTreeMap<String, String>);

impl Case {
    /// Returns what differs from the plain case, as `group=name`.
    pub(crate) fn parts(&self) -> impl Iterator<Item = String> {
        let parts = self.0.iter().filter(|(_, name)| *name != PLAIN);
        parts.map(|(group, name)| format!("{group}={name}"))
    }

    pub(crate) fn name(&self) -> String {
        self.parts().collect::<Vec<_>>().join(" ")
    }
}

impl Cases {
    pub(crate) fn read(toml: &str) -> Self {
        toml::from_str(toml).expect("data of this test")
    }

    /// Returns each case once.
    pub(crate) fn all(&self) -> BTreeSet<Case> {
        self.cross
            .iter()
            .flat_map(|cross| self.cross(cross))
            .collect()
    }

    fn cross(&self, cross: &BTreeMap<String, Chosen>) -> Vec<Case> {
        for group in cross.keys() {
            assert!(self.groups.contains_key(group), "no group {group}");
        }
        let mut cases = vec![Case::default()];
        for (group, parts) in &self.groups {
            let names: Vec<&str> = match cross.get(group) {
                None => vec![PLAIN],
                Some(Chosen::All(All::All)) => parts.keys().map(String::as_str).collect(),
                Some(Chosen::These(names)) => names.iter().map(String::as_str).collect(),
            };
            let with = |case: &Case, name: &str| {
                let mut case = case.clone();
                case.0.insert(group.clone(), name.to_owned());
                case
            };
            cases = cases
                .iter()
                .flat_map(|case| names.iter().map(|name| with(case, name)))
                .collect();
        }
        cases
    }

    /// Returns the message of a case.
    pub(crate) fn message(&self, case: &Case) -> String {
        self.order
            .iter()
            .map(|group| self.part(case, group))
            .collect()
    }

    /// Returns the text that a group adds to the message of a case.
    pub(crate) fn part(&self, case: &Case, group: &str) -> &str {
        &self.groups[group][&case.0[group]]
    }

    /// Whether the backend closes the connection after this answer.
    pub(crate) fn closes(&self, case: &Case) -> bool {
        case.parts().any(|part| self.closing.contains(&part))
    }
}
