//! Carrying out a plan: one trial after another, each recorded when it ends.

mod costs;
mod end;
pub(crate) mod figures;
pub(crate) mod folder;
mod judge;
mod meter;
mod requirements;
mod time_series;
mod trial;
mod waiting;
mod watch;

use std::path::PathBuf;
use std::time::Instant;

use evenkeel_reports::compare::Precision;
use evenkeel_reports::{RecordError, Recorder, Study, Trial};
use evenkeel_strategies::Host;

use crate::plan::{Cell, Plan};
use crate::terminal::{Interrupt, Progress};

pub(crate) use end::StudyEnd;
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
/// study. An interrupt ends it early; the interrupted trial is not recorded.
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
        for cell in plan.block(block) {
            if study.trials.iter().any(|trial| is_done(plan, cell, trial)) {
                continue;
            }
            progress.begin(plan, cell);
            let Some(trial) = trial::run(plan, cell, bench) else {
                return Ok(StudyEnd::Interrupted);
            };
            recorder.append(&trial)?;
            progress.end(&trial);
            study.trials.push(trial);
        }
        block += 1;
    }
}

/// Whether this trial is the given cell of the plan. Failed trials are repeated.
fn is_done(plan: &Plan, cell: Cell, trial: &Trial) -> bool {
    trial.failed().is_none()
        && trial.block == cell.block
        && trial.strategy == plan.contestants[cell.strategy].key
        && trial.scenario == plan.scenarios[cell.scenario].name
}

/// Number of trials of the plan that are not done yet.
pub(crate) fn left_to_do(plan: &Plan, done: &[Trial]) -> usize {
    let is_left = |cell: &Cell| !done.iter().any(|trial| is_done(plan, *cell, trial));
    plan.cells().iter().filter(|cell| is_left(cell)).count()
}
