//! Which trials of a block something outside the study disturbed.

use super::median;
use super::steadiness::DISTURBING;
use crate::record::{Measured, Trial};
use crate::units::percent;

/// Returns the trials of a block that were disturbed, each with the reason.
///
/// The load generator's lateness and the host's counters decide, never what the strategy did: to
/// choose trials by their results would choose the results. The counters are compared with those of
/// the median trial of the block, since a neighbour that is always there is part of the machine.
pub fn disturbed<'a>(block: &[&'a Trial]) -> Vec<(&'a Trial, String)> {
    let measured = block.iter().filter_map(|trial| trial.measured());
    let usual = median(measured.filter_map(taken_by_others));
    let disturbed = block
        .iter()
        .filter_map(|trial| Some((*trial, disturbance(trial.measured()?, usual)?)));
    disturbed.collect()
}

fn disturbance(measured: &Measured, usual: Option<f64>) -> Option<String> {
    if measured.late {
        return Some("the generator was late".to_owned());
    }
    let (taken, usual) = (taken_by_others(measured)?, usual?);
    (taken > usual + DISTURBING).then(|| {
        format!(
            "the hypervisor and other processes took {} of the CPUs, and {} in the median trial of \
             this block",
            percent(taken),
            percent(usual)
        )
    })
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
