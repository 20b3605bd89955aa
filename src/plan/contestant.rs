//! Who takes part in a study.

use std::sync::Arc;

use evenkeel_reports::StrategyRecord;
use evenkeel_reports::compare::{BUILD_MARK, TWIN_MARK, stem};
use evenkeel_strategies::{Strategy, catalog};

use super::PlanError;
use crate::executable::Build;

/// A strategy under the name by which the study knows it.
#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    /// The key of the strategy, of one of its twins, such as `single#1`, or of it as a build
    /// serves it, such as `single@baseline`.
    pub(crate) key: String,
    /// What is run.
    pub(crate) strategy: &'static dyn Strategy,
    /// The build that serves; `None` if it is this program.
    pub(crate) build: Option<Arc<Build>>,
}

/// Numbers of the twins of an A/A study.
const TWINS: [u32; 2] = [1, 2];

impl Contestant {
    /// A strategy as itself.
    pub(super) fn alone(strategy: &'static dyn Strategy) -> Vec<Self> {
        vec![Self {
            key: strategy.key().to_owned(),
            strategy,
            build: None,
        }]
    }

    /// A strategy once for each build.
    pub(super) fn per_build(strategy: &'static dyn Strategy, builds: &[Arc<Build>]) -> Vec<Self> {
        let served = builds.iter().map(|build| Self {
            key: key_of(strategy, build),
            strategy,
            build: Some(Arc::clone(build)),
        });
        served.collect()
    }

    /// A strategy twice, to be compared with itself.
    pub(super) fn twins(strategy: &'static dyn Strategy) -> Vec<Self> {
        let twin = |number| Self {
            key: format!("{}{TWIN_MARK}{number}", strategy.key()),
            strategy,
            build: None,
        };
        TWINS.map(twin).into()
    }

    /// Those of a record, in its order, of the strategies that are known.
    ///
    /// # Errors
    /// [`PlanError::Strategy`] if one is not known.
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

    /// As the record names it.
    pub(super) fn record(&self) -> StrategyRecord {
        StrategyRecord {
            key: self.key.clone(),
            summary: self.summary(),
            counterparts: self.strategy.counterparts().to_vec(),
        }
    }

    /// What it does, and which build of it.
    pub(super) fn summary(&self) -> String {
        let summary = self.strategy.summary();
        match &self.build {
            Some(build) => format!("{summary}; served by the build {}", build.label),
            None => summary,
        }
    }
}

fn key_of(strategy: &dyn Strategy, build: &Build) -> String {
    format!("{}{BUILD_MARK}{}", strategy.key(), build.label)
}
