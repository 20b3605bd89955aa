//! Reading a header from a connection, and no byte of what follows.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::sys::socket::{MsgFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::header::{MAX_HEADER, parse};
use super::{HeaderError, Route};

/// Reads a header. It allocates only if the header arrives in pieces.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    consumed: Vec<u8>,
}

impl Reader {
    /// Continues after another process has read these bytes.
    pub(crate) fn after(consumed: Vec<u8>) -> Self {
        Self { consumed }
    }

    /// Returns what was read of a header that is incomplete.
    pub(crate) fn so_far(&self) -> &[u8] {
        &self.consumed
    }

    /// Reads the header, and returns its addresses.
    ///
    /// # Errors
    /// After [`ErrorKind::WouldBlock`] call it again when there is more to read. With any other error
    /// the connection must be closed: it has ended, or does not begin with a valid header.
    pub(crate) fn read(&mut self, connection: impl AsFd) -> io::Result<Option<Route>> {
        let mut bytes = [0; MAX_HEADER];
        loop {
            let known = self.consumed.len();
            bytes[..known].copy_from_slice(&self.consumed);
            // The bytes are only peeked at, since those after the header must stay in the socket.
            let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
            let seen = recv(connection.as_fd().as_raw_fd(), &mut bytes[known..], peek)?;
            if seen == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let header = parse(&bytes[..known + seen])?;
            // If the header is incomplete, all bytes belong to it. If they stayed in the socket, it
            // would be readable all the time.
            let end = header.map_or(known + seen, |header| header.length);
            let consumed = consume(&connection, &mut bytes[known..end])?;
            if let Some(header) = header {
                return Ok(header.route);
            }
            self.consumed.extend_from_slice(consumed);
        }
    }
}

impl Reader {
    /// Reads the rest of the header of a connection. What was read when this is dropped is kept.
    ///
    /// # Errors
    /// Those of [`read`](Self::read), and [`ErrorKind::TimedOut`].
    pub(crate) async fn take(
        &mut self,
        connection: &TcpStream,
        within: Duration,
    ) -> io::Result<Option<Route>> {
        let header = connection.async_io(Interest::READABLE, || self.read(connection));
        timeout(within, header).await?
    }
}

/// Removes bytes from the socket that were peeked at before.
fn consume(connection: impl AsFd, bytes: &mut [u8]) -> io::Result<&[u8]> {
    let consumed = recv(
        connection.as_fd().as_raw_fd(),
        bytes,
        MsgFlags::MSG_DONTWAIT,
    )?;
    match consumed == bytes.len() {
        true => Ok(bytes),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

impl From<HeaderError> for io::Error {
    fn from(error: HeaderError) -> Self {
        Self::new(ErrorKind::InvalidData, error)
    }
}

/// Reads the header of a connection, and returns its addresses.
///
/// # Errors
/// Those of [`Reader::read`], and [`ErrorKind::TimedOut`].
pub(crate) async fn take(connection: &TcpStream, within: Duration) -> io::Result<Option<Route>> {
    Reader::default().take(connection, within).await
}
