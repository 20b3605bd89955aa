//! Classes of failures.

use std::borrow::Cow;
use std::fmt;

/// Why a request failed, or an attempt to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The server refused the connection.
    Refused,
    /// The connect, or the TLS handshake after it, was not complete within the timeout.
    ConnectTimedOut,
    /// No local port was free for another connection.
    PortsExhausted,
    /// No file descriptor was free for another connection.
    DescriptorsExhausted,
    /// The connect failed for another reason.
    ConnectFailed,
    /// The TLS handshake failed, or data over TLS was not authentic.
    TlsFailed,
    /// The server reset the connection while a request was in flight.
    Reset,
    /// The server closed the connection before the end of the answer.
    ClosedEarly,
    /// The answer was not complete within the timeout.
    TimedOut,
    /// The request was never sent: no connection was open and free within the timeout.
    Unsent,
    /// The answer was not HTTP/1.1.
    Malformed,
    /// The answer had this status, which was not expected.
    Status(u16),
}

impl ErrorClass {
    /// Stable name of the class, as used in records: `refused`, `status-503`.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Refused => "refused",
            Self::ConnectTimedOut => "connect-timed-out",
            Self::PortsExhausted => "ports-exhausted",
            Self::DescriptorsExhausted => "descriptors-exhausted",
            Self::ConnectFailed => "connect-failed",
            Self::TlsFailed => "tls-failed",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::TimedOut => "timed-out",
            Self::Unsent => "unsent",
            Self::Malformed => "malformed",
            Self::Status(code) => return Cow::Owned(format!("status-{code}")),
        })
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}
