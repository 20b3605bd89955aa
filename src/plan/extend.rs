//! How the plan of a study may grow when the study is resumed.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use evenkeel_common::command_line;
use evenkeel_reports::Extension;

use super::{Plan, PlanError};
use crate::scenario::{self, Scenario};

impl Plan {
    /// Returns the extension to this number of blocks and by these scenarios; `None` if the plan has
    /// the number already and no scenario is given. An added scenario has its own measured time, or
    /// that of the study.
    ///
    /// # Errors
    /// [`PlanError`] if the plan has more blocks or one of the scenarios, or if a scenario cannot be
    /// read. Whether this machine can carry out the whole is not checked here.
    pub(crate) fn extension(
        &self,
        blocks: Option<u32>,
        scenarios: &[PathBuf],
    ) -> Result<Option<Extension>, PlanError> {
        let has = self.config.blocks;
        let blocks = blocks.filter(|blocks| *blocks != has);
        if let Some(blocks) = blocks.filter(|blocks| *blocks < has) {
            return Err(PlanError::FewerBlocks { blocks, has });
        }
        let mut added = scenario::select(scenarios)?;
        if self.config.fleet.command().is_some() {
            added.iter_mut().for_each(Scenario::request_root);
        }
        let is_known = |name: &str| self.scenarios.iter().any(|it| it.name == name);
        if let Some(known) = added.iter().find(|scenario| is_known(&scenario.name)) {
            return Err(PlanError::ScenarioTwice(known.name.clone()));
        }
        if blocks.is_none() && added.is_empty() {
            return Ok(None);
        }
        let record = |scenario: &Scenario| scenario.record(self.workers(scenario).get());
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Some(Extension {
            at_unix_s: now.unwrap_or_default().as_secs(),
            command: command_line::shown(),
            blocks,
            scenarios: added.iter().map(record).collect(),
        }))
    }
}
