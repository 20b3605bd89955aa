//! The peers of a study.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{PeerRecord, StrategyRecord};
use crate::study::Study;

/// Versions by name of the software; several versions if it was replaced during a study.
pub type Versions<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// A peer, over all of its trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct System<'a> {
    /// Key of the strategy.
    pub strategy: &'a str,
    /// Keys of its counterparts among our own strategies.
    pub counterparts: &'a [String],
    /// Versions of its parts, by name.
    pub versions: Versions<'a>,
    /// How it differs from evenkeel's own worker.
    pub differs: Vec<&'a str>,
    /// Its configuration as it was rendered for its first trial, by file name.
    pub configuration: BTreeMap<&'a str, &'a str>,
}

/// Returns the peers of a study that have a record, in the order of its plan.
pub fn systems(study: &Study) -> Vec<System<'_>> {
    let strategies = study.header.plan.strategies.iter();
    let systems = strategies.filter_map(|strategy| {
        let trials = study.trials.iter().filter(|t| t.strategy == strategy.key);
        let records: Vec<&PeerRecord> = trials.filter_map(|t| t.peer.as_ref()).collect();
        System::of(strategy, &records)
    });
    systems.collect()
}

impl<'a> System<'a> {
    /// `None` if nothing was recorded for it.
    fn of(strategy: &'a StrategyRecord, records: &[&'a PeerRecord]) -> Option<System<'a>> {
        let configuration = &records.first()?.configuration;
        let of_one = |record: &&'a PeerRecord| versions(&record.versions);
        Some(System {
            strategy: &strategy.key,
            counterparts: &strategy.counterparts,
            versions: together(records.iter().map(of_one)),
            differs: differences(records.iter().copied()),
            configuration: configuration
                .iter()
                .map(|(file, text)| (file.as_str(), text.as_str()))
                .collect(),
        })
    }
}

pub(crate) fn all_versions<'a>(systems: &[System<'a>]) -> Versions<'a> {
    together(systems.iter().map(|system| system.versions.clone()))
}

/// Returns how peers differ, each sentence once.
pub(super) fn differences<'a>(records: impl Iterator<Item = &'a PeerRecord>) -> Vec<&'a str> {
    let mut differences: Vec<&str> = Vec::new();
    for text in records.flat_map(|record| &record.differs) {
        if !differences.contains(&text.as_str()) {
            differences.push(text);
        }
    }
    differences
}

fn versions(of_one: &BTreeMap<String, String>) -> Versions<'_> {
    let versions = of_one.iter();
    versions
        .map(|(name, version)| (name.as_str(), BTreeSet::from([version.as_str()])))
        .collect()
}

fn together<'a>(all: impl Iterator<Item = Versions<'a>>) -> Versions<'a> {
    let mut together = Versions::new();
    for (name, versions) in all.flatten() {
        together.entry(name).or_default().extend(versions);
    }
    together
}
