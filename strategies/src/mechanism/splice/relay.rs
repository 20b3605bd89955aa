//! Moving bytes between two sockets inside the kernel.

use std::convert::Infallible;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::pipe::Pipe;
use super::tunnel::{Suspended, Tunnel, suspended, watched};
use crate::dispatch::succession::take;

/// How the bytes of connections are forwarded.
pub(crate) trait Relay: Sized {
    type Tunnel: Tunnel;

    /// Prepares for a number of connections at a time. Call it within a runtime.
    fn open(connections: usize) -> io::Result<Self>;

    /// Joins the connection of a client and that to its worker. `used` says that the first bytes of the client
    /// were read, or the first bytes to the worker written.
    fn join(&self, client: TcpStream, worker: TcpStream, used: bool) -> io::Result<Self::Tunnel>;

    /// Forwards the bytes of both sides until both have ended, and the client at most `ends_within` after the
    /// worker. It may be dropped at each await, and called again for the same tunnel, here or in another
    /// process: no byte may be lost or repeated by that.
    async fn relay(&self, tunnel: &Self::Tunnel, ends_within: Duration) -> io::Result<()>;

    /// Returns what all tunnels need in a process that continues them.
    fn common(&self) -> Vec<BorrowedFd<'_>> {
        Vec::new()
    }

    /// Takes what all tunnels of a predecessor need.
    fn take_common(&mut self, _descriptors: Vec<OwnedFd>) -> io::Result<()> {
        Ok(())
    }

    /// Runs the background task of all connections.
    async fn run(&self) -> io::Result<Infallible> {
        std::future::pending().await
    }
}

/// Forwards both directions until both have ended. A worker may take its time after the last byte of its
/// client. A client whose worker has ended has nothing to wait for, so it must end within a time limit.
pub(crate) async fn both(
    to_worker: impl Future<Output = io::Result<()>>,
    to_client: impl Future<Output = io::Result<()>>,
    ends_within: Duration,
) -> io::Result<()> {
    let (mut to_worker, mut to_client) = (pin!(to_worker), pin!(to_client));
    tokio::select! {
        biased;
        client_ended = &mut to_worker => {
            client_ended?;
            to_client.await
        }
        worker_ended = &mut to_client => {
            worker_ended?;
            timeout(ends_within, to_worker).await?
        }
    }
}

pub(crate) struct Pipes;

/// A tunnel with a pipe in each direction.
pub(crate) struct Piped {
    client: TcpStream,
    worker: TcpStream,
    to_worker: Pipe,
    to_client: Pipe,
}

impl Tunnel for Piped {
    fn suspend(self) -> io::Result<Suspended> {
        let sockets = [
            self.client.into_std()?.into(),
            self.worker.into_std()?.into(),
        ];
        Ok(suspended(
            sockets,
            Some(self.to_worker),
            Some(self.to_client),
        ))
    }

    fn resume(suspended: Suspended) -> io::Result<Self> {
        let mut descriptors = suspended.descriptors.into_iter();
        Ok(Self {
            client: watched(take(&mut descriptors)?)?,
            worker: watched(take(&mut descriptors)?)?,
            to_worker: Pipe::resume(suspended.to_worker, &mut descriptors)?,
            to_client: Pipe::resume(suspended.to_client, &mut descriptors)?,
        })
    }
}

impl Relay for Pipes {
    type Tunnel = Piped;

    fn open(_connections: usize) -> io::Result<Self> {
        Ok(Self)
    }

    fn join(&self, client: TcpStream, worker: TcpStream, _used: bool) -> io::Result<Piped> {
        Ok(Piped {
            client,
            worker,
            to_worker: Pipe::new()?,
            to_client: Pipe::new()?,
        })
    }

    async fn relay(&self, tunnel: &Piped, ends_within: Duration) -> io::Result<()> {
        let (client, worker) = (&tunnel.client, &tunnel.worker);
        both(
            tunnel.to_worker.pump(client, worker),
            tunnel.to_client.pump(worker, client),
            ends_within,
        )
        .await
    }
}
