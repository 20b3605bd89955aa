//! CPU time of a fleet in the window, from what was seen when it opened and when it closed.

use std::time::{Duration, Instant};

use evenkeel_strategies::{CpuTime, Deployment, Snapshot};

/// State of a fleet at one moment.
#[derive(Debug)]
pub(super) struct Observation {
    at: Instant,
    pub(super) seen: Snapshot,
}

/// CPU time of a fleet in the window.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CpuSpent {
    /// CPU time of all dispatchers; `None` without dispatchers.
    pub(super) dispatcher: Option<CpuTime>,
    /// CPU time of the master, if it works while requests are served.
    pub(super) master: Option<CpuTime>,
    /// CPU time of all workers together.
    pub(super) workers: CpuTime,
    /// CPU time of each worker, in order of worker numbers; `None` where only that of all together is known.
    pub(super) per_worker: Vec<Option<CpuTime>>,
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

impl Observation {
    pub(super) fn now(fleet: &Deployment) -> Self {
        Self {
            at: Instant::now(),
            seen: fleet.snapshot(),
        }
    }
}

impl CpuSpent {
    /// Returns the CPU time between two observations, or why it is unknown, one sentence, if they do not enclose the
    /// measured time.
    pub(super) fn between(
        first: &Observation,
        last: &Observation,
        measured: Duration,
    ) -> Result<Self, String> {
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
        let per_worker = first.workers.iter().zip(&last.workers);
        Ok(Self {
            dispatcher,
            master,
            workers: spent(first.workers_cpu, last.workers_cpu).ok_or_else(gone)?,
            per_worker: per_worker
                .map(|(first, last)| spent(first.cpu, last.cpu))
                .collect(),
            served,
        })
    }
}

fn served_between(first: &Observation, last: &Observation) -> Option<u64> {
    let workers = first.seen.workers.iter().zip(&last.seen.workers);
    let served = workers.map(|(first, last)| {
        let before = first.requests_served?;
        last.requests_served?.checked_sub(before)
    });
    served.sum::<Option<u64>>().filter(|served| *served > 0)
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
                workers_cpu: workers_ms.iter().map(|cpu_ms| cpu_ms.map(used)).sum(),
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
        let spent = CpuSpent::between(&first, &last, SECOND).expect("observed in time");
        assert_eq!(spent.dispatcher, Some(used(3)));
        assert_eq!(spent.workers, used(300));
        assert_eq!(spent.per_worker, [100, 200].map(used).map(Some));
    }

    #[test]
    fn observations_that_do_not_enclose_the_window_give_no_cpu_time() {
        let begin = Instant::now();
        let first = look(begin, None, &[Some(10)]);
        for (apart_ms, known) in [(900, false), (960, true), (1040, true), (1100, false)] {
            let last = look(begin + Duration::from_millis(apart_ms), None, &[Some(20)]);
            let spent = CpuSpent::between(&first, &last, SECOND);
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
        let spent = CpuSpent::between(&first, &last, SECOND).expect("counted");
        assert_eq!(spent.served, Some(201));
        last.at += SECOND;
        assert!(CpuSpent::between(&first, &last, SECOND).is_err());
        last.seen.workers[0].requests_served = None;
        last.at = begin + SECOND;
        let spent = CpuSpent::between(&first, &last, SECOND).expect("observed in time");
        assert_eq!(spent.served, None, "a part of the count would be too small");
    }

    #[test]
    fn the_sum_may_be_known_although_that_of_a_worker_is_not() {
        let begin = Instant::now();
        let first = look(begin, None, &[Some(10), Some(20)]);
        let mut last = look(begin + SECOND, None, &[Some(30), None]);
        last.seen.workers_cpu = Some(used(70));
        let spent = CpuSpent::between(&first, &last, SECOND).expect("observed in time");
        assert_eq!(spent.workers, used(40));
        assert_eq!(spent.per_worker, [Some(used(20)), None]);
    }

    #[test]
    fn without_a_process_there_is_no_sum() {
        let begin = Instant::now();
        let first = look(begin, Some(5), &[Some(10), Some(20)]);
        let without_worker = look(begin + SECOND, Some(8), &[Some(110), None]);
        let without_dispatcher = look(begin + SECOND, None, &[Some(110), Some(220)]);
        for last in [without_worker, without_dispatcher] {
            assert!(
                CpuSpent::between(&first, &last, SECOND).is_err(),
                "{last:?}"
            );
        }
    }
}
