//! Errors by class.

use std::borrow::Cow;

/// Why a request, or a connection, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The server refused the connection.
    Refused,
    /// The connect did not complete within the timeout.
    ConnectTimedOut,
    /// No local port was left for another connection.
    PortsExhausted,
    /// No file descriptor was left for another connection.
    DescriptorsExhausted,
    /// The connect failed for another reason.
    ConnectFailed,
    /// The server reset the connection while a request was in flight.
    Reset,
    /// The server closed the connection before the answer was whole.
    ClosedEarly,
    /// The answer did not come within the timeout.
    TimedOut,
    /// What came back was not HTTP/1.1.
    Malformed,
    /// The answer had this status, of 400 or more.
    Status(u16),
}

impl ErrorClass {
    /// The stable name of the class, as it stands in records: `refused`,
    /// `status-503`.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Refused => "refused",
            Self::ConnectTimedOut => "connect-timed-out",
            Self::PortsExhausted => "ports-exhausted",
            Self::DescriptorsExhausted => "descriptors-exhausted",
            Self::ConnectFailed => "connect-failed",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::TimedOut => "timed-out",
            Self::Malformed => "malformed",
            Self::Status(code) => return Cow::Owned(format!("status-{code}")),
        })
    }
}

impl std::fmt::Display for ErrorClass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name())
    }
}
