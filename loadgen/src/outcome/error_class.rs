//! Classes of failures.

use std::borrow::Cow;
use std::fmt;

/// Why a request failed, or an attempt to connect. A request is in one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The server refused the connection, or could not be reached.
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
    /// The server did not switch the connection to WebSocket.
    NotUpgraded,
    /// The connection ended before a byte of the request was sent.
    ResetBeforeSending,
    /// A kept connection was closed as the request was sent: no byte of an answer came, and the
    /// server has not read the request, as far as the kernel knows, or had sent the close frame of a
    /// WebSocket.
    ClosedAsItWasSent,
    /// The request was sent, and the connection was reset or closed without a byte of an answer.
    Unanswered,
    /// The connection ended within the answer.
    Cut,
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
    /// Stable name of the class, as used in records: `refused`, `status-503`. Records of earlier
    /// versions have `reset` and `closed-early` for what is now told apart by four classes, from
    /// `reset-before-sending` to `cut`.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Refused => "refused",
            Self::ConnectTimedOut => "connect-timed-out",
            Self::PortsExhausted => "ports-exhausted",
            Self::DescriptorsExhausted => "descriptors-exhausted",
            Self::ConnectFailed => "connect-failed",
            Self::TlsFailed => "tls-failed",
            Self::NotUpgraded => "not-upgraded",
            Self::ResetBeforeSending => "reset-before-sending",
            Self::ClosedAsItWasSent => "closed-as-it-was-sent",
            Self::Unanswered => "unanswered",
            Self::Cut => "cut",
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
