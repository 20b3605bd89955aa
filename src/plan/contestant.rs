//! Strategies as they take part in a study.

use std::sync::Arc;

use evenkeel_reports::StrategyRecord;
use evenkeel_reports::compare::{BUILD_MARK, COPY_MARK, stem};
use evenkeel_strategies::{Strategy, catalog};

use super::PlanError;
use crate::executable::Build;

/// A strategy as it takes part in a study.
#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    /// Key in the study: that of the strategy, of one of two copies, such as `single#1`, or of
    /// one build, such as `single@baseline`.
    pub(crate) key: String,
    /// The strategy.
    pub(crate) strategy: &'static dyn Strategy,
    /// The build that serves; `None` if it is this program.
    pub(crate) build: Option<Arc<Build>>,
}

/// Numbers of the copies in an A/A study.
const COPIES: [u32; 2] = [1, 2];

impl Contestant {
    /// A strategy once.
    pub(super) fn alone(strategy: &'static dyn Strategy) -> Vec<Self> {
        vec![Self {
            key: strategy.key().to_owned(),
            strategy,
            build: None,
        }]
    }

    /// A strategy once per build.
    pub(super) fn per_build(strategy: &'static dyn Strategy, builds: &[Arc<Build>]) -> Vec<Self> {
        let of_build = |build: &Arc<Build>| Self {
            key: key_of(strategy, build),
            strategy,
            build: Some(Arc::clone(build)),
        };
        builds.iter().map(of_build).collect()
    }

    /// A strategy twice, to compare it with itself.
    pub(super) fn copies(strategy: &'static dyn Strategy) -> Vec<Self> {
        let copy = |number| Self {
            key: format!("{}{COPY_MARK}{number}", strategy.key()),
            strategy,
            build: None,
        };
        COPIES.map(copy).into()
    }

    /// The contestants of a record, in its order, looked up among known strategies.
    pub(super) fn recorded(
        records: &[StrategyRecord],
        known: &[&'static dyn Strategy],
        builds: &[Arc<Build>],
    ) -> Result<Vec<Self>, PlanError> {
        let mut contestants = Vec::new();
        for StrategyRecord { key, .. } in records {
            let known = catalog::select_among(known, &[stem(key)])?;
            contestants.extend(known.into_iter().map(|strategy| Self {
                key: key.clone(),
                strategy,
                build: builds.iter().find(|b| key_of(strategy, b) == *key).cloned(),
            }));
        }
        Ok(contestants)
    }

    /// The contestant as the record names it.
    pub(super) fn record(&self) -> StrategyRecord {
        let profile = self.strategy.profile();
        StrategyRecord {
            key: self.key.clone(),
            mechanism: Some(profile.mechanism.to_owned()),
            family: Some(profile.family()),
            summary: self.summary(),
            counterparts: profile.counterparts.to_vec(),
        }
    }

    /// One sentence on the strategy, with the build that serves.
    pub(super) fn summary(&self) -> String {
        let summary = self.strategy.profile().summary;
        match &self.build {
            Some(build) => format!("{summary}; served by the build {}", build.label),
            None => summary.to_owned(),
        }
    }
}

fn key_of(strategy: &dyn Strategy, build: &Build) -> String {
    format!("{}{BUILD_MARK}{}", strategy.key(), build.label)
}
