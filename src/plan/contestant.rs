//! Strategies as they take part in a study.

use std::sync::Arc;

use evenkeel_reports::StrategyRecord;
use evenkeel_reports::compare::{BUILD_MARK, COPY_MARK, stem};
use evenkeel_strategies::{Strategy, catalog};

use super::PlanError;
use crate::config::{FleetConfig, StudyConfig, VariantConfig};
use crate::executable::Build;

/// A strategy as it takes part in a study.
#[derive(Clone, Debug)]
pub(crate) struct Contestant {
    /// Key in the study: that of the strategy, of one of two copies, such as `single#1`, or of
    /// one build or variant, such as `single@baseline`.
    pub(crate) key: String,
    /// The strategy.
    pub(crate) strategy: &'static dyn Strategy,
    /// The build that serves; `None` if it is this program.
    pub(crate) build: Option<Arc<Build>>,
    /// The variant of the fleet; `None` if there is one.
    variant: Option<VariantConfig>,
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
            variant: None,
        }]
    }

    /// A strategy once per build.
    pub(super) fn per_build(strategy: &'static dyn Strategy, builds: &[Arc<Build>]) -> Vec<Self> {
        let of_build = |build: &Arc<Build>| Self {
            key: key_of(strategy, &build.label),
            strategy,
            build: Some(Arc::clone(build)),
            variant: None,
        };
        builds.iter().map(of_build).collect()
    }

    /// A strategy once per variant of the fleet.
    pub(super) fn per_variant(
        strategy: &'static dyn Strategy,
        variants: &[VariantConfig],
    ) -> Vec<Self> {
        let of_variant = |variant: &VariantConfig| Self {
            key: key_of(strategy, &variant.name),
            strategy,
            build: None,
            variant: Some(variant.clone()),
        };
        variants.iter().map(of_variant).collect()
    }

    /// A strategy twice, to compare it with itself.
    pub(super) fn copies(strategy: &'static dyn Strategy) -> Vec<Self> {
        let copy = |number| Self {
            key: format!("{}{COPY_MARK}{number}", strategy.key()),
            strategy,
            build: None,
            variant: None,
        };
        COPIES.map(copy).into()
    }

    /// The contestants of a record, in its order, looked up among known strategies.
    pub(super) fn recorded(
        records: &[StrategyRecord],
        known: &[&'static dyn Strategy],
        builds: &[Arc<Build>],
        variants: &[VariantConfig],
    ) -> Result<Vec<Self>, PlanError> {
        let mut contestants = Vec::new();
        for StrategyRecord { key, .. } in records {
            let known = catalog::select_among(known, &[stem(key)])?;
            contestants.extend(known.into_iter().map(|strategy| Self {
                key: key.clone(),
                strategy,
                build: (builds.iter().find(|b| key_of(strategy, &b.label) == *key)).cloned(),
                variant: (variants.iter().find(|v| key_of(strategy, &v.name) == *key)).cloned(),
            }));
        }
        Ok(contestants)
    }

    /// The fleet that it has in a study.
    pub(crate) fn fleet<'a>(&'a self, config: &'a StudyConfig) -> &'a FleetConfig {
        let variant = self.variant.as_ref();
        variant.map_or(&config.fleet, |variant| &variant.fleet)
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

    /// One sentence on the strategy, with the build that serves or the variant of the fleet.
    pub(super) fn summary(&self) -> String {
        let summary = self.strategy.profile().summary;
        match (&self.build, &self.variant) {
            (Some(build), _) => format!("{summary}; served by the build {}", build.label),
            (_, Some(variant)) => format!("{summary}; variant {} of the fleet", variant.name),
            (None, None) => summary.to_owned(),
        }
    }
}

fn key_of(strategy: &dyn Strategy, label: &str) -> String {
    format!("{}{BUILD_MARK}{label}", strategy.key())
}
