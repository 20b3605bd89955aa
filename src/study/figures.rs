//! Figures of the record, from results of the load generator and observations of the fleet.

use std::collections::BTreeMap;

use evenkeel_loadgen::{ErrorClass, Loss, Outcome};
use evenkeel_reports::histogram::{self, HistogramError};
use evenkeel_reports::{
    self as reports, ANSWERED, Account, Latency, Measured, UNFINISHED, Unfinished, WorkerFigures,
};
use evenkeel_strategies::CpuTime;

use super::cpu_spent::CpuSpent;
use super::judge;
use super::watch::Window;

const US_PER_S: f64 = 1e6;
const NS_PER_S: f64 = 1e9;

/// Returns the figures of the load generator, and reasons why they are not valid.
pub(crate) fn of_load(outcome: &Outcome) -> Result<Measured, HistogramError> {
    let histogram = match outcome.response.is_empty() {
        true => None,
        false => Some(histogram::encode(&outcome.response)?),
    };
    let invalid_because = judge::objections_to_load(outcome);
    Ok(Measured {
        requests: outcome.requests,
        statuses: statuses(outcome),
        duration_s: outcome.duration.as_secs_f64(),
        throughput_rps: outcome.throughput_rps(),
        offered_rps: outcome.offered.and_then(|offered| offered.offered_rps),
        latency_us: Latency::from_histogram(&outcome.response),
        service_us: Latency::from_histogram(&outcome.service),
        lag_us: Latency::from_histogram(&outcome.lag),
        histogram,
        intervals: Vec::new(),
        waiting_us: None,
        errors: by_class(&outcome.errors),
        connect_errors: by_class(&outcome.connect_errors),
        moved: None,
        defences: None,
        repeated: Some(outcome.repeated.requests()),
        account: Some(account(outcome)),
        unfinished: Some(unfinished(outcome)),
        per_worker: Vec::new(),
        dispatcher_cpu: None,
        workers_cpu: None,
        master_cpu_s: None,
        served: None,
        costs: None,
        loadgen_cpu_s: outcome.cpu.as_secs_f64(),
        late: outcome.is_late(),
        valid: invalid_because.is_empty(),
        invalid_because,
        notes: outcome.notes.clone(),
    })
}

fn account(outcome: &Outcome) -> Account {
    let account = outcome.account();
    let mut classes = by_class(&account.failed);
    let others = [
        (ANSWERED, account.answered),
        (UNFINISHED, account.unfinished),
    ];
    let others = others.into_iter().filter(|(_, count)| *count > 0);
    classes.extend(others.map(|(class, count)| (class.to_owned(), count)));
    Account {
        requests: account.requests,
        classes,
        repeated: by_class(&outcome.repeated.instead_of),
        repeated_answered: outcome.repeated.answered,
        losses: outcome.losses.first.iter().map(loss).collect(),
        losses_left_out: outcome.losses.left_out,
    }
}

fn loss(loss: &Loss) -> reports::Loss {
    reports::Loss {
        at_s: loss.at_ns as f64 / NS_PER_S,
        sent_s: loss.sent_ns as f64 / NS_PER_S,
        class: loss.class.name().into_owned(),
        worker: loss.worker,
        kept: loss.is_on_kept,
    }
}

fn by_class(counts: &BTreeMap<ErrorClass, u64>) -> BTreeMap<String, u64> {
    let counts = counts.iter();
    counts
        .map(|(class, count)| (class.name().into_owned(), *count))
        .collect()
}

fn statuses(outcome: &Outcome) -> BTreeMap<String, u64> {
    let statuses = outcome.statuses.iter();
    statuses
        .map(|(status, count)| (status.to_string(), *count))
        .collect()
}

fn unfinished(outcome: &Outcome) -> Unfinished {
    let unfinished = outcome.unfinished;
    Unfinished {
        requests: unfinished.requests,
        overdue: unfinished.overdue,
        longest_us: unfinished.longest.as_secs_f64() * US_PER_S,
        known_up_to: outcome.known_up_to(),
    }
}

/// Adds what the fleet did and used. Unknown CPU times are absent, with a note.
/// Answers of a program of the user do not name their worker, so `named` is false.
pub(super) fn add_fleet(measured: &mut Measured, outcome: &Outcome, window: &Window, named: bool) {
    measured.intervals.clone_from(&window.intervals);
    measured.costs = window.costs;
    let connections = window.connections.iter().enumerate();
    measured.per_worker = connections
        .map(|(number, connections)| WorkerFigures {
            worker: number as u32,
            connections: *connections,
            requests: named.then(|| outcome.per_worker.get(number).copied().unwrap_or(0)),
            cpu_s: None,
        })
        .collect();
    match &window.cpu {
        Ok(cpu) => add_cpu(measured, cpu),
        Err(reason) => measured
            .notes
            .push(format!("the CPU time of the fleet is unknown: {reason}")),
    }
}

fn add_cpu(measured: &mut Measured, cpu: &CpuSpent) {
    measured.workers_cpu = Some(recorded(cpu.workers));
    measured.dispatcher_cpu = cpu.dispatcher.map(recorded);
    measured.master_cpu_s = cpu.master.map(|cpu| cpu.total.as_secs_f64());
    measured.served = cpu.served;
    for (figures, cpu) in measured.per_worker.iter_mut().zip(&cpu.per_worker) {
        figures.cpu_s = cpu.map(|cpu| cpu.total.as_secs_f64());
    }
}

fn recorded(cpu: CpuTime) -> reports::CpuTime {
    reports::CpuTime {
        total_s: cpu.total.as_secs_f64(),
        user_s: cpu.modes.map(|modes| modes.user.as_secs_f64()),
        system_s: cpu.modes.map(|modes| modes.system.as_secs_f64()),
    }
}
