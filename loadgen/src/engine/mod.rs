//! One load thread: its turns, and the edges of its window.
//!
//! A turn does what is due, waits for events until the next thing is due, and
//! handles them. [`offer`] decides when requests are sent, [`transport`] gets
//! them sent and answered.

mod batch;
mod coalesce;
mod handing;
mod limit;
mod offer;
mod pipeline;
mod transport;

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::thread::sleep;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;

use self::batch::Batch;
use self::coalesce::{Coalescing, try_pauses};
use crate::arrival::{SAMPLE, Schedule, process};
use crate::clients::Clients;
use crate::clock::{Clock, Window, nanos, thread_cpu};
use crate::connection::{Connection, State};
use crate::failure::{Cause, ErrorClass};
use crate::http1::Known;
use crate::interval::{ALL, Handover};
use crate::ledger::Ledger;
use crate::names::Names;
use crate::offered::Sends;
use crate::recorder::Recorder;
use crate::request::Prepared;
use crate::shared::{Gauge, Shared};
use crate::spec::LoadSpec;
use crate::tls;
use crate::work::WorkSequence;

/// How many bytes one read takes at most. Most answers are far smaller; large
/// ones are read in few calls, out of a buffer that stays in the L2 cache.
const READ_BYTES: usize = 64 * 1024;

/// How many events one wait takes at most: enough to spread its cost, few
/// enough that what is due in between does not wait long.
const MOST_EVENTS: usize = 256;

/// Timeouts are found by looking at all connections now and then, which costs
/// no system call per request. An eighth of the timeout is as exact as a
/// timeout needs to be; the bounds keep the cost and the delay small.
const SWEEPS_PER_TIMEOUT: u32 = 8;
const SHORTEST_SWEEP: Duration = Duration::from_millis(1);
const LONGEST_SWEEP: Duration = Duration::from_millis(50);

/// A connection that has been opening for longer than this when the window
/// opens or closes is missing: on loopback a handshake takes microseconds, and
/// in a data centre a few milliseconds.
const SLOW_CONNECT_NS: u64 = 100_000_000;

/// A load thread.
#[derive(Debug)]
pub(crate) struct Engine<'run> {
    spec: &'run LoadSpec,
    shared: &'run Shared,
    gauge: &'run Gauge,
    clock: Clock,
    window: Window,
    epoll: OwnedFd,
    buffer: Vec<u8>,
    connections: Vec<Connection>,
    /// The places from here on have no connection until a request needs one.
    on_demand_from: usize,
    /// Open connections without a request; the one longest idle comes first,
    /// so that all of them carry the same share of the load.
    idle: VecDeque<usize>,
    /// Places in which a connection may be opened.
    vacant: Vec<usize>,
    /// Closed loop: places whose connection is over, and gives way to another.
    ended: Vec<usize>,
    /// When places whose connection failed are used again.
    cooling: VecDeque<(u64, usize)>,
    /// Arrivals that were not sent yet; `None` in the closed loop.
    schedule: Option<Schedule>,
    work: WorkSequence,
    /// Where it is ordered.
    ledger: Option<Ledger>,
    /// How many arrivals this thread has begun to send.
    begun: usize,
    prepared: Prepared,
    known: Known,
    clients: Clients,
    /// `None` for plain HTTP.
    tls: Option<tls::Client>,
    /// `None` where workers say their numbers.
    names: Option<Names>,
    /// What belongs to the interval that is under way.
    recorder: Recorder,
    handover: &'run Handover,
    interval_ends: u64,
    /// Requests of the window that were sent and not answered yet, where they
    /// are counted by when they were to be sent.
    outstanding: u64,
    /// This thread has seen all its answers, where requests are numbered.
    finished: bool,
    /// In the closed loop alone, once the thread runs.
    coalescing: Option<Coalescing>,
    /// Likewise, where there is one.
    batch: Option<Batch>,
    /// How long the last answer was.
    last_bytes: u64,
    sends: Sends,
    /// The first intended times of the window, for the check of the schedule.
    sample: Vec<u64>,
    answered: u64,
    failures: u64,
    next_sweep: u64,
    opened: Option<Edge>,
    closed: Option<Edge>,
}

/// What is noted when the window opens and when it closes.
#[derive(Debug, Clone, Copy)]
struct Edge {
    cpu: Duration,
    missing: usize,
}

