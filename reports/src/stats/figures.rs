//! The figures of one strategy under one scenario.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    CostFigures, CpuModes, MIN_BEYOND_IN_A_BLOCK, MIN_SAMPLES_BEYOND, Scale, Side, Spread, beyond,
    jain, max_over_mean,
};
use crate::record::{Latency, Measured, WorkerFigures};

/// Figures of a strategy under a scenario over blocks. One that no block has is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Requests answered with success per second.
    pub throughput_rps: Option<Spread>,
    /// Median response time, microseconds.
    pub latency_p50_us: Option<Spread>,
    /// 90th percentile of response time, microseconds.
    pub latency_p90_us: Option<Spread>,
    /// 99th percentile of response time, microseconds.
    pub latency_p99_us: Option<Spread>,
    /// 99.9th percentile of response time, microseconds.
    pub latency_p999_us: Option<Spread>,
    /// Longest response time, microseconds.
    pub latency_max_us: Option<Spread>,
    /// Jain's index of requests over workers.
    pub fairness_requests: Option<Spread>,
    /// Jain's index of connections over workers.
    pub fairness_connections: Option<Spread>,
    /// Jain's index of CPU time over workers.
    pub fairness_cpu: Option<Spread>,
    /// Requests of the busiest worker in units of the mean.
    pub requests_max_over_mean: Option<Spread>,
    /// CPU time of all workers per answered request, microseconds.
    pub workers_cpu_us_per_request: Option<Spread>,
    /// CPU time of the dispatcher per answered request, microseconds.
    pub dispatcher_cpu_us_per_request: Option<Spread>,
    /// CPU time of all workers per answered request by where it was spent, microseconds.
    pub workers_cpu_modes_us_per_request: Option<CpuModes>,
    /// CPU time of the dispatcher per answered request by where it was spent, microseconds.
    pub dispatcher_cpu_modes_us_per_request: Option<CpuModes>,
    /// CPU time of dispatcher and workers per answered request, microseconds.
    pub total_cpu_us_per_request: Option<Spread>,
    /// What all workers used besides CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers_costs: Option<CostFigures>,
    /// What the dispatcher used besides CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatcher_costs: Option<CostFigures>,
    /// Requests answered in all blocks together.
    pub requests: u64,
    /// Fewest requests answered in a block: how far percentiles can be trusted.
    pub fewest_requests: u64,
    /// Failed requests of all blocks together, by class.
    pub errors: BTreeMap<String, u64>,
    /// Mean share of requests per worker over blocks, the busiest of each block first. Sorted
    /// within each block, since a worker that is favoured in one may be starved in the next,
    /// and an average by number would hide both.
    pub request_shares: Vec<f64>,
}

