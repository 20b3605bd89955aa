//! Why a request or a connection failed.

use std::fmt;

use rustix::io::Errno;

use super::socket::WireError;
use crate::http1::Malformed;
use crate::outcome::ErrorClass;

/// What went wrong on a connection. Its text is the example that is kept for each class.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("while connecting: {0}")]
    Connect(Errno),
    #[error("while a request was in flight: {0}")]
    Transfer(Errno),
    #[error("TLS: {0}")]
    Tls(Box<rustls::Error>),
    #[error("the connection was not open within the timeout")]
    ConnectTimedOut,
    #[error("no complete answer within the timeout; {0} bytes had arrived")]
    TimedOut(u64),
    #[error("the server closed the connection after {0} bytes of an answer")]
    ClosedEarly(u64),
    #[error("the server ended the connection with the answer to an earlier request")]
    EndedBefore,
    #[error("the server closed the WebSocket as the message was sent")]
    CloseFrame,
    #[error("the server answered {0} to the request for a WebSocket")]
    NotUpgraded(u16),
    #[error("{error}: \"{start}\"")]
    Malformed { error: Malformed, start: FirstBytes },
}

impl Cause {
    /// An error while opening a connection.
    pub(crate) fn of_opening(error: WireError) -> Self {
        match error {
            WireError::Kernel(error) => Self::Connect(error),
            WireError::Tls(error) => Self::Tls(error),
        }
    }

    /// An error on an open connection.
    pub(crate) fn of_transfer(error: WireError) -> Self {
        match error {
            WireError::Kernel(error) => Self::Transfer(error),
            WireError::Tls(error) => Self::Tls(error),
        }
    }

    /// An answer that is not HTTP/1.1, with the bytes in which the problem was found.
    pub(crate) fn malformed(error: Malformed, bytes: &[u8]) -> Self {
        let start = FirstBytes::of(bytes);
        Self::Malformed { error, start }
    }

    /// Whether the connection ended, as far as is known without a byte of an answer.
    pub(crate) fn is_silent_end(&self) -> bool {
        matches!(
            self,
            Self::Transfer(_) | Self::ClosedEarly(0) | Self::CloseFrame
        )
    }

    /// Whether the connection ended within an answer of which `received` bytes are known.
    pub(crate) fn had_received(&self, received: u64) -> bool {
        match self {
            Self::ClosedEarly(received) => *received > 0,
            _ => received > 0,
        }
    }

    /// Class of an attempt to connect, or of a request that a connection fails of which it knows no more:
    /// `ended` if the connection was reset or closed.
    pub(crate) fn class(&self, ended: ErrorClass) -> ErrorClass {
        match self {
            Self::Connect(error) => connect_class(*error),
            // All other errors mean that the peer is gone.
            Self::Transfer(Errno::TIMEDOUT) | Self::TimedOut(_) => ErrorClass::TimedOut,
            Self::Transfer(_) | Self::ClosedEarly(_) => ended,
            Self::EndedBefore | Self::CloseFrame => ErrorClass::ClosedAsItWasSent,
            Self::Tls(_) => ErrorClass::TlsFailed,
            Self::NotUpgraded(_) => ErrorClass::NotUpgraded,
            Self::ConnectTimedOut => ErrorClass::ConnectTimedOut,
            Self::Malformed { .. } => ErrorClass::Malformed,
        }
    }

    /// Class of a failed attempt to connect.
    pub(crate) fn class_of_attempt(&self) -> ErrorClass {
        self.class(ErrorClass::ResetBeforeSending)
    }
}

fn connect_class(error: Errno) -> ErrorClass {
    match error {
        Errno::CONNREFUSED | Errno::HOSTUNREACH | Errno::NETUNREACH => ErrorClass::Refused,
        Errno::TIMEDOUT => ErrorClass::ConnectTimedOut,
        Errno::ADDRNOTAVAIL => ErrorClass::PortsExhausted,
        Errno::MFILE | Errno::NFILE => ErrorClass::DescriptorsExhausted,
        Errno::CONNRESET | Errno::PIPE => ErrorClass::ResetBeforeSending,
        _ => ErrorClass::ConnectFailed,
    }
}

/// Bytes of a malformed answer that are kept as an example.
const FIRST_BYTES: usize = 80;

/// The first bytes of an answer, kept without allocation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstBytes {
    bytes: [u8; FIRST_BYTES],
    len: usize,
}

impl FirstBytes {
    fn of(whole: &[u8]) -> Self {
        let len = whole.len().min(FIRST_BYTES);
        let mut bytes = [0; FIRST_BYTES];
        bytes[..len].copy_from_slice(&whole[..len]);
        Self { bytes, len }
    }
}

impl fmt::Display for FirstBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes[..self.len].escape_ascii().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_printable_and_bounded() {
        let long = FirstBytes::of(&[b'a'; 1_000]).to_string();
        assert_eq!(long, "a".repeat(FIRST_BYTES));
        assert_eq!(
            FirstBytes::of(b"\0\"\xff\r\n").to_string(),
            r#"\x00\"\xff\r\n"#
        );
        assert_eq!(FirstBytes::of(b"").to_string(), "");
    }

    #[test]
    fn the_error_of_the_kernel_is_part_of_the_example() {
        let cause = Cause::Connect(Errno::CONNREFUSED);
        assert_eq!(cause.class_of_attempt(), ErrorClass::Refused);
        assert!(cause.to_string().contains("Connection refused"), "{cause}");
    }
}
