//! Which trials something outside the study disturbed.

use super::median;
use super::steadiness::DISTURBING;
use crate::record::{Measured, Trial};
use crate::units::percent;

/// Fewest trials of a strategy under a scenario that show what is usual: their median bears one that
/// was disturbed.
const FEWEST: usize = 3;

/// A neighbour takes more in one trial than in another, and to make these again would cost time and show
/// nothing. Beyond this multiple of what it usually takes, something else came.
const MULTIPLE: f64 = 2.0;

/// Returns the trials of a block that were disturbed, each with the reason. `trials` are all of the
/// study so far.
///
/// The load generator's lateness and the host's counters decide, never what the strategy did: to
/// choose trials by their results would choose the results. The counters are compared with those of
/// the same strategy under the same scenario in all blocks. For a neighbour that is always there is
/// part of the machine, and it takes more where the strategy leaves more of the CPUs idle.
pub fn disturbed(trials: &[Trial], block: u32) -> Vec<(&Trial, String)> {
    let of_block = trials.iter().filter(|trial| trial.block == block);
    let disturbed =
        of_block.filter_map(|trial| Some((trial, disturbance(trial.measured()?, trial, trials)?)));
    disturbed.collect()
}

fn disturbance(measured: &Measured, trial: &Trial, trials: &[Trial]) -> Option<String> {
    if measured.late {
        return Some("the generator was late".to_owned());
    }
    let (taken, usual) = (taken_by_others(measured)?, usually_taken(trial, trials)?);
    (taken > (usual + DISTURBING).max(usual * MULTIPLE)).then(|| {
        format!(
            "the hypervisor and other processes took {} of the CPUs, and usually {}",
            percent(taken),
            percent(usual)
        )
    })
}

/// What others took in the median trial of the same strategy under the same scenario; `None` if there
/// are too few.
fn usually_taken(trial: &Trial, trials: &[Trial]) -> Option<f64> {
    let alike =
        |other: &&Trial| (&other.strategy, &other.scenario) == (&trial.strategy, &trial.scenario);
    let alike = trials.iter().filter(alike).filter_map(Trial::measured);
    let taken: Vec<f64> = alike.filter_map(taken_by_others).collect();
    (taken.len() >= FEWEST).then(|| median(taken))?
}

/// Mean share of the CPUs that the study did not get; `None` if the host's counters were not read, as
/// in a trial that is too short for them.
fn taken_by_others(measured: &Measured) -> Option<f64> {
    let intervals = measured.intervals.iter();
    let shares: Vec<f64> = intervals
        .filter_map(|interval| Some(interval.host?.taken()))
        .collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}
