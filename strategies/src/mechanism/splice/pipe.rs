//! Pipes, through which splice(2) moves bytes between two sockets.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::fcntl::{OFlag, SpliceFFlags, splice};
use nix::sys::socket::{Shutdown, shutdown};
use nix::unistd::pipe2;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::tunnel::Way;
use crate::dispatch::succession::take;

/// Bytes per call: the default capacity of a pipe (pipe(7)).
const CHUNK: usize = 65536;

const FLAGS: SpliceFFlags = SpliceFFlags::SPLICE_F_MOVE.union(SpliceFFlags::SPLICE_F_NONBLOCK);

/// A pipe between two sockets. splice(2) moves bytes between a socket and a pipe.
pub(crate) struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
    /// Number of bytes in it.
    held: Cell<usize>,
    /// Whether the end of the sender was forwarded.
    ended: Cell<bool>,
}

impl Pipe {
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        Ok(Self {
            reader,
            writer,
            held: Cell::new(0),
            ended: Cell::new(false),
        })
    }

    /// Returns what is in the pipe, and both ends.
    pub(super) fn suspend(self) -> (Way, [OwnedFd; 2]) {
        let way = Way::Pipe {
            held: self.held.get(),
            ended: self.ended.get(),
        };
        (way, [self.reader, self.writer])
    }

    pub(crate) fn resume(
        way: Way,
        descriptors: &mut impl Iterator<Item = OwnedFd>,
    ) -> io::Result<Self> {
        let Way::Pipe { held, ended } = way else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        Ok(Self {
            reader: take(descriptors)?,
            writer: take(descriptors)?,
            held: Cell::new(held),
            ended: Cell::new(ended),
        })
    }

    /// Forwards the bytes of one side, and its end. Between two awaits the pipe knows what it holds.
    pub(crate) async fn pump(&self, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        while !self.ended.get() {
            while self.held.get() > 0 {
                let moved = self.empty(to, self.held.get()).await?;
                self.held.set(self.held.get() - moved);
            }
            let bytes = self.fill(from).await?;
            self.held.set(bytes);
            if bytes == 0 {
                // It fails only if the other side is gone.
                shutdown(to.as_raw_fd(), Shutdown::Write)?;
                self.ended.set(true);
            }
        }
        Ok(())
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
