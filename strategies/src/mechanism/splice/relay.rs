//! Moving bytes between two sockets within the kernel.

use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;

use rustix::net::Shutdown;
use rustix::pipe::{PipeFlags, SpliceFlags, pipe_with, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes that are asked for at a time: what a pipe holds unless it is resized (pipe(7)).
const AT_A_TIME: usize = 65536;

const FLAGS: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

/// How the bytes of a connection are passed on.
pub(crate) trait Relay: Sized {
    /// For so many connections at a time. To be called within a runtime.
    fn open(connections: usize) -> io::Result<Self>;

    /// Passes on what each side sends, and its end, until both have ended. `begun` says that the
    /// first bytes from the client were read, or the first bytes to the worker written, already.
    ///
    /// # Errors
    /// As soon as one side breaks off.
    async fn relay(&self, client: TcpStream, upstream: TcpStream, begun: bool) -> io::Result<()>;

    /// What is to be done for as long as connections are relayed.
    ///
    /// # Errors
    /// If the kernel refuses something unforeseen.
    async fn attend(&self) -> io::Result<Infallible> {
        std::future::pending().await
    }
}

/// By splice(2).
pub(crate) struct Pipes;

impl Relay for Pipes {
    fn open(_connections: usize) -> io::Result<Self> {
        Ok(Self)
    }

    async fn relay(&self, client: TcpStream, upstream: TcpStream, _begun: bool) -> io::Result<()> {
        let there = Pipe::new()?;
        let back = Pipe::new()?;
        tokio::try_join!(
            there.pump(&client, &upstream),
            back.pump(&upstream, &client)
        )?;
        Ok(())
    }
}

/// splice(2) moves bytes between a socket and a pipe; a pipe between two sockets makes a way.
pub(crate) struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Pipe {
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        Ok(Self { reader, writer })
    }

    /// Passes on what one side sends, and its end.
    pub(crate) async fn pump(&self, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        loop {
            let mut held = self.fill(from).await?;
            if held == 0 {
                // Fails only where the other side is gone altogether, and then so is this way.
                return Ok(rustix::net::shutdown(to, Shutdown::Write)?);
            }
            while held > 0 {
                held -= self.empty(to, held).await?;
            }
        }
    }

    /// Takes in what has come; 0 at the end.
    async fn fill(&self, from: &TcpStream) -> io::Result<usize> {
        let take = || Ok(splice(from, None, &self.writer, None, AT_A_TIME, FLAGS)?);
        from.async_io(Interest::READABLE, take).await
    }

    async fn empty(&self, to: &TcpStream, held: usize) -> io::Result<usize> {
        let give = || Ok(splice(&self.reader, None, to, None, held, FLAGS)?);
        to.async_io(Interest::WRITABLE, give).await
    }
}
