//! Moving bytes between two sockets within the kernel.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::Shutdown;
use rustix::pipe::{PipeFlags, SpliceFlags, pipe_with, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes that are asked for at a time: what a pipe holds unless it is resized (pipe(7)).
const AT_A_TIME: usize = 65536;

const FLAGS: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

/// Passes on what each side sends, and its end, until both have ended.
///
/// # Errors
/// As soon as one side breaks off.
pub(super) async fn relay(client: &TcpStream, upstream: &TcpStream) -> io::Result<()> {
    let there = Pipe::new()?;
    let back = Pipe::new()?;
    tokio::try_join!(there.pump(client, upstream), back.pump(upstream, client))?;
    Ok(())
}

/// splice(2) moves bytes between a socket and a pipe; a pipe between two sockets makes a way.
struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Pipe {
    fn new() -> io::Result<Self> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        Ok(Self { reader, writer })
    }

    async fn pump(&self, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
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
