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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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

/// Room for a number of clients at a time. Others wait in the kernel's backlog.
#[derive(Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Room {
    pub(crate) fn for_clients(number: usize) -> Self {
        Self(Arc::new(Semaphore::new(number)))
    }

    /// Serves a client that this process has already, and that takes up room until its end. Call it on a
    /// [`LocalSet`](tokio::task::LocalSet).
    pub(crate) fn occupy(&self, served: impl Future + 'static) {
        spawn_served(served, Arc::clone(&self.0).try_acquire_owned().ok());
    }
}

/// Accepts clients, as long as there is room, and runs `serve` for each. Call it on a
/// [`LocalSet`](tokio::task::LocalSet).
pub(crate) async fn admit<S: Future + 'static>(
    listener: &TcpListener,
    room: &Room,
    serve: impl Fn(TcpStream, SocketAddr) -> S,
) -> Infallible {
    loop {
        // The semaphore is never closed, so this never fails.
        let permit = Arc::clone(&room.0).acquire_owned().await;
        match listener.accept().await {
            Ok((client, peer)) => spawn_served(serve(client, peer), permit.ok()),
            // The client gave up while it waited in the backlog.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

fn spawn_served(served: impl Future + 'static, permit: Option<OwnedSemaphorePermit>) {
    spawn_local(async move {
        served.await;
        drop(permit);
    });
}
