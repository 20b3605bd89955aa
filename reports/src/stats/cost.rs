//! What strategies cost besides CPU time.

use serde::Serialize;

use super::{Scale, Spread};
use crate::record::{Measured, ProcessCosts};

/// Which processes of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The dispatchers together.
    Dispatcher,
    /// The workers together.
    Workers,
}

impl Side {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::Dispatcher, Self::Workers];

    /// Returns its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dispatcher => "dispatcher",
            Self::Workers => "workers",
        }
    }
}

/// What the processes of one side used besides CPU time, over blocks. A figure that no block has is
/// absent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CostFigures {
    /// How often a thread gave up its CPU to wait, per answered request.
    pub voluntary_switches_per_request: Option<Spread>,
    /// How often the kernel took the CPU from a thread, per answered request.
    pub involuntary_switches_per_request: Option<Spread>,
    /// System calls per answered request.
    pub system_calls_per_request: Option<Spread>,
    /// Open descriptors.
    pub descriptors: Option<Spread>,
    /// Resident memory, bytes.
    pub resident_bytes: Option<Spread>,
}

impl CostFigures {
    /// `None` if no trial has figures of that side.
    pub(super) fn of(trials: &[&Measured], side: Side) -> Option<CostFigures> {
        let over = |figure: &dyn Fn(&Measured) -> Option<f64>| {
            Spread::of(trials.iter().filter_map(|m| figure(m)), Scale::Count)
        };
        let held = |pick: fn(ProcessCosts) -> Option<u64>| {
            over(&|m| pick(m.process_costs(side)?).map(|held| held as f64))
        };
        let figures = CostFigures {
            voluntary_switches_per_request: over(&|m| {
                m.per_request(m.process_costs(side)?.voluntary_switches? as f64)
            }),
            involuntary_switches_per_request: over(&|m| {
                m.per_request(m.process_costs(side)?.involuntary_switches? as f64)
            }),
            system_calls_per_request: over(&|m| m.system_calls_per_request(side)),
            descriptors: held(|costs| costs.descriptors),
            resident_bytes: held(|costs| costs.resident_bytes),
        };
        let known = trials.iter().any(|m| m.process_costs(side).is_some());
        known.then_some(figures)
    }
}

impl Measured {
    /// Returns what the processes of one side used besides CPU time, as far as it is known.
    pub fn process_costs(&self, side: Side) -> Option<ProcessCosts> {
        let costs = self.costs?;
        match side {
            Side::Dispatcher => costs.dispatcher,
            Side::Workers => costs.workers,
        }
    }

    /// Returns system calls per answered request, if they were counted.
    pub fn system_calls_per_request(&self, side: Side) -> Option<f64> {
        let calls = self.process_costs(side)?.system_calls?;
        let requests = self.costs?.requests_while_counting?;
        (requests > 0).then(|| calls as f64 / requests as f64)
    }
}
