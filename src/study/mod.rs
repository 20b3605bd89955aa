//! Carrying out a plan: one trial after the other, each written down as it ends.

pub(crate) mod figures;
pub(crate) mod folder;
mod judge;
mod meter;
mod trial;
mod watch;

use std::path::PathBuf;

use evenkeel_reports::{RecordError, Recorder, Trial};
use evenkeel_strategies::Host;

use crate::interrupt::Interrupt;
use crate::plan::{Cell, Plan};
use crate::progress::Progress;

pub(crate) use judge::too_many_failures;

/// What trials run on.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The executable that dispatchers and workers run: this one.
    pub(crate) executable: PathBuf,
    /// What strategies may ask of the machine.
    pub(crate) host: Host,
    /// Whether someone has asked to end.
    pub(crate) interrupt: Interrupt,
}

/// Runs the trials of the plan that are not done yet and records each as it ends. An
/// interrupt ends it early; the trial that it hit is not recorded.
///
/// # Errors
/// [`RecordError`] if a trial cannot be written down, as on a full disk.
pub(crate) fn run(
    plan: &Plan,
    done: &[Trial],
    bench: &Bench,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<(), RecordError> {
    let ran = run_trials(plan, done, bench, recorder, progress);
    progress.finish();
    ran
}

fn run_trials(
    plan: &Plan,
    done: &[Trial],
    bench: &Bench,
    recorder: &mut Recorder,
    progress: &mut Progress,
) -> Result<(), RecordError> {
    for cell in plan.cells() {
        if done.iter().any(|trial| is_done(plan, cell, trial)) {
            continue;
        }
        progress.begin(plan, cell);
        let Some(trial) = trial::run(plan, cell, bench) else {
            break;
        };
        recorder.append(&trial)?;
        progress.end(&trial);
    }
    Ok(())
}

/// Whether this trial is that cell of the plan. One that failed is worth another attempt.
fn is_done(plan: &Plan, cell: Cell, trial: &Trial) -> bool {
    trial.failed.is_none()
        && trial.block == cell.block
        && trial.strategy == plan.strategies[cell.strategy].key()
        && trial.scenario == plan.scenarios[cell.scenario].name
}

/// How many trials of the plan are not done yet.
pub(crate) fn left_to_do(plan: &Plan, done: &[Trial]) -> usize {
    let is_left = |cell: &Cell| !done.iter().any(|trial| is_done(plan, *cell, trial));
    plan.cells().iter().filter(|cell| is_left(cell)).count()
}
