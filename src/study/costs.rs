//! What a fleet uses besides CPU time while the load is measured.

use std::thread;
use std::time::{Duration, Instant};

use evenkeel_reports::{Costs, ProcessCosts};
use evenkeel_strategies::{
    BySide, ContextSwitches, Deployment, Holdings, SystemCalls, ThreadSwitches,
};

/// For this share of the window system calls are counted. The kernel takes some 0.1 to 0.2 µs
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
    counted: Option<Counted>,
    held: Option<BySide<Holdings>>,
    switches: Option<BySide<ContextSwitches>>,
}

/// A count that has begun.
#[derive(Debug)]
struct Counting {
    calls: BySide<SystemCalls>,
    served_before: Option<u64>,
}

/// A count that is over.
#[derive(Debug)]
struct Counted {
    calls: BySide<u64>,
    requests: Option<u64>,
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
            served_before: served(self.fleet),
        });
    }

    /// Some time has passed: does what is due.
    pub(super) fn look(&mut self) {
        let Some(opened_at) = self.opened_at else {
            return;
        };
        let so_far = opened_at.elapsed();
        if so_far >= self.window.mul_f64(COUNTED) {
            self.end_count();
        }
        if self.held.is_none() && so_far >= self.window.mul_f64(LOOKED_AT) {
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
        let Some(Counting {
            calls,
            served_before,
        }) = self.counting.take()
        else {
            return;
        };
        let so_far = |calls: &Option<SystemCalls>| calls.as_ref()?.so_far();
        self.counted = Some(Counted {
            calls: BySide {
                dispatcher: so_far(&calls.dispatcher),
                workers: so_far(&calls.workers),
            },
            requests: served(self.fleet)
                .zip(served_before)
                .map(|(now, before)| now - before),
        });
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
            requests_while_counting: self.counted.and_then(|counted| counted.requests),
        };
        (costs != Costs::default()).then_some(costs)
    }
}

/// Requests that all workers have answered; `None` where they are another system's, which does not
/// say.
fn served(fleet: &Deployment) -> Option<u64> {
    let scoreboard = fleet.scoreboard()?;
    let workers = 0..scoreboard.workers();
    Some(
        workers
            .map(|worker| scoreboard.slot(worker).requests_served())
            .sum(),
    )
}
