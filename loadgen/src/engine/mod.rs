//! One load thread.
//!
//! A turn does what is due, waits for events until the next thing is due, and handles them. The parts
//! of a thread know nothing of each other:
//!
//! - [`pool`]: its connections, and which of them are free
//! - [`wire`]: what they share to exchange bytes with the kernel; [`batch`] is its memory of batches
//! - [`arrivals`]: what the thread has to send
//! - [`window`]: when the measured time begins and ends
//! - [`tally`]: what is counted; [`ledger`] keeps the account of all requests
//!
//! [`Engine`] joins them: [`opening`] opens connections, [`upgrading`] makes
//! WebSockets of them, [`requests`] begins and ends requests,
//! [`answers`] handles events, [`ending`] ends the window, [`batching`] does both for many connections at once, and
//! [`pipelining`] for connections with several requests in flight.

mod answers;
mod arrivals;
mod batch;
mod batching;
mod budget;
mod coalesce;
mod ending;
mod ledger;
mod opening;
mod pipelining;
mod pool;
mod requests;
mod shared;
mod tally;
mod thread_outcome;
mod upgrading;
mod window;
mod wire;

use std::io;
use std::ops::ControlFlow;
use std::thread::sleep;
use std::time::Duration;

use rustix::event::epoll;

use self::arrivals::ThreadArrivals;
use self::batch::Batch;
pub(crate) use self::budget::Budget;
use self::coalesce::{Coalescing, try_pauses};
use self::ending::longest_wait;
use self::pool::Pool;
pub use self::shared::PATIENCE;
pub(crate) use self::shared::{ProgressCounts, Shared, ThreadProgress};
use self::tally::Tally;
pub(crate) use self::thread_outcome::ThreadOutcome;
use self::window::ThreadWindow;
use self::wire::Wire;
use crate::clock::{Clock, nanos};
use crate::connection::{Cause, State};
use crate::outcome::{RecorderExchange, RequestLog};
use crate::spec::{LoadSpec, TlsClient};

/// Most events of one wait: enough to share its cost, few enough that what is due in between does not
/// wait long.
const MAX_EVENTS: usize = 256;

/// Timeouts are found by looking at all connections now and then, which costs no system call per
/// request. An eighth of the timeout is exact enough; the bounds limit cost and delay.
const SWEEPS_PER_TIMEOUT: u32 = 8;
const MIN_SWEEP: Duration = Duration::from_millis(1);
const MAX_SWEEP: Duration = Duration::from_millis(50);

/// A load thread.
pub(crate) struct Engine<'run> {
    spec: &'run LoadSpec,
    clock: Clock,
    window: ThreadWindow<'run>,
    arrivals: ThreadArrivals,
    pool: Pool,
    wire: Wire,
    tally: Tally<'run>,
    /// Only in the closed loop, when the thread runs.
    coalescing: Option<Coalescing>,
    next_sweep: u64,
}

impl<'run> Engine<'run> {
    /// Sets up the thread with this number, out of the busy threads.
    pub(crate) fn new(
        spec: &'run LoadSpec,
        thread: usize,
        clock: Clock,
        shared: &'run Shared,
        (progress, exchange): (&'run ThreadProgress, &'run RecorderExchange),
        tls: Option<TlsClient>,
        request_log: Option<RequestLog>,
    ) -> io::Result<Self> {
        let threads = spec.busy_threads();
        let window = ThreadWindow::new(spec, shared);
        let mut pool = Pool::new(spec, thread, threads);
        for place in 0..pool.len() {
            let parser = &mut pool[place].parser;
            if request_log.is_some() {
                parser.read_work();
            }
            if spec.websocket.is_some() {
                parser.request_websocket();
            }
        }
        Ok(Self {
            spec,
            clock,
            arrivals: ThreadArrivals::new(spec, thread, threads, shared.arrivals),
            pool,
            wire: Wire::new(spec, tls)?,
            tally: Tally::new(
                spec,
                shared.budget.is_some(),
                exchange,
                progress,
                request_log,
            ),
            window,
            coalescing: None,
            next_sweep: 0,
        })
    }

    /// Offers load until the window is closed and its requests are answered.
    pub(crate) fn run(mut self) -> ThreadOutcome {
        if !self.arrivals.is_open() {
            self.coalescing = Some(Coalescing::new(try_pauses()));
        }
        let longest_request = self.wire.prepared.max_length();
        self.wire.batch = Batch::new(self.spec, longest_request, self.pool.len());
        let now = self.clock.now();
        for place in 0..self.pool.len() {
            self.renew(place, now);
        }
        let mut events = Vec::with_capacity(MAX_EVENTS);
        while self.turn(&mut events).is_continue() {}
        self.read_last(&mut events);
        self.end_rest();
        let (begun, window) = (self.arrivals.begun(), &self.window);
        let unsent = (self.arrivals).take_rest(window.bounds, || !window.shared.halted());
        self.tally.finish(begun, unsent, window)
    }

    fn turn(&mut self, events: &mut Vec<epoll::Event>) -> ControlFlow<()> {
        let now = self.clock.now();
        self.window.pass_edges(now, || self.pool.missing(now));
        let (pool, arrivals) = (&self.pool, &self.arrivals);
        let longest_wait = || longest_wait(pool, arrivals, now);
        (self.tally).pass_interval(now, &self.window, longest_wait);
        if self.window.closed.is_some() && self.is_drained(now) {
            return ControlFlow::Break(());
        }
        while let Some(place) = self.pool.take_rested(now) {
            self.renew(place, now);
        }
        self.send_due(now);
        if now >= self.next_sweep {
            self.sweep(now);
        }
        self.coalesce(events.len(), now);
        events.clear();
        let limit = Duration::from_nanos(self.next_due().saturating_sub(now));
        self.wire.wait(events, limit);
        self.handle(events);
        self.window
            .finish(self.tally.ledger.outstanding, &self.clock);
        self.tally.progress.publish(self.tally.counts);
        ControlFlow::Continue(())
    }

    /// Gives up what takes longer than the timeout.
    fn sweep(&mut self, now: u64) {
        let pause = (self.spec.timeout / SWEEPS_PER_TIMEOUT).clamp(MIN_SWEEP, MAX_SWEEP);
        self.next_sweep = now + nanos(pause);
        let timeout = nanos(self.spec.timeout);
        for place in 0..self.pool.len() {
            let connection = &self.pool[place];
            if now.saturating_sub(connection.since) < timeout {
                continue;
            }
            let cause = match connection.state {
                State::Busy => Cause::TimedOut(connection.parser.received),
                State::Connecting | State::ShakingHands | State::Upgrading => {
                    Cause::ConnectTimedOut
                }
                State::Vacant | State::Cooling | State::Idle => continue,
            };
            self.fail(place, &cause, now);
        }
    }

    /// In the closed loop, pauses after a turn that found few answers, so that more arrive at once.
    fn coalesce(&mut self, events: usize, now: u64) {
        let (answered, connections) = (self.tally.counts.requests, self.pool.len());
        let coalescing = self.coalescing.as_mut();
        let pause = coalescing.and_then(|it| it.pause(now, events, answered, connections));
        if let Some(pause) = pause {
            sleep(pause);
        }
    }

    /// When the next thing is due.
    fn next_due(&self) -> u64 {
        let edge = self.window.next_edge().min(self.tally.interval_ends);
        let arrival = self.next_arrival().unwrap_or(u64::MAX);
        edge.min(self.next_sweep)
            .min(self.pool.next_retry())
            .min(arrival)
    }
}
