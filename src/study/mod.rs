//! Carrying out a plan: one trial after another, each recorded when it ends.

mod block;
mod changes;
mod costs;
mod cpu_spent;
mod end;
mod events;
mod faults;
pub(crate) mod figures;
mod first_answers;
pub(crate) mod folder;
mod judge;
mod later_workers;
mod meter;
mod requirements;
mod time_series;
mod timeline;
mod trial;
mod waiting;
mod watch;
mod worker_counts;

use std::path::PathBuf;
use std::time::Instant;

use evenkeel_reports::compare::Precision;
use evenkeel_reports::{RecordError, Recorder, Study, Trial};
use evenkeel_strategies::Host;

use crate::plan::{Cell, Plan};
use crate::terminal::{Interrupt, Progress};

use block::Work;
pub(crate) use end::StudyEnd;
#[cfg(test)]
pub(crate) use judge::tests::outcome as example_outcome;
pub(crate) use judge::too_many_failures;
pub(crate) use time_series::TimeSeries;

/// Test bench: what all trials of a study use.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Executable of dispatchers and workers, unless the contestant has a build: this program.
    pub(crate) executable: PathBuf,
    /// What this host offers to strategies.
    pub(crate) host: Host,
    /// Tracepoint for counting system calls; `None` if this process may not count them.
    pub(crate) tracepoint: Option<u64>,
    pub(crate) interrupt: Interrupt,
}

/// Runs the trials of the plan that the study lacks, records each when it ends, and adds it to the
/// study. What was disturbed is made again at the end of its block. An interrupt ends it early; the interrupted trial is not recorded.
pub(crate) fn run(
    plan: &Plan,
    study: &mut Study,
    bench: &Bench,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<StudyEnd, RecordError> {
    // Failed trials are repeated.
    study.trials.retain(|trial| trial.failed().is_none());
    let earlier = plan.time_for(study.trials.len());
    let began = Instant::now();
    let mut block = 0;
    loop {
        let precision = match block < plan.config.blocks {
            true => None,
            false => Precision::of_study(study),
        };
        let spent = earlier + began.elapsed();
        if let Some(end) = end::reached(plan, block, spent, precision) {
            return Ok(end);
        }
        progress.begin_block(plan, block, spent, precision);
        let mut work = Work {
            plan,
            study,
            bench,
            recorder,
            progress,
        };
        if work.block(block)?.is_break() {
            return Ok(StudyEnd::Interrupted);
        }
        block += 1;
    }
}

/// Whether this trial is the given cell of the plan. Failed trials are repeated.
fn is_done(plan: &Plan, cell: Cell, trial: &Trial) -> bool {
    trial.failed().is_none()
        && trial.block == cell.block
        && plan.names(cell) == (trial.strategy.as_str(), trial.scenario.as_str())
}

/// Number of trials of the plan that are not done yet.
pub(crate) fn left_to_do(plan: &Plan, done: &[Trial]) -> usize {
    let is_left = |cell: &Cell| !done.iter().any(|trial| is_done(plan, *cell, trial));
    plan.cells().iter().filter(|cell| is_left(cell)).count()
}
