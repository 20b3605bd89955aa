//! What came back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::failure::ErrorClass;
use crate::interval::Interval;
use crate::ledger::Entry;
use crate::offered::Offered;
use crate::recorder::Recorder;

/// Load threads that are this busy have no time left. The rest is what the
/// kernel's accounting and the edges of the window leave out.
const FULL_SHARE: f64 = 0.95;

/// The result of one run of load. Counts and times are of the window alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Requests answered with a status below 400.
    pub requests: u64,
    /// When the window opened; `None` if it never did.
    pub opened_at: Option<Instant>,
    /// How long the window was open.
    pub duration: Duration,
    /// Nanoseconds from the intended time to the end of the answer. In the
    /// closed loop the intended time is that of the send.
    pub response: Histogram<u64>,
    /// Nanoseconds from the send, or from the connect that it needed, to the
    /// end of the answer.
    pub service: Histogram<u64>,
    /// Nanoseconds by which the generator itself was late: from the moment a
    /// request was due and had a connection, to its send. Empty in the closed
    /// loop, where a request is due when it is sent.
    pub lag: Histogram<u64>,
    /// Nanoseconds that connects took, of connections opened in the window.
    pub connect: Histogram<u64>,
    /// Nanoseconds that TLS handshakes took, from the connect on, of those that
    /// were completed in the window. Empty without TLS.
    pub handshake: Histogram<u64>,
    /// Failures by class.
    pub errors: BTreeMap<ErrorClass, u64>,
    /// What the first failure of each class looked like.
    pub examples: BTreeMap<ErrorClass, String>,
    /// Requests answered by each worker, indexed by the number that it gave in
    /// `x-evenkeel-worker`, or that its [name](crate::LoadSpec::worker_names) there stands for.
    pub per_worker: Vec<u64>,
    /// Requests answered without such a number.
    pub unattributed: u64,
    /// Bytes received: heads and bodies of the answered requests.
    pub bytes: u64,
    /// The window in stretches, in their order; a day of seconds at most.
    pub intervals: Vec<Interval>,
    /// Connections opened.
    pub connections_opened: u64,
    /// CPU time of the load threads.
    pub cpu: Duration,
    /// How many load threads there were.
    pub threads: usize,
    /// What became of the arrivals (open loop only).
    pub offered: Option<Offered>,
    /// What became of each arrival until the window closed, warm-up included,
    /// in the order in which they were due; where that was ordered.
    pub ledger: Option<Vec<Entry>>,
    /// The run was stopped before its time.
    pub interrupted: bool,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
    /// Why these numbers are not to be trusted; empty if they are.
    pub invalid_because: Vec<String>,
    /// CPU time per thread and second of the window: at 1 the load threads
    /// were busy all the time, and throughput is a lower bound.
    pub generator_cpu_share: f64,
}

impl Outcome {
    /// What was recorded in a window of this length by so many threads; the
    /// rest is still to be filled in.
    pub(crate) fn of_window(recorder: Recorder, duration: Duration, threads: usize) -> Self {
        Self {
            requests: recorder.requests,
            opened_at: None,
            duration,
            connections_opened: recorder.connect.len(),
            response: recorder.response,
            service: recorder.service,
            lag: recorder.lag,
            connect: recorder.connect,
            handshake: recorder.handshake,
            errors: recorder.errors,
            examples: recorder.examples,
            per_worker: recorder.per_worker,
            unattributed: recorder.unattributed,
            bytes: recorder.bytes,
            intervals: Vec::new(),
            cpu: Duration::ZERO,
            threads,
            offered: None,
            ledger: None,
            interrupted: false,
            notes: Vec::new(),
            invalid_because: Vec::new(),
            generator_cpu_share: 0.0,
        }
    }

    pub(crate) fn set_cpu(&mut self, cpu: Duration) {
        self.cpu = cpu;
        let available = self.duration.as_secs_f64() * self.threads as f64;
        if available > 0.0 {
            self.generator_cpu_share = cpu.as_secs_f64() / available;
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

    /// Whether the load threads had no time left to send more: a throughput of
    /// the closed loop is then a lower bound.
    #[must_use]
    pub fn generator_is_full(&self) -> bool {
        self.generator_cpu_share >= FULL_SHARE
    }

    /// Failures of all classes.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is going on.
    pub phase: Phase,
    /// Since the load began.
    pub elapsed: Duration,
    /// When the window is to close at the latest, since the load began; `None`
    /// where only the number of requests says so.
    pub planned: Option<Duration>,
    /// Requests answered since the load began, warm-up included.
    pub requests: u64,
    /// Failures since the load began, warm-up included.
    pub failures: u64,
}

/// The parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Load is offered, nothing is recorded.
    WarmingUp,
    /// The window is open.
    Measuring,
    /// The window is closed; its last answers are awaited.
    Draining,
}

/// Someone who wants to know while load is offered. All calls come on the
/// thread that called [`run`](crate::run), never on a load thread.
pub trait Observer {
    /// The window has just opened: time for a first snapshot.
    fn window_opened(&mut self) {}
    /// The window has just closed: time for a second one.
    fn window_closed(&mut self) {}
    /// An interval of the window is over, with these response times in
    /// nanoseconds.
    fn interval(&mut self, _interval: &Interval, _response: &Histogram<u64>) {}
    /// Called about ten times a second.
    fn progress(&mut self, _progress: &Progress) {}
}

/// Nobody wants to know.
impl Observer for () {}
