//! CPU time per request, and the part of it in the kernel.

use serde::Serialize;

use super::Spread;
use crate::record::{CpuTime, Measured};

const US_PER_S: f64 = 1e6;

/// CPU time per answered request by where it was spent, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CpuModes {
    /// In user code.
    pub user: f64,
    /// In the kernel.
    pub system: f64,
}

impl CpuModes {
    /// The mean of the total, which the CPU clocks count in nanoseconds, divided as the total of all
    /// blocks: the parts are counted in ticks, of which one block may have few.
    pub(super) fn of(
        trials: &[&Measured],
        per_request: Option<Spread>,
        of: fn(&Measured) -> Option<CpuTime>,
    ) -> Option<CpuModes> {
        let known = trials.iter().filter_map(|trial| of(trial));
        let known = known.filter_map(|cpu| Some((cpu.user_s?, cpu.system_s?)));
        let (user, system) =
            known.fold((0.0, 0.0), |(a, b), (user, system)| (a + user, b + system));
        let (total, ticks) = (per_request?.mean, user + system);
        (ticks > 0.0).then(|| CpuModes {
            user: total * user / ticks,
            system: total * system / ticks,
        })
    }
}

impl Measured {
    /// CPU time of workers, and of dispatcher and master where they work, seconds; absent if not measured.
    pub fn fleet_cpu_s(&self) -> Option<f64> {
        let dispatcher = self.dispatcher_cpu.map_or(0.0, |cpu| cpu.total_s);
        let master = self.master_cpu_s.unwrap_or_default();
        Some(self.workers_cpu?.total_s + dispatcher + master)
    }

    /// CPU time of all workers per request that they answered, microseconds; absent if not measured.
    pub fn workers_cpu_us_per_request(&self) -> Option<f64> {
        self.us_per_request(self.workers_cpu?.total_s)
    }

    /// CPU time of the dispatcher per answered request, microseconds; absent without one.
    pub fn dispatcher_cpu_us_per_request(&self) -> Option<f64> {
        self.us_per_request(self.dispatcher_cpu?.total_s)
    }

    /// CPU time of workers, and of dispatcher and master where they work, per answered request, microseconds.
    pub fn total_cpu_us_per_request(&self) -> Option<f64> {
        self.us_per_request(self.fleet_cpu_s()?)
    }

    fn us_per_request(&self, cpu_s: f64) -> Option<f64> {
        self.per_request(cpu_s * US_PER_S)
    }

    /// An amount that was used between the two readings, per request that was answered between them:
    /// by the workers' own count or, where there is none, by the answers of the window.
    pub(super) fn per_request(&self, amount: f64) -> Option<f64> {
        let requests = self.served.unwrap_or(self.requests);
        (requests > 0).then(|| amount / requests as f64)
    }
}