impl Figures {
    pub(super) fn of(trials: &[&Measured]) -> Figures {
        let on = |scale, figure: &dyn Fn(&Measured) -> Option<f64>| {
            Spread::of(trials.iter().filter_map(|m| figure(m)), scale)
        };
        let over = |figure: &dyn Fn(&Measured) -> Option<f64>| on(Scale::Ratio, figure);
        let latency = |pick: fn(&Latency) -> f64| over(&|m| m.latency_us.as_ref().map(pick));
        let workers = |pick: fn(&WorkerFigures) -> Option<f64>| {
            move |m: &Measured| m.per_worker.iter().map(pick).collect::<Option<Vec<_>>>()
        };
        let fairness = |pick| on(Scale::Index, &|m| jain(&workers(pick)(m)?));
        let workers_cpu = over(&Measured::workers_cpu_us_per_request);
        let dispatcher_cpu = over(&Measured::dispatcher_cpu_us_per_request);
        Figures {
            throughput_rps: over(&|m| Some(m.throughput_rps)),
            latency_p50_us: latency(|l| l.p50),
            latency_p90_us: latency(|l| l.p90),
            latency_p99_us: latency(|l| l.p99),
            latency_p999_us: latency(|l| l.p999),
            latency_max_us: latency(|l| l.max),
            fairness_requests: fairness(|w| w.requests.map(|n| n as f64)),
            fairness_connections: fairness(|w| w.connections.map(|n| n as f64)),
            fairness_cpu: fairness(|w| w.cpu_s),
            requests_max_over_mean: over(&|m| {
                max_over_mean(&workers(|w| w.requests.map(|n| n as f64))(m)?)
            }),
            workers_cpu_us_per_request: workers_cpu,
            dispatcher_cpu_us_per_request: dispatcher_cpu,
            workers_cpu_modes_us_per_request: CpuModes::of(trials, workers_cpu, |m| m.workers_cpu),
            dispatcher_cpu_modes_us_per_request: CpuModes::of(trials, dispatcher_cpu, |m| {
                m.dispatcher_cpu
            }),
            total_cpu_us_per_request: over(&Measured::total_cpu_us_per_request),
            workers_costs: CostFigures::of(trials, Side::Workers),
            dispatcher_costs: CostFigures::of(trials, Side::Dispatcher),
            requests: trials.iter().map(|m| m.requests).sum(),
            fewest_requests: trials.iter().map(|m| m.requests).min().unwrap_or(0),
            errors: sum_errors(trials),
            request_shares: request_shares(trials),
        }
    }

    /// What of the CPU time per answered request the kernel took, of workers and dispatcher
    /// together, microseconds; absent where it is not known of both.
    pub fn system_cpu_us_per_request(&self) -> Option<f64> {
        let workers = self.workers_cpu_modes_us_per_request?.system;
        match self.dispatcher_cpu_us_per_request {
            None => Some(workers),
            Some(_) => Some(workers + self.dispatcher_cpu_modes_us_per_request?.system),
        }
    }

    /// What the processes of one side used besides CPU time.
    pub fn costs(&self, side: Side) -> Option<CostFigures> {
        match side {
            Side::Dispatcher => self.dispatcher_costs,
            Side::Workers => self.workers_costs,
        }
    }

    /// Failed requests of all classes and blocks together.
    pub fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Whether enough answers lie beyond a quantile for it to be more than an anecdote: of every block
    /// ([`MIN_BEYOND_IN_A_BLOCK`]) and of all together ([`MIN_SAMPLES_BEYOND`]).
    pub fn supports(&self, quantile: f64) -> bool {
        beyond(quantile, self.fewest_requests) >= MIN_BEYOND_IN_A_BLOCK
            && beyond(quantile, self.requests) >= MIN_SAMPLES_BEYOND
    }
}

fn sum_errors(trials: &[&Measured]) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    for (class, count) in trials.iter().flat_map(|m| &m.errors) {
        *sum.entry(class.clone()).or_default() += count;
    }
    sum
}

fn request_shares(trials: &[&Measured]) -> Vec<f64> {
    let per_block: Vec<Vec<f64>> = trials.iter().filter_map(|m| shares_of(m)).collect();
    let ranks = per_block.iter().map(Vec::len).max().unwrap_or(0);
    let share_at = |block: &Vec<f64>, rank: usize| block.get(rank).copied().unwrap_or(0.0);
    (0..ranks)
        .map(|rank| {
            per_block.iter().map(|b| share_at(b, rank)).sum::<f64>() / per_block.len() as f64
        })
        .collect()
}

/// Shares of requests of one trial, the largest first; `None` if no request was answered, or it is not known
/// by whom.
fn shares_of(trial: &Measured) -> Option<Vec<f64>> {
    let requests = trial.per_worker.iter().map(|w| w.requests);
    let requests: Vec<u64> = requests.collect::<Option<_>>()?;
    let total: u64 = requests.iter().sum();
    let shares = requests.iter().map(|n| *n as f64 / total as f64);
    let mut shares: Vec<f64> = shares.collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    (total > 0).then_some(shares)
}
