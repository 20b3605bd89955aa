//! Interval logs: histograms over time, in the format of `HistogramLogWriter` of HdrHistogram.

use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder;

/// The log has the longest time of each interval in milliseconds and a histogram of nanoseconds, as
/// readers of such logs expect.
const NS_PER_MS: f64 = 1e6;

/// An interval with its response times.
#[derive(Clone, Debug)]
pub struct LogInterval {
    /// When it began, from the start of the log.
    pub from: Duration,
    /// How long it lasted.
    pub length: Duration,
    /// Nanoseconds.
    pub times: Histogram<u64>,
}

/// An interval log (V2 encoding, compressed) could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the interval log could not be written: {0}")]
pub struct LogError(String);

/// Returns intervals as an interval log that begins at a time.
///
/// # Errors
/// If a count exceeds `i64::MAX`.
pub fn text<'a>(
    began: SystemTime,
    intervals: impl IntoIterator<Item = &'a LogInterval>,
) -> Result<String, LogError> {
    let mut out = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Response times in nanoseconds; logged by evenkeel]")
        .with_start_time(began)
        .with_base_time(began)
        .with_max_value_divisor(NS_PER_MS)
        .begin_log_with(&mut out, &mut serializer)
        .map_err(|error| LogError(error.to_string()))?;
    for LogInterval {
        from,
        length,
        times,
    } in intervals
    {
        log.write_histogram(times, *from, *length, None)
            .map_err(|error| LogError(error.to_string()))?;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;

    #[test]
    fn what_is_logged_is_read_back_as_it_was() {
        let mut times = Histogram::new(3).expect("three digits are allowed");
        times.record_n(1_234_567, 42).expect("in range");
        let second = Duration::from_secs(1);
        let intervals = [0, 1].map(|number| LogInterval {
            from: second * number,
            length: second,
            times: times.clone(),
        });
        let log = text(SystemTime::now(), &intervals).expect("a log");

        let entries: Result<Vec<_>, _> = IntervalLogIterator::new(log.as_bytes()).collect();
        let entries = entries.expect("an interval log");
        assert!(matches!(
            entries[..2],
            [LogEntry::StartTime(_), LogEntry::BaseTime(_)]
        ));
        let mut from = Duration::ZERO;
        for entry in &entries[2..] {
            let LogEntry::Interval(interval) = entry else {
                panic!("{entry:?}");
            };
            let bytes = STANDARD
                .decode(interval.encoded_histogram())
                .expect("base64");
            let read: Histogram<u64> = Deserializer::new()
                .deserialize(&mut bytes.as_slice())
                .expect("a histogram");
            assert_eq!(
                (interval.start_timestamp(), interval.duration()),
                (from, second)
            );
            assert_eq!(read, times);
            from += second;
        }
        assert_eq!(from, second * 2);
    }
}
