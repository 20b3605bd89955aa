//! A connection of which some was read and written before it got to hyper.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection that gives what was read before first. If a request was written before, the first
/// write, which is that request once more, goes nowhere, and nothing is read until then.
pub(super) struct Replay {
    stream: TcpStream,
    read: Bytes,
    written: bool,
}

impl Replay {
    /// Of which these bytes were read.
    pub(super) fn of_read(stream: TcpStream, read: Bytes) -> Self {
        let written = false;
        Self {
            stream,
            read,
            written,
        }
    }

    /// On which a request was written, and these bytes of its answer were read.
    pub(super) fn of_exchange(stream: TcpStream, read: Bytes) -> Self {
        let written = true;
        Self {
            stream,
            read,
            written,
        }
    }

    /// The connection, and what was read of it and not given yet.
    pub(super) fn into_parts(self) -> (TcpStream, Bytes) {
        (self.stream, self.read)
    }

    /// Whether a write has gone nowhere.
    fn swallow(&mut self, cx: &Context<'_>) -> bool {
        if self.written {
            // A read may have been tried before.
            cx.waker().wake_by_ref();
        }
        std::mem::take(&mut self.written)
    }
}

impl AsyncRead for Replay {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.written {
            return Poll::Pending;
        }
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.read.len().min(buffer.remaining());
        buffer.put_slice(&self.read[..length]);
        self.read.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replay {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.swallow(cx) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.swallow(cx) {
            return Poll::Ready(Ok(pieces.iter().map(|piece| piece.len()).sum()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
