//! What came back: counted by the load threads, added up, and judged.

mod account;
mod collector;
mod error_class;
mod exchange;
mod first_answers;
mod interval;
mod losses;
mod observer;
mod offered;
mod recorder;
mod request_log;
mod stalls;
mod status_counts;
mod unfinished;
mod verdict;
mod worker_names;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::clock::CpuUse;

pub use account::{Account, Repeated};
pub(crate) use collector::Collector;
pub use error_class::ErrorClass;
pub(crate) use exchange::{ALL_INTERVALS, RecorderExchange};
pub use first_answers::FirstAnswer;
pub(crate) use first_answers::FirstAnswers;
pub use interval::{Interval, Percentiles};
pub(crate) use losses::nanos as signed_nanos;
pub use losses::{Loss, Losses, MAX_LOSSES};
pub use observer::{Observer, Phase, Progress};
pub(crate) use offered::SendCounts;
pub use offered::{LATE_AFTER, Offered};
pub use recorder::Recorder;
pub(crate) use request_log::RequestLog;
pub use request_log::{LoggedRequest, Served};
pub use unfinished::Unfinished;
pub(crate) use worker_names::{LaterNames, WorkerNames};
pub use worker_names::{LaterWorker, MAX_LATER_WORKERS};

/// Load threads that are this busy have no time left. The rest is lost in the kernel's accounting and
/// at the edges of the window.
const BOUND_SHARE: f64 = 0.95;

/// The result of one run of load. Counts and times belong to the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Requests answered with an expected status.
    pub requests: u64,
    /// Requests of the window, counted as they began: those answered, failed and
    /// [unfinished](Self::unfinished) add up to it, see [`account`](Self::account). In the closed loop
    /// also those that were in flight when the window opened; in the open loop also those that were
    /// never sent.
    pub in_window: u64,
    /// Whole answers by status, also those of failed requests; a status that did not occur is absent.
    pub statuses: BTreeMap<u16, u64>,
    /// When the window opened; `None` if it did not.
    pub opened_at: Option<Instant>,
    /// Length of the window.
    pub duration: Duration,
    /// Response times in nanoseconds: from the intended time to the end of the answer. In the closed
    /// loop the intended time is when the request was sent.
    pub response: Histogram<u64>,
    /// Service times in nanoseconds: from sending, or from the connect that the request needed, to
    /// the end of the answer.
    pub service: Histogram<u64>,
    /// Lag in nanoseconds: from when a request was due and had a connection to when it was sent. Empty
    /// in the closed loop, where a request is due when it is sent.
    pub lag: Histogram<u64>,
    /// Time to connect in nanoseconds, of connections opened in the window. Empty if their connects began
    /// before the load, when the clock did not yet run.
    pub connect: Histogram<u64>,
    /// Time of TLS handshakes in nanoseconds, after the connect, of those completed in the window.
    /// Empty without TLS.
    pub handshake: Histogram<u64>,
    /// Failed requests by class. A request fails at most once.
    pub errors: BTreeMap<ErrorClass, u64>,
    /// Failed attempts to connect by class. Such an attempt fails a request only if the request opens
    /// its own connection, and then counts as both.
    pub connect_errors: BTreeMap<ErrorClass, u64>,
    /// Whether a connection was ever open, in the window or before it.
    pub reached: bool,
    /// Requests that were sent again on a new connection: the server had closed their kept connection
    /// without a byte of an answer. Their response times count from when they were due, or first sent.
    pub repeated: Repeated,
    /// Failed requests one by one, except those that were never sent.
    pub losses: Losses,
    /// Requests without an answer when the window closed.
    pub unfinished: Unfinished,
    /// The first failure of each class, as text; of connects also if it was before the window.
    pub examples: BTreeMap<ErrorClass, String>,
    /// Requests answered by each worker, indexed by its number: the one in `x-evenkeel-worker`, or that
    /// of its [name](crate::LoadSpec::worker_names) there.
    pub per_worker: Vec<u64>,
    /// Workers whose names are not among the given ones, in the order in which they were first seen, such
    /// as those that came later: they have the numbers after the given ones. At most
    /// [`MAX_LATER_WORKERS`]; the answers of further ones are counted together after them. Empty if no names were given.
    pub later_workers: Vec<LaterWorker>,
    /// First answers of workers that replaced others and say so, since the load began.
    pub first_answers: Vec<FirstAnswer>,
    /// Requests answered without a worker number.
    pub unattributed: u64,
    /// Bytes received: heads and bodies of answers.
    pub bytes: u64,
    /// The intervals of the window, in order; at most 86,400.
    pub intervals: Vec<Interval>,
    /// Connections opened in the window.
    pub connections_opened: u64,
    /// CPU time of the load threads in the window.
    pub cpu: Duration,
    /// Number of load threads.
    pub threads: usize,
    /// What became of the arrivals; open loop only.
    pub offered: Option<Offered>,
    /// What became of each arrival until the window closed, including the warm-up, in the order in
    /// which they were due; if [requested](crate::LoadSpec::keep_request_log).
    pub request_log: Option<Vec<LoggedRequest>>,
    /// The run was stopped before its end.
    pub interrupted: bool,
    /// What a reader should know of valid figures, one sentence each.
    pub notes: Vec<String>,
    /// Why these figures are not valid; empty if they are.
    pub invalid_because: Vec<String>,
    /// CPU time per thread and second of the window: at 1 the load threads were busy all the time, and
    /// the throughput is a lower bound.
    pub generator_cpu_share: f64,
    /// Time for which the load threads were ready to run while other threads had their CPUs, per thread
    /// and second of the window; 0 where the kernel does not count it.
    pub generator_wait_share: f64,
}

