//! The TLS session of one connection.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustls::ClientConnection;

use super::socket::{WireError, receive, send};
use crate::spec::TlsClient;

/// A TLS session on a non-blocking socket. Each step goes as far as the socket allows, and returns
/// [`Errno::AGAIN`] if it must wait.
pub(crate) struct Session {
    tls: ClientConnection,
    /// When the handshake began, in nanoseconds since the load began.
    pub(crate) began: u64,
    /// The server has sent its close notification. An end of the connection without that may have
    /// cut off data.
    pub(super) closed: bool,
}

impl Session {
    pub(super) fn new(client: &TlsClient, began: u64) -> Result<Self, rustls::Error> {
        let (config, name) = (client.config.clone(), client.server_name.clone());
        Ok(Self {
            tls: ClientConnection::new(config, name)?,
            began,
            closed: false,
        })
    }

    /// Continues the handshake until it is complete.
    pub(crate) fn shake_hands(&mut self, socket: &OwnedFd) -> Result<(), WireError> {
        loop {
            self.flush(socket)?;
            if !self.tls.is_handshaking() {
                return Ok(());
            }
            if self.pull(socket)? == 0 {
                return Err(Errno::CONNRESET.into());
            }
        }
    }

    /// Takes as many bytes as there is room for and returns their number; they are sent when
    /// [`flush`](Self::flush) succeeds.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, WireError> {
        self.tls.writer().write(bytes).map_err(WireError::from)
    }

    /// Sends everything that waits to be sent.
    pub(super) fn flush(&mut self, socket: &OwnedFd) -> Result<(), WireError> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut Wire(socket))?;
        }
        Ok(())
    }

    /// Reads what the server has sent; 0 at the end.
    pub(super) fn receive(
        &mut self,
        socket: &OwnedFd,
        buffer: &mut [u8],
    ) -> Result<usize, WireError> {
        loop {
            match self.tls.reader().read(buffer) {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            self.pull(socket)?;
        }
    }

    /// Sends a close notification, if the server still reads.
    pub(super) fn close(&mut self, socket: &OwnedFd) {
        self.tls.send_close_notify();
        // The connection ends in any case.
        let _ = self.flush(socket);
    }

    /// Processes what has arrived; 0 bytes at the end of the connection.
    fn pull(&mut self, socket: &OwnedFd) -> Result<usize, WireError> {
        let bytes = self.tls.read_tls(&mut Wire(socket))?;
        let state = self.tls.process_new_packets();
        self.closed |= state.as_ref().is_ok_and(rustls::IoState::peer_has_closed);
        if let Err(error) = state {
            // The alert with the reason; it does not matter whether it arrives.
            let _ = self.flush(socket);
            return Err(error.into());
        }
        Ok(bytes)
    }
}

/// A socket as rustls reads and writes it.
struct Wire<'socket>(&'socket OwnedFd);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(receive(self.0, buffer)?)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
