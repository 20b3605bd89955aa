//! One trial of load against any server: what `evenkeel load` tells.

mod arrivals;
mod capacity;
mod csv;
mod page;
mod spread;
mod text;

pub use arrivals::{ArrivalFigures, Checked};
pub use capacity::{Capacity, RateTried};

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::error::RenderError;
use crate::record::{Latency, LoopKind, Measured};

/// A trial of load, with what was asked for. As JSON it is an object with these names and
/// those of [`Measured`]; a figure that was not measured is absent.
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
    /// Connections asked for.
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
    /// For people at a terminal.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// As one JSON object.
    ///
    /// # Errors
    /// If a figure is none that JSON can hold.
    pub fn json(&self) -> Result<String, RenderError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// As a line of names and a line of values.
    ///
    /// # Errors
    /// If the CSV library fails.
    pub fn csv(&self) -> Result<String, RenderError> {
        csv::render(self)
    }

    /// As one self-contained page with charts.
    ///
    /// # Errors
    /// If the drawing library fails.
    pub fn html(&self) -> Result<String, RenderError> {
        page::render(self)
    }

    /// Failed requests of all classes.
    pub fn error_count(&self) -> u64 {
        self.measured.errors.values().sum()
    }

    /// Failed requests as a share of all; `None` if there was none at all.
    pub fn error_share(&self) -> Option<f64> {
        let errors = self.error_count() as f64;
        let attempts = errors + self.measured.requests as f64;
        (attempts > 0.0).then(|| errors / attempts)
    }
}
