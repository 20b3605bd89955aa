//! Carrying out a plan: one trial after the other, each written down as it ends.

mod costs;
mod ending;
pub(crate) mod figures;
pub(crate) mod folder;
mod judge;
mod meter;
mod needs;
mod peer;
mod theory;
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
use crate::terminal::Interrupt;
use crate::terminal::Progress;

pub(crate) use ending::Ending;
pub(crate) use judge::too_many_failures;
pub(crate) use time_series::TimeSeries;

/// What trials run on.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The executable that dispatchers and workers run where no build is named: this one.
    pub(crate) executable: PathBuf,
    /// What strategies may ask of the machine.
    pub(crate) host: Host,
    /// Where system calls are counted, if this process may.
    pub(crate) tracepoint: Option<u64>,
    /// Whether someone has asked to end.
    pub(crate) interrupt: Interrupt,
}

/// Runs the trials of the plan that the study does not hold yet, records each as it ends, and
/// takes it into the study. An interrupt ends it early; the trial that it hit is not recorded.
///
/// # Errors
/// [`RecordError`] if a trial cannot be written down, as on a full disk.
pub(crate) fn run(
    plan: &Plan,
    study: &mut Study,
    bench: &Bench,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<Ending, RecordError> {
    let ran = run_blocks(plan, study, bench, recorder, progress);
    progress.finish();
    ran
}

fn run_blocks(
    plan: &Plan,
    study: &mut Study,
    bench: &Bench,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<Ending, RecordError> {
    // One that failed is worth another attempt.
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
        if let Some(end) = ending::reached(plan, block, spent, precision) {
            return Ok(end);
        }
        progress.begin_block(plan, block, spent, precision);
        for cell in plan.block(block) {
            if study.trials.iter().any(|trial| is_done(plan, cell, trial)) {
                continue;
            }
            progress.begin(plan, cell);
            let Some(trial) = trial::run(plan, cell, bench) else {
                return Ok(Ending::Interrupted);
            };
            recorder.append(&trial)?;
            progress.end(&trial);
            study.trials.push(trial);
        }
        block += 1;
    }
}

/// Whether this trial is that cell of the plan. One that failed is worth another attempt.
fn is_done(plan: &Plan, cell: Cell, trial: &Trial) -> bool {
    trial.failed().is_none()
        && trial.block == cell.block
        && trial.strategy == plan.contestants[cell.strategy].key
        && trial.scenario == plan.scenarios[cell.scenario].name
}

/// How many trials of the plan are not done yet.
pub(crate) fn left_to_do(plan: &Plan, done: &[Trial]) -> usize {
    let is_left = |cell: &Cell| !done.iter().any(|trial| is_done(plan, *cell, trial));
    plan.cells().iter().filter(|cell| is_left(cell)).count()
}
