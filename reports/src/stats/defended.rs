//! What the defences of fleets did.

use serde::Serialize;

use crate::record::{Defended, Measured};

/// What the defences of a strategy did, summed over its trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DefenceFigures {
    /// The sums of all trials.
    #[serde(flatten)]
    pub sums: Defended,
    /// Tries beyond one per request, as a share of the requests; absent without requests.
    pub extra_load: Option<f64>,
}

impl DefenceFigures {
    /// `None` if no trial had defences.
    pub(super) fn of(trials: &[&Measured]) -> Option<Self> {
        let sums = trials.iter().filter_map(|trial| trial.defences);
        let sums = sums.reduce(Defended::plus)?;
        Some(Self {
            sums,
            extra_load: sums.extra_load(),
        })
    }
}
