//! What `evenkeel report` can render.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use evenkeel_reports::{Format, UnknownFormat};

/// Name of the format that is two files.
const TWO_FILES: &str = "github-action-benchmark";

/// What `evenkeel report` can render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    /// One text.
    One(Format),
    /// The two files of github-action-benchmark.
    GithubActionBenchmark,
}

impl FromStr for ReportFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        match name {
            TWO_FILES => Ok(Self::GithubActionBenchmark),
            name => name.parse().map(Self::One),
        }
    }
}

impl Display for ReportFormat {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(format) => format.fmt(f),
            Self::GithubActionBenchmark => f.pad(TWO_FILES),
        }
    }
}