impl Outcome {
    /// The outcome as recorded in a window of this length by this number of threads, without what is
    /// computed from it.
    pub(crate) fn of_window(recorder: Recorder, duration: Duration, threads: usize) -> Self {
        Self {
            requests: recorder.requests,
            in_window: 0,
            statuses: recorder.statuses.to_map(),
            opened_at: None,
            duration,
            connections_opened: recorder.opened,
            response: recorder.response,
            service: recorder.service,
            lag: recorder.lag,
            connect: recorder.connect,
            handshake: recorder.handshake,
            errors: recorder.errors,
            connect_errors: recorder.connect_errors,
            reached: false,
            repeated: recorder.repeated,
            losses: Losses::default(),
            unfinished: Unfinished::default(),
            examples: recorder.examples,
            per_worker: recorder.per_worker,
            later_workers: Vec::new(),
            first_answers: Vec::new(),
            unattributed: recorder.unattributed,
            bytes: recorder.bytes,
            intervals: Vec::new(),
            cpu: Duration::ZERO,
            threads,
            offered: None,
            request_log: None,
            interrupted: false,
            notes: Vec::new(),
            invalid_because: Vec::new(),
            generator_cpu_share: 0.0,
            generator_wait_share: 0.0,
        }
    }

    /// Judges the outcome: see [`notes`](Self::notes) and [`invalid_because`](Self::invalid_because).
    /// `cpu` is how the load threads spent the window; `missing` connections were not open at an edge of
    /// it.
    pub(crate) fn judge(&mut self, cpu: CpuUse, missing: usize) {
        self.cpu = cpu.used;
        let available = self.duration.as_secs_f64() * self.threads as f64;
        if available > 0.0 {
            self.generator_cpu_share = cpu.used.as_secs_f64() / available;
            self.generator_wait_share = cpu.waited.as_secs_f64() / available;
        }
        self.notes = verdict::notes(self);
        self.invalid_because = verdict::invalid_because(self, missing);
        self.invalid_because.extend(verdict::unaccounted(self));
    }

    /// Returns the account of all requests of the window.
    #[must_use]
    pub fn account(&self) -> Account {
        Account {
            requests: self.in_window,
            answered: self.requests,
            failed: self.errors.clone(),
            unfinished: self.unfinished.requests,
        }
    }

    /// Answered requests per second of the window.
    #[must_use]
    pub fn throughput_rps(&self) -> f64 {
        let seconds = self.duration.as_secs_f64();
        if seconds > 0.0 {
            self.requests as f64 / seconds
        } else {
            0.0
        }
    }

    /// Whether the load threads had no time to send more: the throughput of a closed loop is then a
    /// lower bound.
    #[must_use]
    pub fn is_generator_bound(&self) -> bool {
        self.generator_cpu_share >= BOUND_SHARE
    }

    /// Whether the generator sent so many requests late that its own lag is part of the response
    /// times, or had no time to send all that were offered. The server has no part in that.
    #[must_use]
    pub fn is_late(&self) -> bool {
        verdict::late(self).is_some() || verdict::rate_not_met(self).is_some()
    }

    /// Whether the load threads had no time to send more, be it that they used it or that other threads
    /// had their CPUs.
    pub(crate) fn had_no_time(&self) -> bool {
        self.generator_cpu_share + self.generator_wait_share >= BOUND_SHARE
    }

    /// Those reasons in [`invalid_because`](Self::invalid_because) that are about the generator and its
    /// host, in a few words each: such figures say nothing about the server.
    #[must_use]
    pub fn faults_of_generator(&self) -> Vec<&'static str> {
        verdict::of_generator(self).map(|(name, _)| name).collect()
    }

    /// Quantile up to which the response times are known, from 0 to 1. All that is known of a request
    /// that is overdue, timed out or was never sent is that it takes longer than the answers took.
    #[must_use]
    pub fn known_up_to(&self) -> f64 {
        let without_answer = [ErrorClass::TimedOut, ErrorClass::Unsent];
        let failed = without_answer
            .iter()
            .filter_map(|class| self.errors.get(class));
        match self.unfinished.overdue + failed.sum::<u64>() {
            0 => 1.0,
            unknown => self.requests as f64 / (self.requests + unknown) as f64,
        }
    }

    /// Failed requests of all classes.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.errors.values().sum()
    }
}
