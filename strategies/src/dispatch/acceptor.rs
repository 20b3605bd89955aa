//! The acceptor of an asynchronous dispatcher.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::launch::descriptors::room_for_connections;

/// Pause after the host had no descriptor or memory left for a connection.
///
/// Connections that end free some within milliseconds. Ten attempts per second cost nothing and delay
/// no client for long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What an asynchronous dispatcher with one thread needs to accept clients.
pub(crate) struct Acceptor {
    pub(crate) runtime: Runtime,
    pub(crate) listener: TcpListener,
    /// SIGTERM.
    pub(crate) shutdown_signal: Signal,
    /// Maximum number of clients at a time, limited by descriptors.
    pub(crate) room: usize,
}

impl Acceptor {
    /// Opens the listener in a new runtime. Each client needs `descriptors_each` descriptors.
    pub(crate) fn open(listener: OwnedFd, descriptors_each: u64) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (listener, shutdown_signal) = {
            let _within = runtime.enter();
            (
                TcpListener::from_std(listener.into())?,
                signal(SignalKind::terminate())?,
            )
        };
        Ok(Self {
            runtime,
            listener,
            shutdown_signal,
            room: room_for_connections(descriptors_each, 0)?,
        })
    }
}

/// Accepts clients, at most `room` at a time, and runs `serve` for each. Others wait in the kernel's
/// backlog. Call it on a [`LocalSet`](tokio::task::LocalSet).
pub(crate) async fn admit<S: Future + 'static>(
    listener: &TcpListener,
    room: usize,
    serve: impl Fn(TcpStream, SocketAddr) -> S,
) -> Infallible {
    let room = Arc::new(Semaphore::new(room));
    loop {
        // The semaphore is never closed, so this never fails.
        let permit = Arc::clone(&room).acquire_owned().await;
        match listener.accept().await {
            Ok((client, peer)) => {
                let served = serve(client, peer);
                spawn_local(async move {
                    served.await;
                    drop(permit);
                });
            }
            // The client gave up while it waited in the backlog.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}
