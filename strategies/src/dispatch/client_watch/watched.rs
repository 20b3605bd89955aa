//! A client's connection whose progress is watched.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{ClientWatch, Progress};

/// A stream that notes what it reads and writes.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    /// Dropped first, since it names the stream's descriptor.
    entry: Entry,
    stream: S,
}

/// The entry of a connection in the list of all, until this is dropped.
#[derive(Debug)]
struct Entry {
    watch: Arc<ClientWatch>,
    number: usize,
    progress: Arc<Progress>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.watch.forget(self.number);
    }
}

impl<S> Watched<S> {
    pub(super) fn new(
        watch: Arc<ClientWatch>,
        number: usize,
        progress: Arc<Progress>,
        stream: S,
    ) -> Self {
        let entry = Entry {
            watch,
            number,
            progress,
        };
        Self { entry, stream }
    }

    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.entry.progress
    }

    pub(crate) fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Wraps the stream. The function must keep its descriptor open.
    pub(crate) fn map<T>(self, wrap: impl FnOnce(S) -> T) -> Watched<T> {
        let Self { entry, stream } = self;
        Watched {
            entry,
            stream: wrap(stream),
        }
    }

    /// Unwraps the stream, which is not watched any more.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    fn note_written(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(_) => self.progress().sent(),
            Poll::Pending => self.progress().blocked(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_pending() {
            self.progress().starved();
        } else if buffer.filled().len() > before {
            self.progress().received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note_written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.note_written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        match flushed {
            Poll::Ready(_) => self.progress().flushed(),
            Poll::Pending => self.progress().blocked(),
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
