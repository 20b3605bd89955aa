//! What the processes of a fleet use, for each side of the fleet.

pub(crate) mod cpu_time;
mod holdings;
mod switches;
mod system_calls;

pub use cpu_time::{CpuModes, CpuTime};
pub use holdings::Holdings;
pub use switches::{ContextSwitches, ThreadSwitches};
pub use system_calls::{SystemCalls, Uncounted, system_call_tracepoint};

/// A figure for all dispatchers and one for all workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BySide<T> {
    /// Sum over all dispatchers. `None` if there are none, or one is gone.
    pub dispatcher: Option<T>,
    /// Sum over all workers. `None` if one is gone.
    pub workers: Option<T>,
}

impl<T> BySide<T> {
    /// Applies a function to the figure of each side.
    pub fn map<U>(self, change: impl Fn(T) -> Option<U>) -> BySide<U> {
        BySide {
            dispatcher: self.dispatcher.and_then(&change),
            workers: self.workers.and_then(&change),
        }
    }

    /// Pairs the figures of each side that has both.
    pub fn zip<U>(self, other: BySide<U>) -> BySide<(T, U)> {
        BySide {
            dispatcher: self.dispatcher.zip(other.dispatcher),
            workers: self.workers.zip(other.workers),
        }
    }
}
