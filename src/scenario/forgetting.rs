//! How long a queue of a scenario remembers how it began.

use std::time::Duration;

use evenkeel_common::duration::LONGEST_S;
use evenkeel_loadgen::{self as loadgen, Cost, WorkKind, WorkPart};

use super::{Scenario, Target, Work};

const US_PER_S: f64 = 1e6;

impl Scenario {
    /// Time after which a worker with a queue of its own has forgotten how it began: for M/M/1 the mean
    /// work over (1 − √load)² (J. W. Cohen, "The Single Server Queue", 1982), and for other work
    /// (1 + c²)/2 times as much, with its coefficient of variation c (W. Whitt, "Planning queueing
    /// simulations", 1989). Any balancer forgets sooner than a random split over such queues.
    ///
    /// `None` in a closed loop, for a trace and work of unknown length, and if it never does: at a load
    /// of 1 or more, or with work of infinite variance.
    pub(crate) fn forgets_in(&self, workers: usize) -> Option<Duration> {
        let mean_s = self.work.mean_busy_s()?;
        let load = self.offered_rps(workers)? * mean_s / workers as f64;
        let mean_square_s2 = self.work.mean_square_us2()? / US_PER_S.powi(2);
        // (1 + c²)/2 times the mean.
        let stretched_s = mean_square_s2 / mean_s / 2.0;
        let forgets_s = stretched_s / (1.0 - load.sqrt()).powi(2);
        (load < 1.0 && forgets_s <= LONGEST_S).then(|| Duration::from_secs_f64(forgets_s))
    }
}

impl Work {
    /// Mean square of its time, square microseconds; `None` if a kind of request has no known time.
    fn mean_square_us2(&self) -> Option<f64> {
        if let Self::Fixed(target) = self {
            return match target {
                Target::Timed(WorkKind::Spin | WorkKind::Block, us) => {
                    Some(Cost::Fixed(*us as f64).mean_square_us2())
                }
                _ => None,
            };
        }
        let loadgen::Work::Mix(parts) = self.to_load().ok()? else {
            return None;
        };
        let square = |part: &WorkPart| part.weight * part.cost.mean_square_us2();
        Some(parts.iter().map(square).sum())
    }
}
