//! A client's connection as hyper sees it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::{interim::InterimAnswers, replay::Replay};

/// Adds two things to a connection that hyper serves: it sends interim answers, and notices a client
/// that is gone while its request is in flight. hyper does not read then, since it lets clients close
/// their sending half; so only a reset tells that a client is gone.
///
/// Both happen whenever hyper flushes. It does so each time its task wakes, and only when all of the
/// previous answer is written.
pub(super) struct ClientStream {
    stream: Replay,
    interim_answers: InterimAnswers,
}

impl ClientStream {
    /// Wraps a connection from which these bytes were read.
    pub(super) fn new(stream: TcpStream, read: Bytes, interim_answers: InterimAnswers) -> Self {
        Self {
            stream: Replay::after_read(stream, read),
            interim_answers,
        }
    }

    /// Returns the connection, and the bytes that hyper has not read.
    pub(super) fn into_parts(self) -> (TcpStream, Bytes) {
        self.stream.into_parts()
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.stream.check_reset(cx)?;
        let stream = Pin::new(&mut this.stream);
        ready!(this.interim_answers.poll_send(stream, cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
