//! Errors by class, and why one came about.

use std::borrow::Cow;
use std::fmt;

use rustix::io::Errno;

use crate::http1::Malformed;
use crate::socket::WireError;

/// Why a request, or a connection, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The server refused the connection.
    Refused,
    /// The connect, or the TLS handshake after it, did not complete within the
    /// timeout.
    ConnectTimedOut,
    /// No local port was left for another connection.
    PortsExhausted,
    /// No file descriptor was left for another connection.
    DescriptorsExhausted,
    /// The connect failed for another reason.
    ConnectFailed,
    /// The TLS handshake failed, or what came over TLS was not authentic.
    TlsFailed,
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
            Self::TlsFailed => "tls-failed",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::TimedOut => "timed-out",
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

/// What went wrong on a connection. Its text is the example that a run keeps
/// of each class.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The kernel, while connecting.
    #[error("while connecting: {0}")]
    Connect(Errno),
    /// The kernel, on an established connection.
    #[error("while a request was in flight: {0}")]
    Transfer(Errno),
    /// TLS, in the handshake or later.
    #[error("TLS: {0}")]
    Tls(Box<rustls::Error>),
    /// The connection did not open in time.
    #[error("the connection was not open within the timeout")]
    ConnectTimedOut,
    /// The answer did not come in time.
    #[error("no whole answer within the timeout; {0} bytes of it had come")]
    TimedOut(u64),
    /// The server closed too early.
    #[error("the server closed after {0} bytes of an answer")]
    ClosedEarly(u64),
    /// The answer cannot be read.
    #[error("{error}: \"{start}\"")]
    Malformed {
        /// What is wrong with it.
        error: Malformed,
        /// How the bytes in which that showed begin.
        start: Excerpt,
    },
}

impl Cause {
    /// Why a connection could not be opened.
    pub(crate) fn of_opening(error: WireError) -> Self {
        match error {
            WireError::Kernel(error) => Self::Connect(error),
            WireError::Tls(error) => Self::Tls(error),
        }
    }

    /// Why an open connection failed.
    pub(crate) fn of_transfer(error: WireError) -> Self {
        match error {
            WireError::Kernel(error) => Self::Transfer(error),
            WireError::Tls(error) => Self::Tls(error),
        }
    }

    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Connect(error) => connect_class(*error),
            // Whatever else the kernel calls it, the peer is gone.
            Self::Transfer(Errno::TIMEDOUT) | Self::TimedOut(_) => ErrorClass::TimedOut,
            Self::Transfer(_) => ErrorClass::Reset,
            Self::Tls(_) => ErrorClass::TlsFailed,
            Self::ConnectTimedOut => ErrorClass::ConnectTimedOut,
            Self::ClosedEarly(_) => ErrorClass::ClosedEarly,
            Self::Malformed { .. } => ErrorClass::Malformed,
        }
    }
}

fn connect_class(error: Errno) -> ErrorClass {
    match error {
        Errno::CONNREFUSED => ErrorClass::Refused,
        Errno::TIMEDOUT => ErrorClass::ConnectTimedOut,
        Errno::ADDRNOTAVAIL => ErrorClass::PortsExhausted,
        Errno::MFILE | Errno::NFILE => ErrorClass::DescriptorsExhausted,
        Errno::CONNRESET | Errno::PIPE => ErrorClass::Reset,
        _ => ErrorClass::ConnectFailed,
    }
}

/// How much of a malformed answer is kept as an example.
const EXCERPT_BYTES: usize = 80;

/// The first bytes of something, kept without the heap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Excerpt {
    bytes: [u8; EXCERPT_BYTES],
    len: usize,
}

impl Excerpt {
    pub(crate) fn of(whole: &[u8]) -> Self {
        let len = whole.len().min(EXCERPT_BYTES);
        let mut bytes = [0; EXCERPT_BYTES];
        bytes[..len].copy_from_slice(&whole[..len]);
        Self { bytes, len }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes[..self.len].escape_ascii().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_printable_and_bounded() {
        let long = Excerpt::of(&[b'a'; 1_000]).to_string();
        assert_eq!(long, "a".repeat(EXCERPT_BYTES));
        assert_eq!(
            Excerpt::of(b"\0\"\xff\r\n").to_string(),
            r#"\x00\"\xff\r\n"#
        );
        assert_eq!(Excerpt::of(b"").to_string(), "");
    }

    #[test]
    fn what_the_kernel_says_is_part_of_the_example() {
        let cause = Cause::Connect(Errno::CONNREFUSED);
        assert_eq!(cause.class(), ErrorClass::Refused);
        assert!(cause.to_string().contains("Connection refused"), "{cause}");
    }
}
