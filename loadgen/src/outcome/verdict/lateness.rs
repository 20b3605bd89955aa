//! Whether the generator was late: whether its own lag makes up too much of the latencies.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::{LATE_REQUESTS, LATE_SHARE, time};
use crate::outcome::{LATE_AFTER, Outcome};

/// A percentile of the response times may be larger by this share than that of the service times. People
/// act on latencies that differ by a factor of 1.5 or more, and this alone does not make such a difference.
const ALLOWED_EXCESS: f64 = 0.25;

/// The percentiles that every report shows.
const PERCENTILES: [f64; 3] = [50.0, 90.0, 99.0];

/// Where requests wait for connections, which is the server's share, lag up to this share of the median
/// response time is allowed.
const ALLOWED_LAG_OF_MEDIAN: f64 = 0.5;

/// Says how late the generator was, if that was too much.
pub(crate) fn late(outcome: &Outcome) -> Option<String> {
    let requests = outcome.lag.len();
    let share = (LATE_REQUESTS / requests.max(1) as f64).clamp(LATE_SHARE, 0.5);
    let lag = at(&outcome.lag, 100.0 * (1.0 - share));
    if lag <= LATE_AFTER {
        return None;
    }
    let waited = outcome.offered.map_or(0, |offered| offered.waited);
    let because = match waited as f64 <= share * requests as f64 {
        true => excess(outcome, 100.0 * (1.0 - share)),
        false => more_than_half_of_the_median(outcome, share, lag),
    };
    because.map(|because| {
        format!("the generator was late: {because}; use more load CPUs or a lower rate")
    })
}

/// Compares response and service times, which differ by the lag alone. `most` is the highest percentile
/// that the number of requests supports.
fn excess(outcome: &Outcome, most: f64) -> Option<String> {
    let supported = PERCENTILES
        .into_iter()
        .filter(|percentile| *percentile <= most);
    supported
        .map(|percentile| (percentile, at(&outcome.response, percentile), at(&outcome.service, percentile)))
        .find(|(_, response, service)| *response > service.mul_f64(1.0 + ALLOWED_EXCESS))
        .map(|(percentile, response, service)| {
            format!(
                "the p{percentile:.0} is {} from when requests were due and {} from when they were sent, and \
                 {:.0}% more is allowed",
                time(response),
                time(service),
                ALLOWED_EXCESS * 100.0,
            )
        })
}

fn more_than_half_of_the_median(outcome: &Outcome, share: f64, lag: Duration) -> Option<String> {
    let median = at(&outcome.response, 50.0);
    let allowed = LATE_AFTER.max(median.mul_f64(ALLOWED_LAG_OF_MEDIAN));
    (lag > allowed).then(|| {
        format!(
            "{:.1}% of its requests had a lag of {} or more, and with a median response time of {} at most {} \
             is allowed",
            share * 100.0,
            time(lag),
            time(median),
            time(allowed),
        )
    })
}

fn at(histogram: &Histogram<u64>, percentile: f64) -> Duration {
    Duration::from_nanos(histogram.value_at_percentile(percentile))
}
