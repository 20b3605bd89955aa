//! Accepting from a listening socket that the runtime watches.

use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// The next connection.
pub(super) async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _client)) => return Ok(stream),
            Err(error) if concerns_one_connection(&error) => {}
            // No descriptor or no memory is left: wait for connections to end, rather than ask
            // again and again.
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

/// All that a listener that does not block has queued.
pub(super) fn accept_queued(listener: &std::net::TcpListener) -> io::Result<Vec<TcpStream>> {
    let mut late = Vec::new();
    // Whatever else goes wrong here, the listener is about to be closed.
    while let Ok((connection, _client)) = listener.accept() {
        connection.set_nonblocking(true)?;
        late.push(TcpStream::from_std(connection)?);
    }
    Ok(late)
}

/// Long enough not to burn the CPU, short enough not to be seen in a trial.
pub(super) const BREATH: Duration = Duration::from_millis(5);

/// Errors of accept(2) that concern the connection and not the listener.
pub(super) fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
