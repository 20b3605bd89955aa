//! The TLS session of one connection.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::socket::{WireError, receive, send};

/// A session on a socket that never blocks: each step goes as far as the
/// socket lets it, and ends with [`Errno::AGAIN`] where it must wait.
#[derive(Debug)]
pub(crate) struct Session {
    tls: ClientConnection,
    /// When the handshake began, in nanoseconds since the load began.
    pub(crate) began: u64,
    /// The server has said that nothing more will come.
    closed: bool,
}

impl Session {
    pub(super) fn new(
        config: Arc<ClientConfig>,
        server_name: ServerName<'static>,
        began: u64,
    ) -> Result<Self, rustls::Error> {
        Ok(Self {
            tls: ClientConnection::new(config, server_name)?,
            began,
            closed: false,
        })
    }

    /// Whether the server has ended the session in due form: an end without it
    /// may have cut something off.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Goes on with the handshake until it is complete.
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

    /// Takes in as many of the bytes as there is room for; they are on their
    /// way once [`flush`](Self::flush) succeeds.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, WireError> {
        self.tls.writer().write(bytes).map_err(WireError::from)
    }

    /// Sends all that waits to be sent.
    pub(crate) fn flush(&mut self, socket: &OwnedFd) -> Result<(), WireError> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut Wire(socket))?;
        }
        Ok(())
    }

    /// Reads what the server said; 0 at its end.
    pub(crate) fn receive(
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

    /// Tells the server that nothing more will come, if it still listens.
    pub(crate) fn close(&mut self, socket: &OwnedFd) {
        self.tls.send_close_notify();
        // The connection is given up in any case.
        let _ = self.flush(socket);
    }

    /// Takes in what has arrived; 0 bytes at the end of the connection.
    fn pull(&mut self, socket: &OwnedFd) -> Result<usize, WireError> {
        let bytes = self.tls.read_tls(&mut Wire(socket))?;
        let state = self.tls.process_new_packets();
        self.closed |= state.as_ref().is_ok_and(rustls::IoState::peer_has_closed);
        if let Err(error) = state {
            // The alert that says why; whether it arrives changes nothing.
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
