//! What one thread counts.

use std::time::Duration;

use super::shared::ThreadProgress;
use super::window::ThreadWindow;
use crate::arrival::SAMPLE;
use crate::clock::nanos;
use crate::connection::{Cause, Request};
use crate::http1::Answer;
use crate::outcome::{
    ALL_INTERVALS, ErrorClass, Recorder, RecorderExchange, RequestLog, SendCounts, Served,
    WorkerNames,
};
use crate::spec::LoadSpec;

/// The counts of one thread.
pub(super) struct Tally<'run> {
    /// What belongs to the current interval.
    recorder: Recorder,
    exchange: &'run RecorderExchange,
    pub(super) progress: &'run ThreadProgress,
    /// When the current interval ends.
    pub(super) interval_ends: u64,
    interval_ns: u64,
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
    /// Requests answered, including the warm-up.
    pub(super) answered: u64,
    pub(super) failures: u64,
    /// Length of the last answer, in bytes.
    pub(super) last_bytes: u64,
}

/// What one thread returns at its end.
pub(crate) struct ThreadOutcome {
    /// CPU time used in the window.
    pub(crate) cpu: Duration,
    /// Number of connections that were missing at an edge of the window.
    pub(crate) missing: usize,
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
            worker_names: WorkerNames::new(&spec.worker_names),
            request_log,
            is_open_loop,
            counts_by_intent: is_open_loop || has_budget,
            outstanding: 0,
            sends: SendCounts::default(),
            sample: Vec::with_capacity(if is_open_loop { SAMPLE } else { 0 }),
            answered: 0,
            failures: 0,
            last_bytes: 0,
        }
    }

    /// Counts a request that is sent now on a connection that has been free since `free_since`.
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
        self.answered += 1;
        self.last_bytes = answer.bytes;
        let names = self.worker_names.as_ref();
        let renumbered = names.map(|names| names.renumber(answer));
        let answer = renumbered.as_ref().unwrap_or(answer);
        if let Some(log) = &mut self.request_log {
            log.write(request.number, Served::by(answer, request.sent, now));
        }
        if self.settle(Some(request.intended), now, window) {
            if answer.status >= 400 {
                let class = ErrorClass::Status(answer.status);
                let text = || format!("the answer to `{}`", request_line());
                self.recorder.example(class, text);
            }
            let response = now.saturating_sub(request.intended);
            let service = now.saturating_sub(since);
            self.recorder.answered(answer, response, service);
        }
    }

    /// Counts a failure, of a request with this intended time or of a connection without a request.
    pub(super) fn count_failure(
        &mut self,
        intended: Option<u64>,
        cause: &Cause,
        now: u64,
        window: &ThreadWindow<'_>,
    ) {
        self.failures += 1;
        if self.settle(intended, now, window) {
            let class = cause.class();
            self.recorder.failed(class, 1);
            self.recorder.example(class, || cause.to_string());
        }
    }

    /// Whether what has just ended belongs to the window. A request that belongs to it by its intended
    /// time is no longer outstanding.
    fn settle(&mut self, intended: Option<u64>, now: u64, window: &ThreadWindow<'_>) -> bool {
        match intended {
            Some(intended) if self.counts_by_intent => {
                let belongs = window.bounds.contains(intended);
                self.outstanding -= u64::from(belongs);
                // The closed loop does not wait for answers after its window.
                belongs && (self.is_open_loop || now < window.bounds.end)
            }
            Some(_) => window.bounds.contains(now),
            None => window.bounds.contains(now) && window.claim(now),
        }
    }

    /// Records a connect that took from `began` until now.
    pub(super) fn count_connect(&mut self, began: u64, now: u64, window: &ThreadWindow<'_>) {
        if window.bounds.contains(now) {
            let took = now.saturating_sub(began);
            self.recorder.connect.saturating_record(took);
        }
    }

    /// Records a TLS handshake that took from `began` until now.
    pub(super) fn count_handshake(&mut self, began: u64, now: u64, window: &ThreadWindow<'_>) {
        if window.bounds.contains(now) {
            self.recorder.handshake.saturating_record(now - began);
        }
    }

    /// Passes on what belongs to intervals that have ended.
    pub(super) fn pass_interval(&mut self, now: u64, window: &ThreadWindow<'_>) {
        if self.interval_ends >= window.bounds.end {
            // The last interval is passed on with the answers that are still awaited.
            self.interval_ends = u64::MAX;
        }
        if now < self.interval_ends {
            return;
        }
        let complete = (now - window.bounds.begin) / self.interval_ns;
        self.exchange.give(&mut self.recorder, complete);
        let next = (complete + 1).saturating_mul(self.interval_ns);
        self.interval_ends = window.bounds.begin.saturating_add(next);
    }

    /// Passes on the rest. Arrivals that were never sent, and requests of the open loop that are still
    /// unanswered, count as timed out.
    pub(super) fn finish(mut self, unsent: u64, window: &ThreadWindow<'_>) -> ThreadOutcome {
        self.sends.count_unsent(unsent);
        if self.is_open_loop && !window.shared.halted() {
            let unanswered = self.outstanding + unsent;
            self.recorder.failed(ErrorClass::TimedOut, unanswered);
        }
        self.exchange.give(&mut self.recorder, ALL_INTERVALS);
        let (cpu, missing) = window.usage();
        ThreadOutcome {
            cpu,
            missing,
            sends: self.sends,
            sample: self.sample,
            request_log: self.request_log,
        }
    }
}
