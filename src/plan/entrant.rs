//! Who takes part in a study.

use evenkeel_reports::StrategyRecord;
use evenkeel_reports::compare::{TWIN_MARK, stem};
use evenkeel_strategies::{Strategy, catalog};

use super::PlanError;

/// A strategy under the name by which the study knows it.
#[derive(Clone, Debug)]
pub(crate) struct Entrant {
    /// The key of the strategy, or of one of its twins, such as `single#1`.
    pub(crate) key: String,
    /// What is run.
    pub(crate) strategy: &'static dyn Strategy,
}

/// Numbers of the twins of an A/A study.
const TWINS: [u32; 2] = [1, 2];

impl Entrant {
    /// A strategy as itself.
    pub(super) fn alone(strategy: &'static dyn Strategy) -> Vec<Self> {
        let key = strategy.key().to_owned();
        vec![Self { key, strategy }]
    }

    /// A strategy twice, to be compared with itself.
    pub(super) fn twins(strategy: &'static dyn Strategy) -> Vec<Self> {
        let twin = |number| Self {
            key: format!("{}{TWIN_MARK}{number}", strategy.key()),
            strategy,
        };
        TWINS.map(twin).into()
    }

    /// Those of a record, in its order.
    ///
    /// # Errors
    /// [`PlanError::Strategy`] if the catalogue does not have one.
    pub(super) fn recorded(records: &[StrategyRecord]) -> Result<Vec<Self>, PlanError> {
        let mut entrants = Vec::new();
        for StrategyRecord { key, .. } in records {
            let known = catalog::select(&[stem(key)])?;
            entrants.extend(known.into_iter().map(|strategy| Self {
                key: key.clone(),
                strategy,
            }));
        }
        Ok(entrants)
    }

    /// As the record names it.
    pub(super) fn record(&self) -> StrategyRecord {
        StrategyRecord {
            key: self.key.clone(),
            summary: self.strategy.summary(),
        }
    }
}
