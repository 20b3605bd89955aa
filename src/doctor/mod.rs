//! Checks for what disturbs measurements on this host, with advice.

mod busy;
mod cpu;
mod generator;
pub(crate) mod host;
mod network;
pub(crate) mod peers;

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    /// What was found, one sentence without a full stop.
    pub(crate) found: String,
    /// What to do; `None` if all is fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

impl Finding {
    fn fine(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            found: found.into(),
            advice: None,
        }
    }

    fn warn(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    /// Returns the finding as one sentence, if it is a warning.
    pub(crate) fn warning(&self) -> Option<String> {
        self.advice
            .as_ref()
            .map(|advice| format!("{}: {advice}", self.found))
    }
}

/// Runs all checks, except for those that this kernel does not support. Takes a fraction of a
/// second, in which other load is measured.
pub(crate) fn examine() -> Vec<Finding> {
    let checks: [fn() -> Option<Finding>; 13] = [
        cpu::count,
        cpu::quota,
        cpu::governor,
        cpu::turbo,
        cpu::clock_source,
        busy::other_load,
        generator::io_uring,
        network::open_files,
        network::accept_queue,
        network::ephemeral_ports,
        network::time_wait_reuse,
        network::syn_cookies,
        network::migration,
    ];
    checks.into_iter().filter_map(|check| check()).collect()
}
