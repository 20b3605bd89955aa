//! Moving bytes between two sockets inside the kernel.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::pin::pin;
use std::time::Duration;

use nix::fcntl::{OFlag, SpliceFFlags, splice};
use nix::sys::socket::{Shutdown, shutdown};
use nix::unistd::pipe2;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Bytes per call: the default capacity of a pipe (pipe(7)).
const CHUNK: usize = 65536;

const FLAGS: SpliceFFlags = SpliceFFlags::SPLICE_F_MOVE.union(SpliceFFlags::SPLICE_F_NONBLOCK);

/// How the bytes of a connection are forwarded.
pub(crate) trait Relay: Sized {
    /// Prepares for a number of connections at a time. Call it within a runtime.
    fn open(connections: usize) -> io::Result<Self>;

    /// Forwards the bytes of both sides until both have ended, and the client at most `ends_within` after the
    /// worker. `used` says that the first bytes of the client were read, or the first bytes to the worker
    /// written.
    async fn relay(
        &self,
        client: TcpStream,
        upstream: TcpStream,
        used: bool,
        ends_within: Duration,
    ) -> io::Result<()>;

    /// Runs the background task of all connections.
    async fn run(&self) -> io::Result<Infallible> {
        std::future::pending().await
    }
}

pub(crate) struct Pipes;

impl Relay for Pipes {
    fn open(_connections: usize) -> io::Result<Self> {
        Ok(Self)
    }

    async fn relay(
        &self,
        client: TcpStream,
        upstream: TcpStream,
        _used: bool,
        ends_within: Duration,
    ) -> io::Result<()> {
        let (to_worker, to_client) = (Pipe::new()?, Pipe::new()?);
        both(
            to_worker.pump(&client, &upstream),
            to_client.pump(&upstream, &client),
            ends_within,
        )
        .await
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

/// A pipe between two sockets. splice(2) moves bytes between a socket and a pipe.
pub(crate) struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Pipe {
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        Ok(Self { reader, writer })
    }

    /// Forwards the bytes of one side, and its end.
    pub(crate) async fn pump(&self, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        loop {
            let mut bytes = self.fill(from).await?;
            if bytes == 0 {
                // It fails only if the other side is gone.
                return Ok(shutdown(to.as_raw_fd(), Shutdown::Write)?);
            }
            while bytes > 0 {
                bytes -= self.empty(to, bytes).await?;
            }
        }
    }

    /// Moves bytes into the pipe. Returns 0 at the end.
    async fn fill(&self, from: &TcpStream) -> io::Result<usize> {
        let read = || Ok(splice(from, None, &self.writer, None, CHUNK, FLAGS)?);
        from.async_io(Interest::READABLE, read).await
    }

    async fn empty(&self, to: &TcpStream, bytes: usize) -> io::Result<usize> {
        let write = || Ok(splice(&self.reader, None, to, None, bytes, FLAGS)?);
        to.async_io(Interest::WRITABLE, write).await
    }
}
