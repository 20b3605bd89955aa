//! One interval of the window.

use std::time::Duration;

use hdrhistogram::Histogram;

/// One interval of the window. Answers and failures are counted in the interval in which they occur,
/// so that the intervals add up to the window. Those after its end, which only the open loop waits
/// for, belong to the last interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Its start, since the window opened.
    pub begin: Duration,
    /// Its end, since the window opened.
    pub end: Duration,
    /// Requests answered with an expected status.
    pub requests: u64,
    /// Failed requests of all classes.
    pub failures: u64,
    /// Response times; `None` without an answer.
    pub response: Option<Percentiles>,
    /// Of a stall: how long the request that waited longest had waited at the end. A stall is an
    /// interval without an answer, during all of which a request waited for one.
    pub stalled: Option<Duration>,
}

/// Percentiles of response times, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Percentiles {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

impl Percentiles {
    /// Returns the percentiles of a histogram; `None` if it is empty.
    #[must_use]
    pub fn of(times: &Histogram<u64>) -> Option<Self> {
        (!times.is_empty()).then(|| Self {
            p50: times.value_at_quantile(0.5),
            p90: times.value_at_quantile(0.9),
            p99: times.value_at_quantile(0.99),
            p999: times.value_at_quantile(0.999),
            max: times.max(),
        })
    }
}
