//! Arrival processes of an open loop, as people write them.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use evenkeel_common::number::Numbers;
use evenkeel_loadgen::{self as loadgen, MAX_RATE_RPS, Offer, Trace};
use serde::Serialize;
use thiserror::Error;

use evenkeel_common::duration;

/// Arrival process of an open loop.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub(crate) enum Arrivals {
    /// `poisson`: independent of each other, as the requests of many users are.
    Poisson,
    /// `constant`: evenly spaced.
    Constant,
    /// `burst:ON:OFF`: evenly spaced for one time, then none for another.
    Burst { on: Duration, off: Duration },
    /// `ramp:RPS`: at a rate that changes linearly to this rate.
    Ramp { to_rps: f64 },
    /// `trace:FILE`: at the times in a file, one time in seconds per line.
    Trace(PathBuf),
}

/// A text that is not an arrival process.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not an arrival process; write constant, poisson, burst:ON:OFF (such as \
     burst:100ms:900ms), ramp:RPS or trace:FILE"
)]
pub(crate) struct InvalidArrivals(String);

/// Last rates of a ramp, which may end at zero.
const LAST_RATES: Numbers = Numbers::between(
    0.0,
    MAX_RATE_RPS,
    "a rate is a number of requests per second",
);

/// Error for a rate together with a trace.
const TRACE_HAS_TIMES: &str = "a trace has its own times; leave out the rate";

impl Arrivals {
    /// Returns the open loop at this rate, or at the times of the trace.
    ///
    /// # Errors
    /// A trace that cannot be read, a missing rate, or a rate together with a trace.
    pub(crate) fn offer(&self, rate_rps: Option<f64>) -> Result<Offer, String> {
        let arrivals = match self {
            Self::Trace(_) if rate_rps.is_some() => return Err(TRACE_HAS_TIMES.to_owned()),
            Self::Trace(path) => return read(path),
            Self::Poisson => loadgen::Arrivals::Poisson,
            Self::Constant => loadgen::Arrivals::Constant,
            &Self::Burst { on, off } => loadgen::Arrivals::Burst { on, off },
            &Self::Ramp { to_rps } => loadgen::Arrivals::Ramp { to_rps },
        };
        let rate_rps = rate_rps.ok_or_else(|| {
            format!(
                "`{self}` arrivals need a rate: `--rate 500`, or `rate_rps = 500.0` in a scenario"
            )
        })?;
        Ok(Offer::Open { rate_rps, arrivals })
    }
}

fn read(path: &Path) -> Result<Offer, String> {
    let trace = Trace::read(path).map_err(|error| error.to_string())?;
    Ok(Offer::Trace(trace))
}

impl Arrivals {
    /// Parses values of an option, in which the path of a trace need not be UTF-8.
    pub(crate) fn of_option() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|text| match text.to_str() {
            Some(text) => text.parse(),
            None => match text.as_bytes().strip_prefix(b"trace:") {
                Some(path) => Ok(Self::Trace(OsStr::from_bytes(path).into())),
                None => Err(InvalidArrivals(text.to_string_lossy().into_owned())),
            },
        })
    }
}

impl FromStr for Arrivals {
    type Err = InvalidArrivals;

    fn from_str(text: &str) -> Result<Self, InvalidArrivals> {
        let wrong = || InvalidArrivals(text.to_owned());
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        match (name, rest) {
            ("poisson", None) => Ok(Self::Poisson),
            ("constant", None) => Ok(Self::Constant),
            ("burst", Some(spans)) => {
                let (on, off) = spans.split_once(':').ok_or_else(wrong)?;
                let span = |text| duration::parse(text).map_err(|_| wrong());
                let (on, off) = (span(on)?, span(off)?);
                Ok(Self::Burst { on, off })
            }
            ("ramp", Some(rate)) => {
                let to_rps = LAST_RATES.parse(rate).map_err(|_| wrong())?;
                Ok(Self::Ramp { to_rps })
            }
            ("trace", Some(path)) if !path.is_empty() => Ok(Self::Trace(path.into())),
            _ => Err(wrong()),
        }
    }
}

impl Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Poisson => f.write_str("poisson"),
            Self::Constant => f.write_str("constant"),
            Self::Burst { on, off } => {
                write!(f, "burst:{}:{}", duration::show(*on), duration::show(*off))
            }
            Self::Ramp { to_rps } => write!(f, "ramp:{to_rps}"),
            Self::Trace(path) => write!(f, "trace:{}", path.display()),
        }
    }
}

deserialize_from_text!(Arrivals, "poisson");

impl From<Arrivals> for String {
    fn from(arrivals: Arrivals) -> Self {
        arrivals.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_process_parses_to_the_same_process() {
        for text in [
            "poisson",
            "constant",
            "burst:100ms:900ms",
            "burst:1s:0s",
            "ramp:5000",
            "ramp:0.5",
            "trace:some/times.txt",
        ] {
            let arrivals: Arrivals = text.parse().expect(text);
            assert_eq!(arrivals.to_string(), text);
        }
    }

    #[test]
    fn an_error_names_the_valid_forms() {
        for text in [
            "",
            "poison",
            "poisson:",
            "burst",
            "burst:1s",
            "burst:1:2",
            "burst:1s:2s:3s",
            "ramp",
            "ramp:fast",
            "ramp:nan",
            "ramp:inf",
            "ramp:-1",
            "ramp:1e300",
            "trace",
            "trace:",
        ] {
            let error = text.parse::<Arrivals>().expect_err(text).to_string();
            assert!(error.contains("burst:100ms:900ms"), "{error}");
        }
    }

    #[test]
    fn a_trace_has_no_rate_and_everything_else_has_one() {
        let trace = Arrivals::Trace("/nonexistent".into());
        let error = trace.offer(Some(1.0)).expect_err("a rate");
        assert_eq!(error, TRACE_HAS_TIMES);
        let error = trace.offer(None).expect_err("no file");
        assert!(error.contains("/nonexistent"), "{error}");
        let error = Arrivals::Poisson.offer(None).expect_err("no rate");
        assert!(error.contains("`poisson` arrivals need a rate"), "{error}");
        assert!(Arrivals::Ramp { to_rps: 5.0 }.offer(Some(1.0)).is_ok());
    }
}
