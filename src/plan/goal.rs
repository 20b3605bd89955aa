//! How far a study goes that has no fixed number of blocks.

use std::time::Duration;

use evenkeel_reports::compare::MIN_BLOCKS;

use super::{Plan, PlanError};
use crate::settings::Settings;

/// How narrow intervals are to be, and how long that may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Goal {
    /// How far an interval may reach up from its ratio: 0.03 for 3%.
    pub(crate) precision: f64,
    /// The time after which no further block is begun.
    pub(crate) max_time: Duration,
}

/// Time for a coffee; the usual study of eight strategies gets some 25 blocks in it.
const USUAL_MAX_TIME: Duration = Duration::from_secs(600);

impl Goal {
    /// What the settings order; `None` if they order a number of blocks.
    ///
    /// # Errors
    /// [`PlanError`] for a time without a precision, or for a precision of 0.
    pub(super) fn of(settings: &Settings) -> Result<Option<Self>, PlanError> {
        match (settings.precision, settings.max_time) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(PlanError::TimeWithoutPrecision),
            (Some(share), _) if share.0 == 0.0 => Err(PlanError::Amount {
                option: "--precision",
                value: share.to_string(),
                problem: "no study is that precise; give a share above 0, such as 3%",
            }),
            (Some(share), max_time) => Ok(Some(Self {
                precision: share.0,
                max_time: max_time.unwrap_or(USUAL_MAX_TIME),
            })),
        }
    }

    /// Of a record.
    ///
    /// # Errors
    /// [`PlanError::RecordedSpan`].
    pub(super) fn recorded(
        precision: Option<f64>,
        max_time_s: Option<f64>,
    ) -> Result<Option<Self>, PlanError> {
        let Some(precision) = precision else {
            return Ok(None);
        };
        let max_time = max_time_s.map_or(Ok(USUAL_MAX_TIME), super::recorded_span)?;
        Ok(Some(Self {
            precision,
            max_time,
        }))
    }

    /// Blocks that are run in any case where nobody orders more: fewer give no verdict.
    pub(super) const FEWEST_BLOCKS: u32 = MIN_BLOCKS as u32;
}

impl Plan {
    /// Whether precision can be reached in the time that there is.
    ///
    /// # Errors
    /// [`PlanError`] if there is nothing to compare, or no time for the fewest blocks.
    pub(super) fn check_goal(&self) -> Result<(), PlanError> {
        let Some(goal) = self.goal else { return Ok(()) };
        if self.strategies.len() < 2 {
            return Err(PlanError::NothingToCompare);
        }
        let least = self.time_for(self.trials());
        if least <= goal.max_time {
            return Ok(());
        }
        Err(PlanError::TooLittleTime {
            max_time: goal.max_time,
            blocks: self.blocks,
            least,
        })
    }

    /// The most blocks that fit into the time, as far as that can be said beforehand.
    pub(crate) fn most_blocks(&self) -> u32 {
        let fit =
            |goal: Goal| (goal.max_time.as_secs_f64() / self.time_per_block().as_secs_f64()) as u32;
        self.goal.map_or(self.blocks, fit).max(self.blocks)
    }
}
