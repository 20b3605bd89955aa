//! Targets of requests to evenkeel's workers.

use std::fmt::{self, Display};
use std::str::FromStr;

use evenkeel_loadgen::WorkKind;
use serde::Serialize;
use thiserror::Error;

/// Target of a request to a worker of evenkeel, which names the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub(crate) enum Target {
    /// `/`: an answer of a few bytes.
    Nothing,
    /// `/bytes/N`: an answer of N bytes.
    Bytes(u64),
    /// `/spin/US`, `/block/US` or `/sleep/US`: microseconds of the worker's time.
    Timed(WorkKind, u64),
    /// `/stream/US/N`: an answer of N pieces, one each that many microseconds.
    Stream(u64, u64),
}

/// A text that is not a target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{0}` is not a target that workers know; write /, /bytes/N, /spin/US, /block/US, \
     /sleep/US or /stream/US/N"
)]
pub(crate) struct InvalidTarget(String);

/// Kinds of work with a time.
pub(super) const TIMED: [WorkKind; 3] = [WorkKind::Spin, WorkKind::Block, WorkKind::Sleep];

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let wrong = || InvalidTarget(text.to_owned());
        if text == "/" {
            return Ok(Self::Nothing);
        }
        let (name, amount) = text
            .strip_prefix('/')
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(wrong)?;
        let number = |text: &str| text.parse().map_err(|_| wrong());
        if name == "stream" {
            let (every, pieces) = amount.split_once('/').ok_or_else(wrong)?;
            return Ok(Self::Stream(number(every)?, number(pieces)?));
        }
        let amount = number(amount)?;
        if name == "bytes" {
            return Ok(Self::Bytes(amount));
        }
        let kind = TIMED.into_iter().find(|kind| kind.name() == name);
        kind.map(|kind| Self::Timed(kind, amount)).ok_or_else(wrong)
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("/"),
            Self::Bytes(n) => write!(f, "/bytes/{n}"),
            Self::Timed(kind, us) => write!(f, "/{}/{us}", kind.name()),
            Self::Stream(us, pieces) => write!(f, "/stream/{us}/{pieces}"),
        }
    }
}

deserialize_from_text!(Target, "/spin/50");

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}
