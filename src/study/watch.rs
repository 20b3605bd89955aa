//! Observation of a fleet while the load is measured.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use evenkeel_loadgen::{self as loadgen, Histogram, Observer};
use evenkeel_reports::{Costs, Defended, IntervalRecord};
use evenkeel_strategies::Deployment;

use super::TimeSeries;
use super::costs::CostWatch;
use super::cpu_spent::{CpuSpent, Observation};
use super::meter::Meter;
use super::worker_counts::WorkerCounts;

/// Observes the fleet when the window opens and when it closes; collects the time series.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    fleet: &'a Deployment,
    time_series: TimeSeries,
    meter: Meter,
    costs: CostWatch<'a>,
    /// Connections of each worker that ended before the load started: those of readiness checks.
    ended: Vec<u64>,
    /// What each worker answers, if that is followed.
    worker_counts: Option<WorkerCounts<'a>>,
    opened: Option<Observation>,
    closed: Option<Observation>,
    /// Who waits for the window.
    announced_to: Vec<Sender<Instant>>,
}

/// What a fleet did and used in the window.
#[derive(Debug, PartialEq)]
pub(super) struct Window {
    pub(super) intervals: Vec<IntervalRecord>,
    /// Connections that each worker has accepted since its launch, except for those that ended
    /// before the load started, in order of worker numbers; `None` for a worker that does not count
    /// them.
    pub(super) connections: Vec<Option<u64>>,
    /// Other resources; `None` if none of them is known.
    pub(super) costs: Option<Costs>,
    /// What its defences did; `None` without them.
    pub(super) defences: Option<Defended>,
    /// CPU time in the window, or why it is unknown, one sentence.
    pub(super) cpu: Result<CpuSpent, String>,
}

impl<'a> Watch<'a> {
    /// Watches a window of this length. Counts system calls if there is a tracepoint.
    pub(super) fn new(fleet: &'a Deployment, window: Duration, tracepoint: Option<u64>) -> Self {
        Self {
            fleet,
            time_series: TimeSeries::new(false),
            meter: Meter::new(),
            costs: CostWatch::new(fleet, window, tracepoint),
            ended: ended(fleet),
            worker_counts: None,
            opened: None,
            closed: None,
            announced_to: Vec::new(),
        }
    }

    /// Lets intervals have the requests of each worker, if the workers count them.
    pub(super) fn follow_workers(&mut self) {
        self.worker_counts = WorkerCounts::of(self.fleet);
    }

    fn per_worker(&mut self) -> Vec<u64> {
        let counts = self.worker_counts.as_mut();
        counts.map_or_else(Vec::new, WorkerCounts::since_last)
    }

    /// Sends the time at which the window opens, and closes the channel with the window.
    pub(super) fn announce(&mut self, to: Sender<Instant>) {
        self.announced_to.push(to);
    }

    /// Closes all channels, if the window did not.
    pub(super) fn close(&mut self) {
        self.announced_to.clear();
    }

    /// Returns the result for this measured time.
    pub(super) fn window(self, measured: Duration) -> Window {
        let last = self.closed.unwrap_or_else(|| Observation::now(self.fleet));
        let workers = last.seen.workers.iter().enumerate();
        let connections = workers.map(|(number, worker)| {
            let ended = self.ended.get(number).copied().unwrap_or(0);
            Some(worker.connections_accepted? - ended)
        });
        let defences = self
            .opened
            .as_ref()
            .and_then(|first| defended(first, &last));
        Window {
            intervals: self.time_series.into_intervals(),
            costs: self.costs.into_costs(),
            connections: connections.collect(),
            defences,
            cpu: self
                .opened
                .ok_or_else(|| "the fleet was not observed in time".to_owned())
                .and_then(|first| CpuSpent::between(&first, &last, measured)),
        }
    }
}

/// Connections of each worker that have ended.
fn ended(fleet: &Deployment) -> Vec<u64> {
    let scoreboard = fleet.scoreboard().into_iter();
    let slots = scoreboard.flat_map(|all| (0..all.workers()).map(|worker| all.slot(worker)));
    slots
        .map(|slot| {
            slot.connections_accepted()
                .saturating_sub(slot.connections_open())
        })
        .collect()
}

/// Returns what defences did between two observations.
fn defended(first: &Observation, last: &Observation) -> Option<Defended> {
    let (first, last) = (first.seen.defences?, last.seen.defences?);
    Some(Defended {
        requests: last.requests - first.requests,
        retries: last.retries - first.retries,
        over_budget: last.over_budget - first.over_budget,
        try_timeouts: last.try_timeouts - first.try_timeouts,
        hedges: last.hedges - first.hedges,
        hedges_won: last.hedges_won - first.hedges_won,
        ejections: last.ejections - first.ejections,
        rescued: last.rescued - first.rescued,
    })
}

impl Observer for Watch<'_> {
    fn window_opened(&mut self) {
        for to in &self.announced_to {
            // Nobody waits any more if the thread that does has panicked.
            let _sent = to.send(Instant::now());
        }
        self.opened = Some(Observation::now(self.fleet));
        self.meter.shares(self.fleet.cpu_time());
        self.costs.window_opened();
        self.per_worker();
    }

    fn interval(&mut self, interval: &loadgen::Interval, response: &Histogram<u64>) {
        let host = self.meter.shares(self.fleet.cpu_time());
        let per_worker = self.per_worker();
        self.time_series.add(interval, response, host, per_worker);
        self.costs.look();
    }

    fn progress(&mut self, progress: &loadgen::Progress) {
        self.costs.answered(progress.requests);
        self.costs.look();
    }

    fn window_closed(&mut self) {
        self.close();
        self.closed = Some(Observation::now(self.fleet));
        self.costs.window_closed();
    }
}
