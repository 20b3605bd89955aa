//! What a fleet uses in addition to CPU time while the load is measured.

use std::thread;
use std::time::{Duration, Instant};

use evenkeel_reports::{Costs, ProcessCosts};
use evenkeel_strategies::{
    BySide, ContextSwitches, Deployment, Holdings, SystemCalls, ThreadSwitches,
};

/// Share of the window in which system calls are counted; the actual time may be somewhat longer.
/// Counting makes each call about 0.1 to 0.2 µs slower, which over the whole window would look like
/// a difference between strategies.
const COUNTED: f64 = 0.1;

/// Share of the window after which descriptors and memory are read. On a busy machine the reading
/// may be late, and after the window connections are closed.
const HOLDINGS_AT: f64 = 0.5;

/// Observes the fleet when the window opens, twice within it, and when it closes.
#[derive(Debug)]
pub(super) struct CostWatch<'a> {
    fleet: &'a Deployment,
    window: Duration,
    tracepoint: Option<u64>,
    opened_at: Option<Instant>,
    before: Option<BySide<ThreadSwitches>>,
    counting: Option<Counting>,
    counted: Option<Count>,
    held: Option<BySide<Holdings>>,
    switches: Option<BySide<ContextSwitches>>,
}

#[derive(Debug)]
struct Counting {
    calls: BySide<SystemCalls>,
    /// State when the number of answered requests was first known.
    first: Option<Count>,
}

/// Counts at one moment, or between two.
#[derive(Clone, Copy, Debug)]
struct Count {
    at: Instant,
    calls: BySide<u64>,
    requests: u64,
}

impl<'a> CostWatch<'a> {
    pub(super) fn new(fleet: &'a Deployment, window: Duration, tracepoint: Option<u64>) -> Self {
        Self {
            fleet,
            window,
            tracepoint,
            opened_at: None,
            before: None,
            counting: None,
            counted: None,
            held: None,
            switches: None,
        }
    }

    pub(super) fn window_opened(&mut self) {
        self.opened_at = Some(Instant::now());
        self.before = Some(self.fleet.switches());
        self.counting = self.tracepoint.map(|tracepoint| Counting {
            calls: self.fleet.count_system_calls(tracepoint),
            first: None,
        });
    }

    /// Takes in the number of requests answered since the load began.
    pub(super) fn answered(&mut self, requests: u64) {
        let Some(counting) = &mut self.counting else {
            return;
        };
        let now = Count {
            at: Instant::now(),
            calls: so_far(&counting.calls),
            requests,
        };
        let first = *counting.first.get_or_insert(now);
        if now.at - first.at >= self.window.mul_f64(COUNTED) {
            self.counted = Some(now.since(first));
            self.end_count();
        }
    }

    /// Reads what is due by now.
    pub(super) fn look(&mut self) {
        let is_due = |opened_at: Instant| opened_at.elapsed() >= self.window.mul_f64(HOLDINGS_AT);
        if self.held.is_none() && self.opened_at.is_some_and(is_due) {
            self.held = Some(self.fleet.holdings());
        }
    }

    pub(super) fn window_closed(&mut self) {
        self.opened_at = None;
        self.end_count();
        let now = self.fleet.switches();
        let before = self.before.take();
        self.switches = before.map(|before| now.zip(before).map(|(now, then)| now.since(&then)));
    }

    fn end_count(&mut self) {
        let Some(Counting { calls, .. }) = self.counting.take() else {
            return;
        };
        // Closing the tracepoint blocks until no CPU is in it, for 30 to 60 ms. In that time no
        // interval would be recorded, so another thread does it, if one can be started.
        let _spawned = thread::Builder::new().spawn(move || drop(calls));
    }

    /// Returns the result; `None` if nothing is known.
    pub(super) fn into_costs(self) -> Option<Costs> {
        let side = |switches: Option<ContextSwitches>, calls, held: Option<Holdings>| {
            let costs = ProcessCosts {
                voluntary_switches: switches.map(|switches| switches.voluntary),
                involuntary_switches: switches.map(|switches| switches.involuntary),
                system_calls: calls,
                descriptors: held.map(|held| held.descriptors),
                resident_bytes: held.map(|held| held.resident_bytes),
            };
            (costs != ProcessCosts::default()).then_some(costs)
        };
        let calls = self.counted.as_ref().map(|counted| counted.calls);
        let costs = Costs {
            dispatcher: side(
                self.switches.and_then(|switches| switches.dispatcher),
                calls.and_then(|calls| calls.dispatcher),
                self.held.and_then(|held| held.dispatcher),
            ),
            workers: side(
                self.switches.and_then(|switches| switches.workers),
                calls.and_then(|calls| calls.workers),
                self.held.and_then(|held| held.workers),
            ),
            requests_while_counting: self.counted.map(|counted| counted.requests),
        };
        (costs != Costs::default()).then_some(costs)
    }
}

impl Count {
    fn since(self, earlier: Self) -> Self {
        let calls = self.calls.zip(earlier.calls);
        Self {
            at: self.at,
            calls: calls.map(|(now, then)| now.checked_sub(then)),
            requests: self.requests - earlier.requests,
        }
    }
}

fn so_far(calls: &BySide<SystemCalls>) -> BySide<u64> {
    let so_far = |calls: &Option<SystemCalls>| calls.as_ref()?.so_far();
    BySide {
        dispatcher: so_far(&calls.dispatcher),
        workers: so_far(&calls.workers),
    }
}
