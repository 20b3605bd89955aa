//! What the processes of a fleet use besides CPU time, told for each of its sides.

pub(crate) mod cpu_time;
mod holdings;
mod switches;
mod system_calls;

use std::str::FromStr;

pub use cpu_time::{CpuModes, CpuTime};
pub use holdings::Holdings;
pub use switches::{ContextSwitches, ThreadSwitches};
pub use system_calls::{SystemCalls, Uncounted, system_call_tracepoint};

/// A figure of the dispatchers together and of the workers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BySide<T> {
    /// Of all dispatchers; `None` without one, or if one is gone.
    pub dispatcher: Option<T>,
    /// Of all workers; `None` if one is gone.
    pub workers: Option<T>,
}

impl<T> BySide<T> {
    /// What becomes of the figure of each side.
    pub fn map<U>(self, change: impl Fn(T) -> Option<U>) -> BySide<U> {
        BySide {
            dispatcher: self.dispatcher.and_then(&change),
            workers: self.workers.and_then(&change),
        }
    }

    /// Both figures of each side that has two.
    pub fn zip<U>(self, other: BySide<U>) -> BySide<(T, U)> {
        BySide {
            dispatcher: self.dispatcher.zip(other.dispatcher),
            workers: self.workers.zip(other.workers),
        }
    }
}

/// The number in a line `NAME:  NUMBER` of `/proc/PID/status`, whatever unit stands behind it.
fn field<T: FromStr>(status: &str, name: &str) -> Option<T> {
    let lines = status.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.into_iter().find(|(key, _)| *key == name)?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let status = "Name:\tVmRSS: 7\nVmRSS:\t  1234 kB\nnonvoluntary_ctxt_switches:\t5\nvoluntary_ctxt_switches:\t9\n";
        assert_eq!(field(status, "VmRSS"), Some(1234));
        assert_eq!(field(status, "voluntary_ctxt_switches"), Some(9));
        for name in ["Rss", "VmHWM", "Name"] {
            assert_eq!(field::<u64>(status, name), None, "{name}");
        }
    }
}