/// What one thread hands in at the end.
#[derive(Debug)]
pub(crate) struct ThreadOutcome {
    /// CPU time used within the window.
    pub(crate) cpu: Duration,
    /// Connections that were missing at an edge of the window.
    pub(crate) missing: usize,
    /// What it did with the arrivals of the window.
    pub(crate) sends: Sends,
    /// The first of them, as far as they were sent.
    pub(crate) sample: Vec<u64>,
    /// What became of its requests, where that is kept.
    pub(crate) ledger: Option<Ledger>,
}

impl<'run> Engine<'run> {
    /// Sets up the thread with this number, out of those that have work.
    pub(crate) fn new(
        spec: &'run LoadSpec,
        thread: usize,
        clock: Clock,
        shared: &'run Shared,
        gauge: &'run Gauge,
        handover: &'run Handover,
        tls: Option<tls::Client>,
    ) -> io::Result<Self> {
        let threads = spec.busy_threads();
        let share = |all: usize| all / threads + usize::from(thread < all % threads);
        let count = share(spec.most_connections());
        let schedule = process(spec)
            .map(|arrivals| Schedule::new(arrivals, thread, threads, shared.arrivals()));
        Ok(Self {
            spec,
            shared,
            gauge,
            clock,
            window: Window {
                begin: nanos(spec.warmup),
                end: shared.end(),
            },
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            buffer: vec![0; READ_BYTES],
            connections: (0..count)
                .map(|_| Connection::new(spec.pipeline.get() > 1))
                .collect(),
            on_demand_from: match spec.requests_per_connection {
                None => share(spec.connections),
                Some(_) => 0,
            },
            idle: VecDeque::with_capacity(count),
            vacant: Vec::with_capacity(count),
            ended: Vec::with_capacity(count),
            cooling: VecDeque::with_capacity(count),
            ledger: None,
            begun: 0,
            schedule,
            work: WorkSequence::new(&spec.request.work, spec.seed, thread),
            prepared: Prepared::new(&spec.request, &spec.target.authority),
            known: Known::new(),
            clients: Clients::new(spec.client_addresses, thread, threads),
            tls,
            names: Names::new(&spec.worker_names),
            recorder: Recorder::new(),
            handover,
            interval_ends: nanos(spec.warmup.saturating_add(spec.interval)),
            outstanding: 0,
            finished: false,
            coalescing: None,
            batch: None,
            last_bytes: 0,
            sends: Sends::default(),
            sample: Vec::with_capacity(if spec.offer.is_open() { SAMPLE } else { 0 }),
            answered: 0,
            failures: 0,
            next_sweep: 0,
            opened: None,
            closed: None,
        })
    }

    /// Has what becomes of each request written down.
    pub(crate) fn keep(mut self, ledger: Ledger) -> Self {
        self.ledger = Some(ledger);
        for connection in &mut self.connections {
            connection.parser.read_work();
        }
        self
    }

    /// Offers load until the window is closed and its requests are answered.
    pub(crate) fn run(mut self) -> ThreadOutcome {
        if self.schedule.is_none() {
            self.coalescing = Some(Coalescing::new(try_pauses()));
        }
        self.batch = Batch::new(self.spec, self.prepared.longest(), self.connections.len());
        let now = self.clock.now();
        for place in 0..self.connections.len() {
            self.renew(place, now);
        }
        let mut events = Vec::with_capacity(MOST_EVENTS);
        while self.turn(&mut events).is_continue() {}
        self.hand_in()
    }

    fn turn(&mut self, events: &mut Vec<epoll::Event>) -> ControlFlow<()> {
        let now = self.clock.now();
        self.pass_edges(now);
        self.pass_interval(now);
        if self.closed.is_some() && self.is_drained(now) {
            return ControlFlow::Break(());
        }
        self.retry(now);
        self.issue_due(now);
        if now >= self.next_sweep {
            self.sweep(now);
        }
        self.gather(events.len(), now);
        events.clear();
        self.wait(events, now);
        self.handle(events);
        self.finish();
        self.gauge.publish(self.answered, self.failures);
        ControlFlow::Continue(())
    }

    fn pass_edges(&mut self, now: u64) {
        self.window.end = self.shared.end();
        if self.opened.is_none() && now >= self.window.begin {
            self.opened = Some(self.edge(now));
        }
        if self.closed.is_none() && now >= self.window.end {
            self.closed = Some(self.edge(now));
        }
    }

