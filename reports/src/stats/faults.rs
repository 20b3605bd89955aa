//! What the faults of fleets did: requests that were lost or late, and for how long.

use serde::Serialize;

use super::{Scale, Spread, mean};
use crate::record::{FaultPhase, FaultRecord, FaultRequests, Trial};

/// What the faults of its fleet did to a strategy under a scenario, all measured trials together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FaultFigures {
    /// Number of faults that came about.
    pub faults: usize,
    /// Number of those that did not.
    pub failed: usize,
    /// Share of requests that were answered before the faults, over blocks; absent, as all that follows, where
    /// requests are not known one by one.
    pub success_before: Option<Spread>,
    /// The same of requests during a fault.
    pub success_during: Option<Spread>,
    /// The same of requests after a fault; absent if it never was over.
    pub success_after: Option<Spread>,
    /// Requests per fault that were lost during it.
    pub lost: Option<Spread>,
    /// Requests per fault that an ill worker answered, later than any answer before.
    pub late: Option<Spread>,
    /// Longest time that one of these waited, seconds; absent if there was none.
    pub longest_s: Option<f64>,
    /// From the beginning of a fault to when the last request was due that was lost or late, seconds; zero if
    /// none was.
    pub diverted_after_s: Option<Spread>,
    /// From the end of a fault to when the last request was due that was lost or late, seconds.
    pub recovered_after_s: Option<Spread>,
    /// 99th percentile of workers that were well during the fault, in units of before.
    pub p99_rise_of_others: Option<Spread>,
}

impl FaultFigures {
    /// `None` if no trial has a fault.
    pub(super) fn of(trials: &[&Trial]) -> Option<FaultFigures> {
        let measured = trials.iter().filter(|trial| trial.measured().is_some());
        let measured: Vec<&Trial> = measured.copied().collect();
        let all = || measured.iter().flat_map(|trial| &trial.faults);
        all().next()?;
        let failed = all().filter(|fault| fault.error.is_some()).count();
        let over = |figure: &dyn Fn(&FaultRequests) -> Option<f64>| {
            let of_trials = measured.iter().filter_map(|trial| mean_of(trial, figure));
            Spread::of(of_trials, Scale::Count)
        };
        Some(FaultFigures {
            faults: all().count() - failed,
            failed,
            success_before: over(&|it| it.before.success()),
            success_during: over(&|it| it.during.success()),
            success_after: over(&|it| it.after.as_ref()?.success()),
            lost: over(&lost),
            late: over(&|it| Some(it.late as f64)),
            longest_s: all()
                .filter_map(requests)
                .filter_map(|it| it.longest_s)
                .reduce(f64::max),
            diverted_after_s: over(&|it| Some(it.diverted_after_s.unwrap_or(0.0))),
            recovered_after_s: over(&|it| it.recovered_after_s),
            p99_rise_of_others: over(&|it| rise(&it.before, &it.during)),
        })
    }
}

/// Returns how many requests were lost during each fault of a trial, on average.
pub(crate) fn lost_per_fault(trial: &Trial) -> Option<f64> {
    mean_of(trial, &lost)
}

#[expect(clippy::unnecessary_wraps, reason = "a figure may be absent")]
fn lost(requests: &FaultRequests) -> Option<f64> {
    let during = &requests.during;
    Some(during.requests.saturating_sub(during.answered) as f64)
}

fn requests(fault: &FaultRecord) -> Option<&FaultRequests> {
    fault.requests.as_ref()
}

/// Returns the mean of a figure over the faults of a trial.
fn mean_of(trial: &Trial, figure: &dyn Fn(&FaultRequests) -> Option<f64>) -> Option<f64> {
    let figures = trial.faults.iter().filter_map(requests).filter_map(figure);
    mean(figures, Scale::Count)
}

fn rise(before: &FaultPhase, during: &FaultPhase) -> Option<f64> {
    let usual_us = before.p99_of_others_us.filter(|us| *us > 0.0)?;
    Some(during.p99_of_others_us? / usual_us)
}
