//! Carrying out one block: the trials that the study lacks, then those that were disturbed.

use std::ops::ControlFlow;

use evenkeel_reports::stats::disturbed;
use evenkeel_reports::{Again, RecordError, Recorder, Study, Trial};

use super::{Bench, is_done, trial};
use crate::plan::{Cell, Plan};
use crate::terminal::Progress;

/// Most attempts of a trial: what disturbs three in a row is part of the machine.
const MOST_ATTEMPTS: u32 = 3;

/// Most trials of a block that are made again, as a share of the block, so that a study takes at most
/// a quarter longer. In the default study on a busy machine a tenth of the trials was disturbed.
const MOST_AGAIN: f64 = 0.25;

/// What a block needs of the study.
pub(super) struct Work<'a> {
    pub(super) plan: &'a Plan,
    pub(super) study: &'a mut Study,
    pub(super) bench: &'a Bench,
    pub(super) recorder: &'a mut Recorder,
    pub(super) progress: &'a mut Progress,
}

/// Breaks if an interrupt came.
type Outcome = Result<ControlFlow<()>, RecordError>;

impl Work<'_> {
    /// Carries out a block. Trials that the study has are not made again.
    pub(super) fn block(&mut self, number: u32) -> Outcome {
        let cells = self.plan.block(number);
        let has = |cell: Cell| {
            self.study
                .trials
                .iter()
                .any(|trial| is_done(self.plan, cell, trial))
        };
        let missing: Vec<Cell> = cells.into_iter().filter(|cell| !has(*cell)).collect();
        if missing.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        for cell in &missing {
            if self.make(*cell, None)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if self.make_disturbed_again(&missing)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.progress.end_block(self.plan, number, self.study);
        Ok(ControlFlow::Continue(()))
    }

    fn make_disturbed_again(&mut self, cells: &[Cell]) -> Outcome {
        let mut left = (cells.len() as f64 * MOST_AGAIN).ceil() as usize;
        while left > 0 {
            let due = self.due_again(cells);
            if due.is_empty() {
                break;
            }
            for (cell, again) in due.into_iter().take(left) {
                left -= 1;
                self.progress.again(self.plan, cell, &again);
                if self.make(cell, Some(again))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Returns the disturbed ones of these trials that may have another attempt, in their order.
    fn due_again(&self, cells: &[Cell]) -> Vec<(Cell, Again)> {
        let Some(first) = cells.first() else {
            return Vec::new();
        };
        let disturbed = disturbed(&self.study.trials, first.block);
        let due = cells.iter().filter_map(|cell| {
            let of_cell = |(trial, _): &&(&Trial, String)| is_done(self.plan, *cell, trial);
            let (trial, because) = disturbed.iter().find(of_cell)?;
            let attempt = trial.attempt().saturating_add(1);
            let again = Again {
                attempt,
                because: because.clone(),
            };
            (attempt <= MOST_ATTEMPTS).then_some((*cell, again))
        });
        due.collect()
    }

    /// Makes a trial and records it; it takes the place of an earlier attempt.
    fn make(&mut self, cell: Cell, again: Option<Again>) -> Outcome {
        self.progress.begin(self.plan, cell);
        let Some(mut trial) = trial::run(self.plan, cell, self.bench) else {
            return Ok(ControlFlow::Break(()));
        };
        trial.again = again;
        self.recorder.append(&trial)?;
        self.progress.end(&trial);
        let plan = self.plan;
        self.study
            .trials
            .retain(|earlier| !is_done(plan, cell, earlier));
        self.study.trials.push(trial);
        Ok(ControlFlow::Continue(()))
    }
}
