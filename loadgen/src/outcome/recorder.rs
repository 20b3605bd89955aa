//! What one load thread has recorded.

use std::collections::BTreeMap;
use std::mem::take;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::account::Repeated;
use super::error_class::ErrorClass;
use super::status_counts::StatusCounts;
use crate::http1::Answer;

/// Longer times are recorded as this: an hour, in nanoseconds. No timeout of a measurement is that
/// long.
const MAX_NS: u64 = 3_600_000_000_000;

/// Three significant digits: an error of at most 0.1%, far below the spread between trials, with a few
/// hundred KiB of counters.
const DIGITS: u8 = 3;

/// Workers are numbered from zero. Higher numbers than this are garbage and no reason to allocate.
const MAX_WORKERS: u32 = 65_536;

/// Returns an empty histogram of nanoseconds.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MAX_NS, DIGITS).expect("these constant bounds are valid")
}

/// Counts and histograms of one load thread, or of several merged ones.
#[derive(Debug)]
pub struct Recorder {
    pub(crate) requests: u64,
    /// Whole answers, also those of failed requests.
    pub(super) statuses: StatusCounts,
    pub(crate) response: Histogram<u64>,
    pub(crate) service: Histogram<u64>,
    pub(crate) lag: Histogram<u64>,
    /// Times of connects that are known.
    pub(crate) connect: Histogram<u64>,
    pub(crate) handshake: Histogram<u64>,
    /// Failed requests.
    pub(crate) errors: BTreeMap<ErrorClass, u64>,
    /// Failed attempts to connect, with or without a request.
    pub(crate) connect_errors: BTreeMap<ErrorClass, u64>,
    /// Requests that were sent again, and have ended.
    pub(crate) repeated: Repeated,
    /// Connections opened.
    pub(crate) opened: u64,
    /// Response time of the slowest answer with an unexpected status, in nanoseconds.
    pub(crate) slowest_unexpected: u64,
    /// How long the request that waited longest had waited at the end of the interval, in nanoseconds.
    pub(crate) longest_wait: u64,
    pub(crate) examples: BTreeMap<ErrorClass, String>,
    pub(crate) per_worker: Vec<u64>,
    pub(crate) unattributed: u64,
    pub(crate) bytes: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            requests: 0,
            statuses: StatusCounts::default(),
            response: histogram(),
            service: histogram(),
            lag: histogram(),
            connect: histogram(),
            handshake: histogram(),
            errors: BTreeMap::new(),
            connect_errors: BTreeMap::new(),
            repeated: Repeated::default(),
            opened: 0,
            slowest_unexpected: 0,
            longest_wait: 0,
            examples: BTreeMap::new(),
            per_worker: Vec::new(),
            unattributed: 0,
            bytes: 0,
        }
    }
}

impl Recorder {
    /// Records a whole answer with an expected status, with its response and service time in nanoseconds.
    pub fn answered(&mut self, answer: &Answer, response_ns: u64, service_ns: u64) {
        self.requests += 1;
        self.statuses.count(answer.status);
        self.bytes += answer.bytes;
        self.response.saturating_record(response_ns);
        self.service.saturating_record(service_ns);
        match answer.worker.filter(|worker| *worker < MAX_WORKERS) {
            Some(worker) => self.count_worker(worker as usize),
            None => self.unattributed += 1,
        }
    }

    /// Records a whole answer with another status: a failure, which is not in the histograms.
    pub(crate) fn unexpected(&mut self, answer: &Answer, response_ns: u64) {
        self.statuses.count(answer.status);
        self.slowest_unexpected = self.slowest_unexpected.max(response_ns);
        self.failed(ErrorClass::Status(answer.status), 1);
    }

    fn count_worker(&mut self, worker: usize) {
        if worker >= self.per_worker.len() {
            self.per_worker.resize(worker + 1, 0);
        }
        self.per_worker[worker] += 1;
    }

    pub(crate) fn failed(&mut self, class: ErrorClass, count: u64) {
        if count > 0 {
            *self.errors.entry(class).or_default() += count;
        }
    }

    /// Counts a failed attempt to connect.
    pub(crate) fn connect_failed(&mut self, class: ErrorClass) {
        *self.connect_errors.entry(class).or_default() += 1;
    }

    /// Response time of the slowest answer, in nanoseconds.
    pub(crate) fn slowest_answer(&self) -> u64 {
        self.response.max().max(self.slowest_unexpected)
    }

