//! Accepting connections from a listening socket that the runtime watches.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// Waits for the next connection.
pub(super) async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _client)) => return Ok(stream),
            Err(error) if concerns_one_connection(&error) => {}
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
