//! One trial of load against any server, as `evenkeel load` measures it.

mod account;
mod arrivals;
mod bars;
mod capacity;
mod records;
mod report;

pub use arrivals::{ArrivalFigures, Checked};
pub use capacity::{Capacity, RateTried};

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::record::{Latency, LoopKind, Measured};

/// A trial of load and how it was configured. As JSON it is an object with these names and those of
/// [`Measured`]; a figure that was not measured is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "trial")]
pub struct LoadTrial {
    /// Version of the program that measured.
    pub evenkeel: String,
    /// When the load began, seconds since the Unix epoch.
    pub started_unix_s: u64,
    /// The command line, so that the trial can be repeated.
    pub command: Vec<String>,
    /// Where the load went.
    pub url: String,
    /// Whether arrivals waited for answers.
    pub loop_kind: LoopKind,
    /// Number of connections requested.
    pub connections: usize,
    /// Load threads.
    pub threads: usize,
    /// The figures of every trial.
    #[serde(flatten)]
    pub measured: Measured,
    /// What became of the arrivals; absent in a closed loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<ArrivalFigures>,
    /// How long connects took, microseconds; absent if none was opened in the measured time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<Latency>,
    /// How long TLS handshakes took, microseconds; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_us: Option<Latency>,
    /// Connections opened in the measured time.
    pub connections_opened: u64,
    /// Bytes received in the measured time, heads and bodies of answers.
    pub received_bytes: u64,
    /// CPU time per load thread and second of the measured time.
    pub generator_cpu_share: f64,
    /// What the first failure of each class looked like.
    pub error_examples: BTreeMap<String, String>,
    /// Response times, nanoseconds.
    #[serde(skip)]
    pub response: Histogram<u64>,
    /// Service times, nanoseconds.
    #[serde(skip)]
    pub service: Histogram<u64>,
}

impl LoadTrial {
    /// Number of failed requests of all classes.
    pub fn error_count(&self) -> u64 {
        self.measured.errors.values().sum()
    }

    /// Number of failed attempts to connect.
    pub fn connect_error_count(&self) -> u64 {
        self.measured.connect_errors.values().sum()
    }

    /// Failed requests as a share of all; `None` if there was no request.
    pub fn error_share(&self) -> Option<f64> {
        let errors = self.error_count() as f64;
        let attempts = errors + self.measured.requests as f64;
        (attempts > 0.0).then(|| errors / attempts)
    }
}