    fn edge(&self, now: u64) -> Edge {
        let is_missing = |connection: &&Connection| match connection.state {
            State::Cooling => true,
            State::Connecting | State::ShakingHands => {
                now.saturating_sub(connection.since) > SLOW_CONNECT_NS
            }
            State::Vacant | State::Idle | State::Busy => false,
        };
        let kept = &self.connections[..self.on_demand_from];
        Edge {
            cpu: thread_cpu(),
            missing: kept.iter().filter(is_missing).count(),
        }
    }

    /// Whether nothing is left to wait for after the window was closed.
    fn is_drained(&self, now: u64) -> bool {
        let unsent = self
            .schedule
            .as_ref()
            .is_some_and(|schedule| schedule.peek() < self.window.end);
        let awaited = unsent || (self.schedule.is_some() && self.outstanding > 0);
        !awaited || self.shared.halted() || now >= self.drain_deadline()
    }

    fn drain_deadline(&self) -> u64 {
        self.window.end.saturating_add(nanos(self.spec.timeout))
    }

    /// Gives up on what takes longer than the timeout.
    fn sweep(&mut self, now: u64) {
        let interval =
            (self.spec.timeout / SWEEPS_PER_TIMEOUT).clamp(SHORTEST_SWEEP, LONGEST_SWEEP);
        self.next_sweep = now + nanos(interval);
        let timeout = nanos(self.spec.timeout);
        for place in 0..self.connections.len() {
            let connection = &self.connections[place];
            if now.saturating_sub(connection.since) < timeout {
                continue;
            }
            let cause = match connection.state {
                State::Busy => Cause::TimedOut(connection.parser.received()),
                State::Connecting | State::ShakingHands => Cause::ConnectTimedOut,
                State::Vacant | State::Cooling | State::Idle => continue,
            };
            self.fail(place, &cause, now);
        }
    }

    /// In the closed loop, lets answers gather after a turn that found few.
    fn gather(&mut self, events: usize, now: u64) {
        let connections = self.connections.len();
        let pause = (self.coalescing.as_mut())
            .and_then(|it| it.pause(now, events, self.answered, connections));
        if let Some(pause) = pause {
            sleep(pause);
        }
    }

    /// Waits for events until the next thing is due.
    fn wait(&self, events: &mut Vec<epoll::Event>, now: u64) {
        let left = Duration::from_nanos(self.next_due().saturating_sub(now));
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: left.subsec_nanos().into(),
        };
        // An interrupted wait has no events and the next turn waits again; no
        // other error can come of a descriptor that we opened.
        let _ = epoll::wait(&self.epoll, spare_capacity(events), Some(&timeout));
    }

    fn next_due(&self) -> u64 {
        let edge = match (self.opened, self.closed) {
            (None, _) => self.window.begin,
            (_, None) => self.window.end,
            _ => self.drain_deadline(),
        };
        let retry = self.cooling.front().map_or(u64::MAX, |(at, _)| *at);
        let arrival = self.next_arrival().unwrap_or(u64::MAX);
        let edge = edge.min(self.interval_ends);
        edge.min(self.next_sweep).min(retry).min(arrival)
    }

    /// Counts as timed out what is still unanswered or unsent.
    fn hand_in(mut self) -> ThreadOutcome {
        let mut unanswered = 0;
        if let Some(schedule) = &mut self.schedule {
            unanswered = self.outstanding;
            let unsent =
                schedule.take_between(self.window.begin, self.window.end, || !self.shared.halted());
            self.sends.count_unsent(unsent);
            unanswered += unsent;
        }
        if !self.shared.halted() {
            self.recorder.failed(ErrorClass::TimedOut, unanswered);
        }
        let (cpu, missing) = match (self.opened, self.closed) {
            (Some(opened), Some(closed)) => (
                closed.cpu.saturating_sub(opened.cpu),
                opened.missing.max(closed.missing),
            ),
            // Stopped before the window opened.
            _ => (Duration::ZERO, 0),
        };
        self.handover.give(&mut self.recorder, ALL);
        ThreadOutcome {
            cpu,
            missing,
            sends: self.sends,
            sample: self.sample,
            ledger: self.ledger,
        }
    }
}
