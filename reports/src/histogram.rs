//! Latency histograms: to and from their text in the record, and to percentiles.
//!
//! The encoding is the HdrHistogram V2 format, uncompressed, in base64, which the HdrHistogram
//! tools of other languages read as well.

pub mod distribution;
pub mod log;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

use crate::record::Latency;

pub use hdrhistogram::Histogram;

/// Nanoseconds in a microsecond: histograms count nanoseconds, reports show microseconds.
pub(crate) const NS_PER_US: f64 = 1_000.0;

/// A histogram could not be written as text, read from it, or merged.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// The text is not base64.
    #[error("the histogram is not base64 ({0}); was the line edited or cut?")]
    Base64(#[from] base64::DecodeError),
    /// The bytes are not a whole histogram.
    #[error(
        "the histogram is not in HdrHistogram V2 encoding, or incomplete; was the line edited or cut?"
    )]
    Incomplete,
    /// The bytes are not a histogram.
    #[error("the histogram is not in HdrHistogram V2 encoding ({0}); was the line edited or cut?")]
    Encoding(#[from] hdrhistogram::serialization::DeserializeError),
    /// The histogram counts more than any trial can have measured.
    #[error("the histogram counts more than {MOST_COUNTED} values; was the line edited?")]
    TooMany,
    /// The histogram has counts that are too large for the encoding.
    #[error("the histogram cannot be encoded: {0}")]
    Unencodable(#[from] hdrhistogram::serialization::V2SerializeError),
    /// Two histograms do not fit together.
    #[error("histograms of different blocks cannot be merged: {0}")]
    Merge(#[from] hdrhistogram::AdditionError),
}

/// Writes a histogram as text for [`Measured::histogram`](crate::Measured::histogram).
///
/// # Errors
/// If a count exceeds `i64::MAX`.
pub fn encode(histogram: &Histogram<u64>) -> Result<String, HistogramError> {
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(histogram, &mut bytes)?;
    Ok(STANDARD.encode(bytes))
}

/// Reads a histogram that [`encode`] wrote.
///
/// # Errors
/// If the text is not base64 or does not hold a histogram, or if the histogram counts more values than
/// can be measured.
pub fn decode(text: &str) -> Result<Histogram<u64>, HistogramError> {
    let bytes = STANDARD.decode(text)?;
    if !is_whole(&bytes) {
        return Err(HistogramError::Incomplete);
    }
    if bytes[HEADER..]
        .windows(OVERFLOWING.len())
        .any(|number| number == OVERFLOWING)
    {
        return Err(HistogramError::TooMany);
    }
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice())?;
    // The number saturates, so it is right or too large.
    if histogram.len() > MOST_COUNTED {
        return Err(HistogramError::TooMany);
    }
    Ok(histogram)
}

/// The number at which the deserializer overflows. Bytes of smaller numbers look like this only where one of
/// them is above 2^56, which no count is.
const OVERFLOWING: [u8; 9] = [0xff; 9];

/// Most values of a histogram: at ten million requests per second, more than a day. Sixteen million such
/// histograms can be added before a count overflows.
const MOST_COUNTED: u64 = 1 << 40;

/// The first bytes of an uncompressed histogram: the cookie of V2, with words of 64 bits.
const COOKIE: [u8; 4] = [0x1c, 0x84, 0x93, 0x13];

/// Length of cookie, length of the counts, offset, digits, lowest and highest value, and ratio, in bytes.
const HEADER: usize = 40;

/// Whether the bytes are as long as they say. The deserializer allocates as much as they say, up to 4 GiB.
fn is_whole(bytes: &[u8]) -> bool {
    let counts = bytes.get(COOKIE.len()..).and_then(<[u8]>::first_chunk);
    let counts = counts.map(|length| u32::from_be_bytes(*length) as usize);
    bytes.starts_with(&COOKIE) && counts.is_some_and(|counts| HEADER + counts <= bytes.len())
}

impl Latency {
    /// Mean, percentiles and maximum of a histogram of nanoseconds; `None` if it is empty.
    pub fn from_histogram(nanoseconds: &Histogram<u64>) -> Option<Latency> {
        let quantile = |q| nanoseconds.value_at_quantile(q) as f64 / NS_PER_US;
        (!nanoseconds.is_empty()).then(|| Latency {
            mean: nanoseconds.mean() / NS_PER_US,
            p50: quantile(0.50),
            p90: quantile(0.90),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: nanoseconds.max() as f64 / NS_PER_US,
        })
    }
}
