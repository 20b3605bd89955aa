//! What a fleet uses besides CPU time while the load is measured.

use std::thread;
use std::time::{Duration, Instant};

use evenkeel_reports::{Costs, ProcessCosts};
use evenkeel_strategies::{
    BySide, ContextSwitches, Deployment, Holdings, SystemCalls, ThreadSwitches,
};

/// For this share of the window, or somewhat longer, system calls are counted. The kernel takes some 0.1 to 0.2 µs
/// longer for each of them meanwhile, which over the whole window would show as a difference
/// between strategies.
const COUNTED: f64 = 0.1;

/// After this share of the window it is looked at what the fleet holds. On a busy machine a look
/// may come a good deal late, and once the window has closed connections are, too.
const LOOKED_AT: f64 = 0.5;

/// Looks at the fleet as the window opens, twice on the way, and as it closes.
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

/// System calls that are being counted.
#[derive(Debug)]
struct Counting {
    calls: BySide<SystemCalls>,
    /// What there was when it was first known how many requests were answered.
    first: Option<Count>,
}

/// What there was at a moment, or between two.
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

    /// So many requests were answered since the load began.
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

    /// Some time has passed: does what is due.
    pub(super) fn look(&mut self) {
        let is_due = |opened_at: Instant| opened_at.elapsed() >= self.window.mul_f64(LOOKED_AT);
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
        // Until no CPU is in the tracepoint any more the kernel lets nobody go who gives it up: for
        // 30 to 60 ms, in which the course of the trial would not be followed. Without a thread
        // to be had it happens here.
        let _spawned = thread::Builder::new().spawn(move || drop(calls));
    }

    /// What came of it; `None` if nothing is known.
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
