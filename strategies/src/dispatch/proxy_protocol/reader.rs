//! ConnectionSource a header off a connection, and not a byte of what follows it.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::header::{LONGEST, parse};
use super::{Fault, Route};

/// A header on its way. It allocates only where the header comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    taken: Vec<u8>,
}

impl Reader {
    /// What the header names. To be called again when there is more to read, if the error is
    /// [`ErrorKind::WouldBlock`].
    ///
    /// # Errors
    /// Whatever else the error is, the connection is to be closed: it has ended, or does not
    /// begin with a header.
    pub(crate) fn read(&mut self, connection: impl AsFd) -> io::Result<Option<Route>> {
        let mut bytes = [0; LONGEST];
        loop {
            let known = self.taken.len();
            bytes[..known].copy_from_slice(&self.taken);
            // Only looked at: what is behind the header stays for whoever serves the connection.
            let look = RecvFlags::PEEK | RecvFlags::DONTWAIT;
            let (seen, _) = recv(&connection, &mut bytes[known..], look)?;
            if seen == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let header = parse(&bytes[..known + seen])?;
            // Without its end, all that has come is part of it; left where it is, it would be
            // told of again and again.
            let belongs = header.map_or(known + seen, |header| header.length);
            let taken = take_exactly(&connection, &mut bytes[known..belongs])?;
            if let Some(header) = header {
                return Ok(header.route);
            }
            self.taken.extend_from_slice(taken);
        }
    }
}

/// Takes bytes that have been seen to be there.
fn take_exactly(connection: impl AsFd, bytes: &mut [u8]) -> io::Result<&[u8]> {
    let (taken, _) = recv(connection, &mut *bytes, RecvFlags::DONTWAIT)?;
    match taken == bytes.len() {
        true => Ok(bytes),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::new(ErrorKind::InvalidData, fault)
    }
}

/// Takes the header off a connection.
///
/// # Errors
/// As [`Reader::read`], and [`ErrorKind::TimedOut`].
pub(crate) async fn take(connection: &TcpStream, within: Duration) -> io::Result<Option<Route>> {
    let mut reader = Reader::default();
    let header = connection.async_io(Interest::READABLE, || reader.read(connection));
    timeout(within, header).await?
}
