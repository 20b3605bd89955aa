//! What became of each request of an open loop.

use crate::arrival::PredictedRequest;
use crate::http1::Answer;

/// What became of one arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The arrival, as predicted.
    pub predicted: PredictedRequest,
    /// `None` if it failed.
    pub served: Option<Served>,
}

/// A request that was answered with an expected status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// When its last byte was sent, in nanoseconds since the load began: from then on it can be served.
    pub sent_ns: u64,
    /// When its answer was complete, in nanoseconds since the load began.
    pub answered_ns: u64,
    /// Time for which it occupied its worker, in nanoseconds, from the `x-evenkeel-work` field; `None` without
    /// one.
    pub work_ns: Option<u64>,
    /// Number of its worker, from the `x-evenkeel-worker` field; `None` without one.
    pub worker: Option<u32>,
}

impl Served {
    /// Taken from this answer.
    pub(crate) fn by(answer: &Answer, sent_ns: u64, answered_ns: u64) -> Self {
        Self {
            sent_ns,
            answered_ns,
            work_ns: answer.work_ns,
            worker: answer.worker,
        }
    }
}

/// The log of one thread: a line for each of its arrivals. All lines are allocated before the load
/// begins.
pub(crate) struct RequestLog {
    lines: Vec<Option<Served>>,
}

impl RequestLog {
    /// Returns the log of `thread` out of `threads`, which take turns at this number of arrivals.
    pub(crate) fn new(arrivals: usize, thread: usize, threads: usize) -> Self {
        let lines = arrivals.saturating_sub(thread).div_ceil(threads);
        Self {
            lines: vec![None; lines],
        }
    }

    /// Writes the line of a request. A request after the last line is due after the window.
    pub(crate) fn write(&mut self, line: usize, served: Option<Served>) {
        if let Some(place) = self.lines.get_mut(line) {
            *place = served;
        }
    }

    /// Merges the logs of all threads in the order of the arrivals.
    pub(crate) fn merge(arrivals: Vec<PredictedRequest>, logs: &[Self]) -> Vec<LoggedRequest> {
        let logged = |(number, predicted): (usize, PredictedRequest)| {
            let log = &logs[number % logs.len()];
            let line = log.lines.get(number / logs.len());
            LoggedRequest {
                predicted,
                served: line.copied().flatten(),
            }
        };
        arrivals.into_iter().enumerate().map(logged).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_of_all_threads_make_up_all_arrivals_in_order() {
        for (arrivals, threads) in [(0, 3), (1, 3), (7, 3), (9, 3), (5, 1)] {
            let mut logs: Vec<_> = (0..threads)
                .map(|thread| RequestLog::new(arrivals, thread, threads))
                .collect();
            let served = |number: usize| Served {
                sent_ns: 0,
                answered_ns: number as u64,
                work_ns: Some(0),
                worker: Some(0),
            };
            for number in 0..arrivals + 3 {
                logs[number % threads].write(number / threads, Some(served(number)));
            }
            let predicted = |at_ns| PredictedRequest { at_ns, work_us: 0 };
            let merged = RequestLog::merge((0..arrivals as u64).map(predicted).collect(), &logs);
            assert_eq!(merged.len(), arrivals);
            for (number, request) in merged.into_iter().enumerate() {
                assert_eq!(request.served, Some(served(number)));
            }
        }
    }
}
