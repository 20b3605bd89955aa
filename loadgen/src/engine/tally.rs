//! What one thread counts.

use super::ledger::{End, Ledger};
use super::shared::{ProgressCounts, ThreadProgress};
use super::thread_outcome::ThreadOutcome;
use super::window::ThreadWindow;
use crate::arrival::SAMPLE;
use crate::clock::nanos;
use crate::connection::{Cause, Connection, Ended, Request};
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
    pub(super) ledger: Ledger,
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
            ledger: Ledger::new(is_open_loop, has_budget),
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
        if !self.ledger.begin(intended, window.bounds) || !self.is_open_loop {
            return;
        }
        let lag = (self.sends).count(intended, free_since, now, window.bounds.end);
        self.recorder.lag.saturating_record(lag);
        if self.sample.len() < self.sample.capacity() {
            self.sample.push(intended);
        }
    }

    /// Counts the answer to the request of this connection. `request_line` describes the request if its
    /// answer is the example of an error.
    pub(super) fn count_answer(
        &mut self,
        connection: &Connection,
        answer: &Answer,
        now: u64,
        window: &ThreadWindow<'_>,
        request_line: impl FnOnce() -> String,
    ) {
        let request = &connection.request;
        self.counts.requests += 1;
        self.last_bytes = answer.bytes;
        let (names, later) = (self.worker_names.as_mut(), &window.shared.later_names);
        let renumbered = names.map(|names| names.renumber(answer, now, later));
        let answer = renumbered.as_ref().unwrap_or(answer);
        if let Some(generation) = answer.generation {
            (window.shared.first_answers).note(answer, generation, now);
        }
        let is_expected = self.expected.contains(answer.status);
        if let Some(log) = &mut self.request_log {
            let served = Served::by(answer, request.sent, now);
            log.write(request.number, is_expected.then_some(served));
        }
        if !self.settle(request, is_expected, now, window) {
            return;
        }
        let response = now.saturating_sub(request.intended);
        if is_expected {
            let service = now.saturating_sub(connection.since);
            self.recorder.answered(answer, response, service);
        } else {
            let class = ErrorClass::Status(answer.status);
            let text = || format!("the answer to `{}`", request_line());
            self.recorder.example(class, text);
            self.recorder.unexpected(answer, response);
            self.log(&connection.describe(request, class), now);
        }
    }

    /// Counts the failure of a request.
    pub(super) fn count_failure(
        &mut self,
        ended: &Ended,
        cause: &Cause,
        now: u64,
        window: &ThreadWindow<'_>,
    ) {
        self.counts.failures += 1;
        if self.settle(&ended.request, false, now, window) {
            self.recorder.failed(ended.class, 1);
            self.recorder.example(ended.class, || cause.to_string());
            self.log(ended, now);
        }
    }

    /// Counts a request that is still in flight at the end of a run that does not wait for it.
    pub(super) fn count_unfinished(&mut self, request: &Request, window: &ThreadWindow<'_>) {
        if self.ledger.leave(request.intended, window.bounds) {
            self.count_repeated(request, false);
        }
    }

    fn log(&mut self, ended: &Ended, now: u64) {
        let worker = match &self.worker_names {
            Some(names) => ended.worker.and_then(|name| names.find(name)),
            None => ended.worker,
        };
        self.ledger.log(ended, worker, now);
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
        let class = cause.class_of_attempt();
        self.counts.connect_failures += 1;
        // Also of a connect before the window: if the server is never reached, it is the reason.
        self.recorder.example(class, || cause.to_string());
        if window.bounds.contains(now) {
            self.recorder.connect_failed(class);
        }
        if !has_request && window.claims_in_vain(self.opened_at, now) {
            self.counts.failures += 1;
            self.recorder.failed(class, 1);
            self.ledger.log_in_vain(class, now);
        }
    }

    /// Whether a request that has just ended is answered or failed in the window.
    fn settle(
        &mut self,
        request: &Request,
        is_expected: bool,
        now: u64,
        window: &ThreadWindow<'_>,
    ) -> bool {
        let end = self.ledger.end(request.intended, now, window.bounds);
        if end != End::Outside {
            self.count_repeated(request, is_expected && end == End::Inside);
        }
        end == End::Inside
    }

    /// Counts a request of the window, if it was sent again.
    fn count_repeated(&mut self, request: &Request, is_answered: bool) {
        if let Some(class) = request.repeated {
            self.recorder.repeated.count(class, is_answered);
        }
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

    /// Passes on the rest. This number of requests has begun since the load began, the warm-up
    /// included. In an open loop, `unsent` arrivals were never sent; of a run that was stopped, only
    /// those that were sent count.
    pub(super) fn finish(
        mut self,
        begun: u64,
        mut unsent: u64,
        window: &ThreadWindow<'_>,
    ) -> ThreadOutcome {
        self.sends.count_unsent(unsent);
        if window.shared.halted() {
            unsent = 0;
        }
        self.recorder.failed(ErrorClass::Unsent, unsent);
        let Ledger { waits, .. } = &self.ledger;
        self.recorder.longest_wait = waits.iter().copied().max().unwrap_or(0);
        self.exchange.give(&mut self.recorder, ALL_INTERVALS);
        let (cpu, missing) = window.usage();
        ThreadOutcome {
            cpu,
            missing,
            in_window: self.ledger.in_window(begun, unsent),
            unfinished: self.ledger.waits,
            ended_after: self.ledger.ended_after,
            losses: self.ledger.losses,
            sends: self.sends,
            sample: self.sample,
            request_log: self.request_log,
        }
    }
}
