//! What a fleet does and spends while the load is measured.

use std::time::{Duration, Instant};

use evenkeel_loadgen::{self as loadgen, Histogram, Observer};
use evenkeel_reports::{Costs, IntervalRecord};
use evenkeel_strategies::{CpuTime, Deployment, Snapshot};

use super::TimeSeries;
use super::costs::CostWatch;
use super::meter::Meter;

/// Looks at the fleet as the window opens, and once more as it closes; collects the time series.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    fleet: &'a Deployment,
    time_series: TimeSeries,
    meter: Meter,
    costs: CostWatch<'a>,
    /// How many connections of each worker had ended before the load came: those of checks.
    ended: Vec<u64>,
    opened: Option<Look>,
    closed: Option<Look>,
}

/// What there was to see at a moment.
#[derive(Debug)]
struct Look {
    at: Instant,
    seen: Snapshot,
}

/// What a fleet has done, and what it has spent in the measured time.
#[derive(Debug, PartialEq)]
pub(super) struct Window {
    /// The measured time in slices.
    pub(super) intervals: Vec<IntervalRecord>,
    /// Connections that each worker has taken in since it was launched, but for those that had
    /// ended before the load came, in the order of their numbers; `None` of a worker that does not
    /// say.
    pub(super) connections: Vec<Option<u64>>,
    /// What it used besides CPU time; `None` if nothing of that is known.
    pub(super) costs: Option<Costs>,
    /// CPU time in the measured time, or why it is not known, one sentence.
    pub(super) cpu: Result<Spent, String>,
}

/// CPU time that a fleet has spent in the measured time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spent {
    /// Of all dispatchers; `None` without one.
    pub(super) dispatcher: Option<CpuTime>,
    /// Of each worker, in the order of their numbers.
    pub(super) workers: Vec<CpuTime>,
}

/// The time between the looks may differ from the measured time by this share: on a busy
/// machine each look is some milliseconds late. A larger difference would show as one between
/// strategies.
const MOST_DEVIATION: f64 = 0.05;

impl<'a> Watch<'a> {
    /// For a window of this length. Where there is a tracepoint, system calls are counted.
    pub(super) fn new(fleet: &'a Deployment, window: Duration, tracepoint: Option<u64>) -> Self {
        Self {
            fleet,
            time_series: TimeSeries::new(false),
            meter: Meter::new(),
            costs: CostWatch::new(fleet, window, tracepoint),
            ended: ended(fleet),
            opened: None,
            closed: None,
        }
    }

    /// What came of it, if so much time was measured.
    pub(super) fn window(self, measured: Duration) -> Window {
        let last = self.closed.unwrap_or_else(|| Look::now(self.fleet));
        let workers = last.seen.workers.iter().enumerate();
        let connections = workers.map(|(number, worker)| {
            let ended = self.ended.get(number).copied().unwrap_or(0);
            Some(worker.connections_accepted? - ended)
        });
        Window {
            intervals: self.time_series.into_intervals(),
            costs: self.costs.into_costs(),
            connections: connections.collect(),
            cpu: self
                .opened
                .ok_or_else(|| "the fleet was not looked at in time".to_owned())
                .and_then(|first| spent_between(&first, &last, measured)),
        }
    }
}

impl Look {
    fn now(fleet: &Deployment) -> Self {
        Self {
            at: Instant::now(),
            seen: fleet.snapshot(),
        }
    }
}

/// How many connections of each of our workers have ended.
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

fn spent_between(first: &Look, last: &Look, measured: Duration) -> Result<Spent, String> {
    let between = (last.at - first.at).as_secs_f64();
    let measured = measured.as_secs_f64();
    if (between - measured).abs() > MOST_DEVIATION * measured {
        return Err(format!(
            "the fleet was looked at {between:.3} s apart, while {measured:.3} s were measured"
        ));
    }
    let gone = || "a process was gone".to_owned();
    let spent = |before: Option<CpuTime>, after: Option<CpuTime>| after?.since(before?);
    let (first, last) = (&first.seen, &last.seen);
    let dispatcher = match first.dispatcher_cpu {
        None => None,
        before => Some(spent(before, last.dispatcher_cpu).ok_or_else(gone)?),
    };
    let workers = first.workers.iter().zip(&last.workers);
    let workers: Option<_> = workers
        .map(|(first, last)| spent(first.cpu, last.cpu))
        .collect();
    let workers = workers.ok_or_else(gone)?;
    Ok(Spent {
        dispatcher,
        workers,
    })
}

impl Observer for Watch<'_> {
    fn window_opened(&mut self) {
        self.opened = Some(Look::now(self.fleet));
        self.meter.shares(self.fleet.cpu_time());
        self.costs.window_opened();
    }

    fn interval(&mut self, interval: &loadgen::Interval, response: &Histogram<u64>) {
        let host = self.meter.shares(self.fleet.cpu_time());
        self.time_series.add(interval, response, host);
        self.costs.look();
    }

    fn progress(&mut self, progress: &loadgen::Progress) {
        self.costs.answered(progress.requests);
        self.costs.look();
    }

    fn window_closed(&mut self) {
        self.closed = Some(Look::now(self.fleet));
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

    /// A fleet that has used so many milliseconds of CPU, a worker at a time.
    fn look(at: Instant, dispatcher_ms: Option<u64>, workers_ms: &[Option<u64>]) -> Look {
        let worker = |cpu_ms: &Option<u64>| WorkerSnapshot {
            connections_accepted: Some(0),
            requests_served: Some(0),
            cpu: cpu_ms.map(used),
        };
        Look {
            at,
            seen: Snapshot {
                dispatcher_cpu: dispatcher_ms.map(used),
                workers: workers_ms.iter().map(worker).collect(),
            },
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_was_spent_is_the_difference_of_two_looks() {
        let begin = Instant::now();
        let first = look(begin, Some(5), &[Some(10), Some(20)]);
        let last = look(begin + SECOND, Some(8), &[Some(110), Some(220)]);
        let spent = spent_between(&first, &last, SECOND).expect("looked at in time");
        assert_eq!(spent.dispatcher, Some(used(3)));
        assert_eq!(spent.workers, [100, 200].map(used));
    }

    #[test]
    fn looks_that_do_not_frame_the_measured_time_tell_nothing() {
        let begin = Instant::now();
        let first = look(begin, None, &[Some(10)]);
        for (apart_ms, known) in [(900, false), (960, true), (1040, true), (1100, false)] {
            let last = look(begin + Duration::from_millis(apart_ms), None, &[Some(20)]);
            let spent = spent_between(&first, &last, SECOND);
            assert_eq!(spent.is_ok(), known, "{apart_ms} ms: {spent:?}");
        }
    }

    #[test]
    fn a_process_that_is_gone_leaves_no_sum_without_it() {
        let begin = Instant::now();
        let first = look(begin, Some(5), &[Some(10), Some(20)]);
        let without_worker = look(begin + SECOND, Some(8), &[Some(110), None]);
        let without_dispatcher = look(begin + SECOND, None, &[Some(110), Some(220)]);
        for last in [without_worker, without_dispatcher] {
            assert!(spent_between(&first, &last, SECOND).is_err(), "{last:?}");
        }
    }
}
