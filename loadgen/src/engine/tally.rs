//! What one thread counts.

use super::shared::{ProgressCounts, ThreadProgress};
use super::window::ThreadWindow;
use crate::arrival::SAMPLE;
use crate::clock::{CpuUse, nanos};
use crate::connection::{Cause, Request};
use crate::http1::Answer;
use crate::outcome::{
    ALL_INTERVALS, ErrorClass, Recorder, RecorderExchange, RequestLog, SendCounts, Served,
    WorkerNames,
};
use crate::spec::{LoadSpec, StatusSet};

/// The counts of one thread.
pub(super) struct Tally<'run> {
    /// What belongs to the current interval.
    recorder: Recorder,
    exchange: &'run RecorderExchange,
    pub(super) progress: &'run ThreadProgress,
    /// When the current interval ends.
    pub(super) interval_ends: u64,
    interval_ns: u64,
    expected: StatusSet,
    /// `None` if workers give their numbers.
    worker_names: Option<WorkerNames>,
    /// Only if requested.
    pub(super) request_log: Option<RequestLog>,
    is_open_loop: bool,
    /// Whether a request belongs to the window if its intended time does: in the open loop, and with a
    /// number of requests. Otherwise it does if it ends in the window.
    counts_by_intent: bool,
    /// Requests of the window that are sent and not answered, if they are counted by intended time.
    pub(super) outstanding: u64,
    sends: SendCounts,
    /// The first intended times of the window, to check the schedule.
    sample: Vec<u64>,
    /// Counts that include the warm-up.
    pub(super) counts: ProgressCounts,
    /// When a connection was last opened, in nanoseconds since the load began.
    opened_at: u64,
    /// Length of the last answer, in bytes.
    pub(super) last_bytes: u64,
}

/// What one thread returns at its end.
pub(crate) struct ThreadOutcome {
    /// How it spent the window.
    pub(crate) cpu: CpuUse,
    /// Number of connections that were missing at an edge of the window.
    pub(crate) missing: usize,
    /// How long each request had waited that was unfinished when the window closed, in nanoseconds.
    pub(crate) unfinished: Vec<u64>,
    /// What it did with the arrivals of the window.
    pub(crate) sends: SendCounts,
    /// The first of them, as far as they were sent.
    pub(crate) sample: Vec<u64>,
    /// What became of its requests, if that is logged.
    pub(crate) request_log: Option<RequestLog>,
}

impl<'run> Tally<'run> {
    pub(super) fn new(
        spec: &LoadSpec,
        has_budget: bool,
        exchange: &'run RecorderExchange,
        progress: &'run ThreadProgress,
        request_log: Option<RequestLog>,
    ) -> Self {
        let is_open_loop = spec.offer.is_open();
        Self {
            recorder: Recorder::default(),
            exchange,
            progress,
            interval_ends: nanos(spec.warmup.saturating_add(spec.interval)),
            interval_ns: nanos(spec.interval),
            expected: spec.expected_statuses,
            worker_names: WorkerNames::new(&spec.worker_names),
            request_log,
            is_open_loop,
            counts_by_intent: is_open_loop || has_budget,
            outstanding: 0,
            sends: SendCounts::default(),
            sample: Vec::with_capacity(if is_open_loop { SAMPLE } else { 0 }),
            counts: ProgressCounts::default(),
            opened_at: 0,
            last_bytes: 0,
        }
    }

    /// Counts a request that is sent now. Some connection has been free since `free_since`.
    pub(super) fn count_sent(
        &mut self,
        intended: u64,
        free_since: u64,
        now: u64,
        window: &ThreadWindow<'_>,
    ) {
        if !self.counts_by_intent || !window.bounds.contains(intended) {
            return;
        }
        self.outstanding += 1;
        if !self.is_open_loop {
            return;
        }
        let lag = (self.sends).count(intended, free_since, now, window.bounds.end);
        self.recorder.lag.saturating_record(lag);
        if self.sample.len() < self.sample.capacity() {
            self.sample.push(intended);
        }
    }

    /// Counts the answer to a request whose service began at `since`. `request_line` describes the
    /// request if its answer is the example of an error.
    pub(super) fn count_answer(
        &mut self,
        request: &Request,
        since: u64,
        answer: &Answer,
        now: u64,
        window: &ThreadWindow<'_>,
        request_line: impl FnOnce() -> String,
    ) {
        self.counts.requests += 1;
        self.last_bytes = answer.bytes;
        let names = self.worker_names.as_ref();
        let renumbered = names.map(|names| names.renumber(answer));
        let answer = renumbered.as_ref().unwrap_or(answer);
        let is_expected = self.expected.contains(answer.status);
        if let Some(log) = &mut self.request_log {
            let served = Served::by(answer, request.sent, now).filter(|_| is_expected);
            log.write(request.number, served);
        }
        if !self.settle(request.intended, now, window) {
            return;
        }
        let response = now.saturating_sub(request.intended);
        if is_expected {
            let service = now.saturating_sub(since);
            self.recorder.answered(answer, response, service);
        } else {
            let class = ErrorClass::Status(answer.status);
            let text = || format!("the answer to `{}`", request_line());
            self.recorder.example(class, text);
            self.recorder.unexpected(answer, response);
        }
    }

