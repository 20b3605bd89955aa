//! A connection that hyper takes over after some bytes were read or written.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection that first returns the bytes that were read before. If a request was written
/// before, the first write is that request again: it is discarded, and reads wait for it.
pub(super) struct Replay {
    stream: TcpStream,
    read: Bytes,
    /// Whether the next write is discarded.
    written: bool,
}

impl Replay {
    /// Wraps a connection from which these bytes were read.
    pub(super) fn after_read(stream: TcpStream, read: Bytes) -> Self {
        Self {
            stream,
            read,
            written: false,
        }
    }

    /// Wraps a connection on which a request was written, and these bytes of its answer were read.
    pub(super) fn after_request(stream: TcpStream, read: Bytes) -> Self {
        Self {
            stream,
            read,
            written: true,
        }
    }

    /// Returns the connection, and the bytes that were not returned yet.
    pub(super) fn into_parts(self) -> (TcpStream, Bytes) {
        (self.stream, self.read)
    }

    /// Reports that the other side has reset the connection, and wakes the task when it does.
    ///
    /// # Errors
    /// That of the connection. Its end in order is none.
    pub(super) fn check_reset(&self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut [0])) {
            Poll::Ready(Err(error)) => Err(error),
            Poll::Ready(Ok(_)) | Poll::Pending => Ok(()),
        }
    }

    /// Whether this write is discarded.
    fn discard(&mut self, cx: &Context<'_>) -> bool {
        if self.written {
            // A read may wait for this.
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
        if self.read.is_empty() {
            // Otherwise its memory would be kept as long as the connection.
            self.read = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replay {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.discard(cx) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.discard(cx) {
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
