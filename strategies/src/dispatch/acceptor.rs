//! Where clients come in to an asynchronous dispatcher.

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

/// How long no connection is accepted after the host had nothing left for one.
///
/// What is missing (descriptors, memory) comes back as connections end, which takes
/// milliseconds; trying ten times a second costs nothing and delays nobody for long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What an asynchronous dispatcher of one thread has in hand before the first client.
pub(crate) struct Acceptor {
    pub(crate) runtime: Runtime,
    pub(crate) listener: TcpListener,
    /// SIGTERM.
    pub(crate) shutdown_signal: Signal,
    /// Clients that there are descriptors for, at a time.
    pub(crate) room: usize,
}

impl Acceptor {
    /// By that listener, where each client takes so many descriptors.
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

/// Lets clients in, `room` of them at a time, and does with each what `serve` says. More wait in
/// the kernel's backlog. To be called on a [`LocalSet`](tokio::task::LocalSet).
pub(crate) async fn admit<S: Future + 'static>(
    listener: &TcpListener,
    room: usize,
    serve: impl Fn(TcpStream, SocketAddr) -> S,
) -> Infallible {
    let room = Arc::new(Semaphore::new(room));
    loop {
        // Nobody closes it, so there is always a permit in the end.
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