    /// If an interval of this length was a stall, how long a request had waited at its end.
    pub(super) fn stalled(&self, length: Duration) -> Option<Duration> {
        let is_answer = |class: &ErrorClass| matches!(class, ErrorClass::Status(_));
        let is_answered = self.requests > 0 || self.errors.keys().any(is_answer);
        let waited = Duration::from_nanos(self.longest_wait);
        (!is_answered && !length.is_zero() && waited >= length).then_some(waited)
    }

    /// Keeps the text of the first failure of a class.
    pub(crate) fn example(&mut self, class: ErrorClass, make: impl FnOnce() -> String) {
        self.examples.entry(class).or_insert_with(make);
    }

    /// Adds what another recorder has recorded, and leaves that one empty.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        self.requests += take(&mut other.requests);
        self.statuses.absorb(&mut other.statuses);
        self.opened += take(&mut other.opened);
        for (own, others) in [
            (&mut self.response, &mut other.response),
            (&mut self.service, &mut other.service),
            (&mut self.lag, &mut other.lag),
            (&mut self.connect, &mut other.connect),
            (&mut self.handshake, &mut other.handshake),
        ] {
            // Pages that were never written to take no memory; leave them untouched.
            if !others.is_empty() {
                let added = own.add(&*others);
                added.expect("all recorders have the same bounds");
                others.clear();
            }
        }
        for (class, count) in take(&mut other.errors) {
            self.failed(class, count);
        }
        for (class, count) in take(&mut other.connect_errors) {
            *self.connect_errors.entry(class).or_default() += count;
        }
        self.repeated.absorb(&mut other.repeated);
        let slowest = take(&mut other.slowest_unexpected);
        self.slowest_unexpected = self.slowest_unexpected.max(slowest);
        self.longest_wait = self.longest_wait.max(take(&mut other.longest_wait));
        for (class, example) in take(&mut other.examples) {
            self.example(class, || example);
        }
        if self.per_worker.len() < other.per_worker.len() {
            self.per_worker.resize(other.per_worker.len(), 0);
        }
        for (own, others) in self.per_worker.iter_mut().zip(&mut other.per_worker) {
            *own += take(others);
        }
        self.unattributed += take(&mut other.unattributed);
        self.bytes += take(&mut other.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, worker: Option<u32>) -> Answer {
        Answer {
            status,
            keep_alive: true,
            worker,
            generation: None,
            work_ns: None,
            bytes: 100,
        }
    }

    #[test]
    fn answers_are_counted_for_the_worker_that_sent_them() {
        let mut recorder = Recorder::default();
        for worker in [Some(2), None, Some(0), Some(2), Some(u32::MAX)] {
            recorder.answered(&answer(200, worker), 1_000, 500);
        }
        assert_eq!(recorder.per_worker, [1, 0, 2]);
        assert_eq!(recorder.unattributed, 2);
        assert_eq!(recorder.requests, 5);
        assert_eq!(recorder.bytes, 500);
    }

    #[test]
    fn an_unexpected_status_is_a_failure_without_a_latency() {
        let mut recorder = Recorder::default();
        recorder.unexpected(&answer(503, Some(0)), 1_000);
        recorder.answered(&answer(399, Some(0)), 1_000, 500);
        assert_eq!(recorder.statuses.to_map(), [(399, 1), (503, 1)].into());
        assert_eq!(
            recorder.errors,
            BTreeMap::from([(ErrorClass::Status(503), 1)])
        );
        assert_eq!((recorder.requests, recorder.response.len()), (1, 1));
    }

    #[test]
    fn times_beyond_an_hour_are_kept_as_an_hour() {
        let mut recorder = Recorder::default();
        recorder.answered(&answer(200, None), u64::MAX, 0);
        assert!(recorder.response.max() >= MAX_NS);
        assert_eq!(recorder.service.len(), 1);
    }

    #[test]
    fn merged_recorders_are_the_sum_of_their_parts() {
        let mut whole = Recorder::default();
        for worker in 0..3 {
            let mut part = Recorder::default();
            part.answered(&answer(200, Some(worker)), 1_000, 500);
            part.failed(ErrorClass::Cut, 2);
            part.example(ErrorClass::Cut, || format!("of {worker}"));
            whole.absorb(&mut part);
        }
        assert_eq!(whole.per_worker, [1, 1, 1]);
        assert_eq!(whole.statuses.to_map(), [(200, 3)].into());
        assert_eq!(whole.errors[&ErrorClass::Cut], 6);
        assert_eq!(whole.response.len(), 3);
        assert_eq!(whole.examples[&ErrorClass::Cut], "of 0");
    }
}
