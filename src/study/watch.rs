//! Observation of a fleet while the load is measured.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use evenkeel_loadgen::{self as loadgen, Histogram, Observer};
use evenkeel_reports::{Costs, Defended, IntervalRecord};
use evenkeel_strategies::{CpuTime, Deployment, Snapshot};

use super::TimeSeries;
use super::costs::CostWatch;
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

/// State of a fleet at one moment.
#[derive(Debug)]
struct Observation {
    at: Instant,
    seen: Snapshot,
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

/// CPU time of a fleet in the window.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CpuSpent {
    /// CPU time of all dispatchers; `None` without dispatchers.
    pub(super) dispatcher: Option<CpuTime>,
    /// CPU time of the master, if it works while requests are served.
    pub(super) master: Option<CpuTime>,
    /// CPU time of each worker, in order of worker numbers.
    pub(super) workers: Vec<CpuTime>,
    /// Requests that the workers answered between the same two observations; `None` if they do not
    /// count them, or answered none.
    pub(super) served: Option<u64>,
}

/// Largest allowed difference between the time of the observations and the measured time, as a
/// share: on a busy machine each observation is some milliseconds late. A larger difference would
/// look like a difference between strategies.
const MOST_DEVIATION: f64 = 0.05;

/// The same where workers count their requests, since CPU time and requests are then of the same time.
/// An observation that is later than this holds much of the end of the load.
const MOST_DEVIATION_OF_COUNTED: f64 = 0.25;

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
                .and_then(|first| cpu_spent_between(&first, &last, measured)),
        }
    }
}

impl Observation {
    fn now(fleet: &Deployment) -> Self {
        Self {
            at: Instant::now(),
            seen: fleet.snapshot(),
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

fn cpu_spent_between(
    first: &Observation,
    last: &Observation,
    measured: Duration,
) -> Result<CpuSpent, String> {
    let between = (last.at - first.at).as_secs_f64();
    let measured = measured.as_secs_f64();
    let served = served_between(first, last);
    let most = match served {
        Some(_) => MOST_DEVIATION_OF_COUNTED,
        None => MOST_DEVIATION,
    };
    if (between - measured).abs() > most * measured {
        return Err(format!(
            "the two readings of it are {between:.3} s apart, but the window took {measured:.3} s"
        ));
    }
    let gone = || "a process was gone".to_owned();
    let spent = |before: Option<CpuTime>, after: Option<CpuTime>| after?.since(before?);
    let (first, last) = (&first.seen, &last.seen);
    let dispatcher = match first.dispatcher_cpu {
        None => None,
        before => Some(spent(before, last.dispatcher_cpu).ok_or_else(gone)?),
    };
    let master = spent(first.master_cpu, last.master_cpu);
    let workers = first.workers.iter().zip(&last.workers);
    let workers: Option<_> = workers
        .map(|(first, last)| spent(first.cpu, last.cpu))
        .collect();
    let workers = workers.ok_or_else(gone)?;
    Ok(CpuSpent {
        dispatcher,
        master,
        workers,
        served,
    })
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
    })
}

fn served_between(first: &Observation, last: &Observation) -> Option<u64> {
    let workers = first.seen.workers.iter().zip(&last.seen.workers);
    let served = workers.map(|(first, last)| {
        let before = first.requests_served?;
        last.requests_served?.checked_sub(before)
    });
    served.sum::<Option<u64>>().filter(|served| *served > 0)
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

#[cfg(test)]
mod tests {
    use evenkeel_strategies::WorkerSnapshot;

    use super::*;

    fn used(ms: u64) -> CpuTime {
        CpuTime {
            total: Duration::from_millis(ms),
            modes: None,
        }
    }

    /// A fleet that has used these milliseconds of CPU.
    fn look(at: Instant, dispatcher_ms: Option<u64>, workers_ms: &[Option<u64>]) -> Observation {
        let worker = |cpu_ms: &Option<u64>| WorkerSnapshot {
            connections_accepted: Some(0),
            requests_served: Some(0),
            cpu: cpu_ms.map(used),
        };
        Observation {
            at,
            seen: Snapshot {
                dispatcher_cpu: dispatcher_ms.map(used),
                master_cpu: None,
                defences: None,
                workers: workers_ms.iter().map(worker).collect(),
            },
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn cpu_time_is_the_difference_of_two_observations() {
        let begin = Instant::now();
        let first = look(begin, Some(5), &[Some(10), Some(20)]);
        let last = look(begin + SECOND, Some(8), &[Some(110), Some(220)]);
        let spent = cpu_spent_between(&first, &last, SECOND).expect("observed in time");
        assert_eq!(spent.dispatcher, Some(used(3)));
        assert_eq!(spent.workers, [100, 200].map(used));
    }

    #[test]
    fn observations_that_do_not_enclose_the_window_give_no_cpu_time() {
        let begin = Instant::now();
        let first = look(begin, None, &[Some(10)]);
        for (apart_ms, known) in [(900, false), (960, true), (1040, true), (1100, false)] {
            let last = look(begin + Duration::from_millis(apart_ms), None, &[Some(20)]);
            let spent = cpu_spent_between(&first, &last, SECOND);
            assert_eq!(spent.is_ok(), known, "{apart_ms} ms: {spent:?}");
        }
    }

    #[test]
    fn requests_that_workers_counted_allow_later_observations() {
        let begin = Instant::now();
        let first = look(begin, None, &[Some(10), Some(20)]);
        let mut last = look(begin + SECOND.mul_f64(1.2), None, &[Some(20), Some(30)]);
        for (number, worker) in last.seen.workers.iter_mut().enumerate() {
            worker.requests_served = Some(100 + number as u64);
        }
        let spent = cpu_spent_between(&first, &last, SECOND).expect("counted");
        assert_eq!(spent.served, Some(201));
        last.at += SECOND;
        assert!(cpu_spent_between(&first, &last, SECOND).is_err());
        last.seen.workers[0].requests_served = None;
        last.at = begin + SECOND;
        let spent = cpu_spent_between(&first, &last, SECOND).expect("observed in time");
        assert_eq!(spent.served, None, "a part of the count would be too small");
    }

    #[test]
    fn without_a_process_there_is_no_sum() {
        let begin = Instant::now();
        let first = look(begin, Some(5), &[Some(10), Some(20)]);
        let without_worker = look(begin + SECOND, Some(8), &[Some(110), None]);
        let without_dispatcher = look(begin + SECOND, None, &[Some(110), Some(220)]);
        for last in [without_worker, without_dispatcher] {
            assert!(
                cpu_spent_between(&first, &last, SECOND).is_err(),
                "{last:?}"
            );
        }
    }
}
