//! Accepting connections from a listening socket that the runtime watches.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::Duration;

use nix::libc;
use nix::sys::socket::{getsockopt, sockopt::AcceptConn};
use tokio::net::{TcpListener, TcpStream};

/// A listening socket that the runtime watches all the time.
pub(in crate::worker) struct Listener {
    watched: TcpListener,
    /// The same socket. It also listens on when it is not watched.
    socket: Arc<OwnedFd>,
}

impl Listener {
    pub(super) fn new(watched: TcpListener) -> io::Result<Self> {
        let socket = Arc::new(watched.as_fd().try_clone_to_owned()?);
        Ok(Self { watched, socket })
    }

    /// Returns the socket, as long as this accepts from it.
    pub(super) fn socket(&self) -> Weak<OwnedFd> {
        Arc::downgrade(&self.socket)
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&mut self) -> io::Result<TcpStream> {
        loop {
            match accept(&self.watched).await {
                Err(error) if does_not_listen(&error) => self.until_it_listens().await?,
                accepted => return accepted,
            }
        }
    }

    /// Waits until the socket, which refuses connections, listens again. The runtime does not forget that a socket
    /// was shut down, so it watches a copy from then on.
    async fn until_it_listens(&mut self) -> io::Result<()> {
        while !getsockopt(&self.socket, AcceptConn)? {
            tokio::time::sleep(RETRY_DELAY).await;
        }
        self.watched = TcpListener::from_std(self.socket.try_clone()?.into())?;
        Ok(())
    }

    /// Returns all queued connections.
    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        accept_queued(&self.watched.into_std()?)
    }
}

/// Waits for the next connection. The error is that of a socket that does not listen.
pub(super) async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _client)) => return Ok(stream),
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) if does_not_listen(&error) => return Err(error),
            // No descriptor or memory is left. Some connections must end first.
            Err(_) => tokio::time::sleep(RETRY_DELAY).await,
        }
    }
}

/// Returns all queued connections of a non-blocking listener.
pub(super) fn accept_queued(listener: &std::net::TcpListener) -> io::Result<Vec<TcpStream>> {
    let mut late = Vec::new();
    // Other errors do not matter, since the listener is about to be closed.
    while let Ok((connection, _client)) = listener.accept() {
        connection.set_nonblocking(true)?;
        late.push(TcpStream::from_std(connection)?);
    }
    Ok(late)
}

/// Long enough to use little CPU time, and short enough not to affect a trial.
pub(super) const RETRY_DELAY: Duration = Duration::from_millis(5);

/// Whether an error of accept(2) concerns the connection and not the listener.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Whether accept(2) has failed since the socket does not listen.
fn does_not_listen(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINVAL)
}
