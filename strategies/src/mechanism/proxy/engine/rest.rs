//! The rest of a plain answer: its body goes from the worker to the client piece by piece.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use nix::sys::socket::{MsgFlags, recv};
use tokio::io::{AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::lease::Lease;
use crate::dispatch::client_watch::Watched;

/// The part of a plain answer that has not been read yet, and the connection that it arrives on.
pub(super) struct Rest {
    pub(super) worker: TcpStream,
    pub(super) lease: Lease,
    /// Number of bytes.
    pub(super) left: usize,
}

impl Rest {
    /// Sends the rest to a client that has been sent everything before. What the client's kernel does not take
    /// stays in the kernel's buffer for the worker. So a client that does not read costs no memory here, and
    /// all connections share the buffer.
    ///
    /// # Errors
    /// That of one of the connections. The answer is incomplete then.
    pub(super) async fn send(
        mut self,
        client: &mut Watched<TcpStream>,
        buffer: &RefCell<Box<[u8]>>,
    ) -> io::Result<()> {
        while self.left > 0 {
            poll_fn(|cx| self.poll_piece(client, &mut buffer.borrow_mut(), cx)).await?;
        }
        self.lease.give_back_plain(self.worker);
        Ok(())
    }

    /// Sends a piece, and only then takes it from the worker's connection.
    fn poll_piece(
        &mut self,
        client: &mut Watched<TcpStream>,
        buffer: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        // Nothing is copied for a client that takes nothing.
        ready!(client.get_ref().poll_write_ready(cx))?;
        let most = self.left.min(buffer.len());
        let mut piece = ReadBuf::new(&mut buffer[..most]);
        if self.worker.poll_peek(cx, &mut piece)?.is_pending() {
            // A client that resets its connection does not wait for the rest.
            let _readable = (client.get_ref()).poll_peek(cx, &mut ReadBuf::new(&mut [0]))?;
            return Poll::Pending;
        }
        if piece.filled().is_empty() {
            return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
        }
        let sent = ready!(Pin::new(client).poll_write(cx, piece.filled()))?;
        self.left -= sent;
        Poll::Ready(discard(&self.worker, &mut buffer[..sent]))
    }
}

/// Takes these bytes from a connection. They are known, so the kernel does not copy them again (`MSG_TRUNC`
/// in tcp(7)).
fn discard(stream: &TcpStream, known: &mut [u8]) -> io::Result<()> {
    let flags = MsgFlags::MSG_TRUNC | MsgFlags::MSG_DONTWAIT;
    match recv(stream.as_raw_fd(), known, flags)? {
        length if length == known.len() => Ok(()),
        _ => Err(ErrorKind::UnexpectedEof.into()),
    }
}