    /// Counts the failure of a request with this intended time.
    pub(super) fn count_failure(
        &mut self,
        intended: u64,
        cause: &Cause,
        now: u64,
        window: &ThreadWindow<'_>,
    ) {
        self.counts.failures += 1;
        if self.settle(intended, now, window) {
            let class = cause.class();
            self.recorder.failed(class, 1);
            self.recorder.example(class, || cause.to_string());
        }
    }

    /// Counts a failed attempt to connect. If a request opens the connection, it fails as well and is
    /// counted separately.
    pub(super) fn count_failed_connect(
        &mut self,
        has_request: bool,
        cause: &Cause,
        now: u64,
        window: &ThreadWindow<'_>,
    ) {
        let class = cause.class();
        self.counts.connect_failures += 1;
        // Also of a connect before the window: if the server is never reached, it is the reason.
        self.recorder.example(class, || cause.to_string());
        if window.bounds.contains(now) {
            self.recorder.connect_failed(class);
        }
        if !has_request && window.claims_in_vain(self.opened_at, now) {
            self.counts.failures += 1;
            self.recorder.failed(class, 1);
        }
    }

    /// Counts a request with this intended time that is sent again.
    pub(super) fn count_repeated(&mut self, intended: u64, now: u64, window: &ThreadWindow<'_>) {
        let at = if self.counts_by_intent { intended } else { now };
        self.recorder.repeated += u64::from(window.bounds.contains(at));
    }

    /// Whether a request that has just ended belongs to the window. If it does by its intended time, it
    /// is no longer outstanding.
    fn settle(&mut self, intended: u64, now: u64, window: &ThreadWindow<'_>) -> bool {
        if !self.counts_by_intent {
            return window.bounds.contains(now);
        }
        let belongs = window.bounds.contains(intended);
        self.outstanding -= u64::from(belongs);
        // The closed loop does not wait for answers after its window.
        belongs && (self.is_open_loop || now < window.bounds.end)
    }

    /// Notes that a connection is open for requests.
    pub(super) fn note_opened(&mut self, now: u64, window: &ThreadWindow<'_>) {
        self.opened_at = now;
        window.shared.note_reached();
    }

    /// Counts a connection that has been connecting from `began` until now. How long that took is not
    /// known if it began before the load: the clock shows zero until then.
    pub(super) fn count_connect(&mut self, began: u64, now: u64, window: &ThreadWindow<'_>) {
        if !window.bounds.contains(now) {
            return;
        }
        self.recorder.opened += 1;
        if began > 0 {
            self.recorder.connect.saturating_record(now - began);
        }
    }

    /// Records a TLS handshake that took from `began` until now.
    pub(super) fn count_handshake(&mut self, began: u64, now: u64, window: &ThreadWindow<'_>) {
        if began > 0 && window.bounds.contains(now) {
            self.recorder.handshake.saturating_record(now - began);
        }
    }

    /// Passes on what belongs to intervals that have ended. `longest_wait` returns for how long a
    /// request waits already, in nanoseconds.
    pub(super) fn pass_interval(
        &mut self,
        now: u64,
        window: &ThreadWindow<'_>,
        longest_wait: impl FnOnce() -> u64,
    ) {
        if self.interval_ends >= window.bounds.end {
            // The last interval is passed on with the answers that are still awaited.
            self.interval_ends = u64::MAX;
        }
        if now < self.interval_ends {
            return;
        }
        self.recorder.longest_wait = longest_wait();
        let complete = (now - window.bounds.begin) / self.interval_ns;
        self.exchange.give(&mut self.recorder, complete);
        let next = (complete + 1).saturating_mul(self.interval_ns);
        self.interval_ends = window.bounds.begin.saturating_add(next);
    }

    /// Passes on the rest. In an open loop, `unsent` arrivals were never sent, and requests that are
    /// still unanswered have timed out. In a closed loop, or if the run was stopped, requests are
    /// unfinished: each has waited for this number of nanoseconds.
    pub(super) fn finish(
        mut self,
        unsent: u64,
        waits: Vec<u64>,
        window: &ThreadWindow<'_>,
    ) -> ThreadOutcome {
        self.sends.count_unsent(unsent);
        let mut unfinished = waits;
        if self.is_open_loop && !window.shared.halted() {
            self.recorder.failed(ErrorClass::TimedOut, self.outstanding);
            self.recorder.failed(ErrorClass::Unsent, unsent);
            unfinished.clear();
        }
        self.recorder.longest_wait = unfinished.iter().copied().max().unwrap_or(0);
        self.exchange.give(&mut self.recorder, ALL_INTERVALS);
        let (cpu, missing) = window.usage();
        ThreadOutcome {
            cpu,
            missing,
            unfinished,
            sends: self.sends,
            sample: self.sample,
            request_log: self.request_log,
        }
    }
}
