//! What an event does.

use std::num::NonZeroUsize;
use std::time::Duration;

use evenkeel_strategies::{Change, Fault, Misbehaviour, Reload, Slowness};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Event, Workers};
use crate::values::Share;

/// What happens: a change of the fleet, or a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    /// Every worker is replaced by a new one.
    Reload,
    /// Workers are added or taken out.
    Scale,
    /// One worker is replaced by a new one.
    Restart,
    /// Dispatchers are replaced by new ones.
    ReplaceDispatcher,
    /// A fault: the process is killed.
    Crash,
    /// A fault: the process is stopped, with its sockets open.
    Hang,
    /// A fault: the process is stopped now and then, as by a garbage collector.
    Pause,
    /// A fault: the process gets less CPU time than it needs.
    Throttle,
    /// A fault: work takes longer.
    Slow,
    /// A fault: the worker closes its own listener.
    Refuse,
    /// A fault: the worker accepts connections and resets them.
    Reset,
    /// A fault: the worker answers with status 500 at once, and reports no load.
    FailFast,
    /// A fault: the worker reports no load, whatever it has.
    Lie,
    /// A fault: the worker sends answers a byte at a time.
    Drip,
    /// A fault: the worker never closes connections.
    Leak,
}

/// What an event does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Change(Change),
    Fault(Fault),
}

/// How long a process is stopped, and from one pause to the next, as a collector of garbage might do.
pub(super) const PAUSE: Duration = Duration::from_millis(100);
pub(super) const EACH: Duration = Duration::from_secs(1);

/// From one byte of an answer to the next: a short answer takes as long as a person notices.
const EACH_BYTE: Duration = Duration::from_millis(100);

impl Event {
    /// What is missing was found by the check before.
    pub(super) fn deed(&self) -> Deed {
        match self.action {
            Action::Reload => {
                let usual = Reload::default();
                Deed::Change(Change::Reload(Reload {
                    order: self.order.unwrap_or(usual.order),
                    overlap: self.overlap.unwrap_or(usual.overlap),
                    drain_within: self.drain,
                }))
            }
            Action::Scale => Deed::Change(Change::Scale {
                workers: self
                    .workers
                    .as_ref()
                    .and_then(Workers::number)
                    .unwrap_or(NonZeroUsize::MIN),
                close: self.close.and_then(Share::of_connections),
            }),
            Action::Restart => Deed::Change(Change::Restart {
                worker: self.worker.unwrap_or(0) as usize,
            }),
            Action::ReplaceDispatcher => Deed::Change(Change::ReplaceDispatcher {
                dispatcher: self.dispatcher.map(|number| number as usize),
                drain_within: self.drain,
            }),
            Action::Crash => Deed::Fault(Fault::Crash(self.signal.unwrap_or_default())),
            Action::Hang => Deed::Fault(Fault::Hang),
            Action::Pause => Deed::Fault(Fault::Pause {
                stopped: self.stopped.unwrap_or(PAUSE),
                every: self.each.unwrap_or(EACH),
            }),
            Action::Throttle => Deed::Fault(Fault::Throttle {
                cpus: self.cpus.unwrap_or(1.0),
            }),
            Action::Slow => misbehave(Misbehaviour::Slow(self.slowness())),
            Action::Refuse => misbehave(Misbehaviour::Refuse),
            Action::Reset => misbehave(Misbehaviour::Reset),
            Action::FailFast => misbehave(Misbehaviour::FailFast),
            Action::Lie => misbehave(Misbehaviour::Lie),
            Action::Drip => misbehave(Misbehaviour::Drip {
                every: self.each.unwrap_or(EACH_BYTE),
            }),
            Action::Leak => misbehave(Misbehaviour::Leak),
        }
    }

    fn slowness(&self) -> Slowness {
        match self.takes {
            Some(takes) => takes.into(),
            None => Slowness::Times(self.times.unwrap_or(1.0)),
        }
    }
}

fn misbehave(how: Misbehaviour) -> Deed {
    Deed::Fault(Fault::Misbehave(how))
}

impl Action {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Reload => "reload",
            Self::Scale => "scale",
            Self::Restart => "restart",
            Self::ReplaceDispatcher => "replace-dispatcher",
            Self::Crash => "crash",
            Self::Hang => "hang",
            Self::Pause => "pause",
            Self::Throttle => "throttle",
            Self::Slow => "slow",
            Self::Refuse => "refuse",
            Self::Reset => "reset",
            Self::FailFast => "fail-fast",
            Self::Lie => "lie",
            Self::Drip => "drip",
            Self::Leak => "leak",
        }
    }

    pub(super) fn is_fault(self) -> bool {
        !matches!(
            self,
            Self::Reload | Self::Scale | Self::Restart | Self::ReplaceDispatcher
        )
    }

    /// Whether it is a fault that the process acts itself, which only a worker can.
    pub(super) fn is_misbehaviour(self) -> bool {
        use Action::{Drip, FailFast, Leak, Lie, Refuse, Reset, Slow};
        matches!(self, Slow | Refuse | Reset | FailFast | Lie | Drip | Leak)
    }
}
