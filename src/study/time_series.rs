//! The time series of a trial: its intervals as the record has them.

use evenkeel_loadgen::{self as loadgen, Histogram};
use evenkeel_reports::{HostShares, IntervalRecord, histogram};

const NS_PER_US: f64 = 1e3;
const US_PER_S: f64 = 1e6;

/// The intervals of a trial, collected as they end.
#[derive(Debug)]
pub(crate) struct TimeSeries {
    with_histograms: bool,
    intervals: Vec<IntervalRecord>,
}

impl TimeSeries {
    /// An empty time series. Histograms take some kilobytes each, so they are optional.
    pub(crate) fn new(with_histograms: bool) -> Self {
        Self {
            with_histograms,
            intervals: Vec::new(),
        }
    }

    /// Adds an interval, and what the host and each worker did in it, if known.
    pub(crate) fn add(
        &mut self,
        interval: &loadgen::Interval,
        response: &Histogram<u64>,
        host: Option<HostShares>,
        per_worker: Vec<u64>,
    ) {
        let duration = interval.end.saturating_sub(interval.begin);
        let us = |ns: u64| ns as f64 / NS_PER_US;
        let histogram = self.with_histograms.then(|| histogram::encode(response));
        self.intervals.push(IntervalRecord {
            at_s: interval.begin.as_secs_f64(),
            duration_s: duration.as_secs_f64(),
            requests: interval.requests,
            errors: interval.failures,
            per_worker,
            p50_us: interval.response.map(|times| us(times.p50)),
            p99_us: interval.response.map(|times| us(times.p99)),
            max_us: interval.response.map(|times| us(times.max)),
            stalled_us: interval
                .stalled
                .map(|waited| waited.as_secs_f64() * US_PER_S),
            // Encoding fails only for more than `i64::MAX` answers.
            histogram: histogram.and_then(Result::ok),
            host,
        });
    }

    pub(crate) fn into_intervals(self) -> Vec<IntervalRecord> {
        self.intervals
    }
}
