//! The body of an answer on its way to the client. It is streamed, never held as a whole.

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::HeaderName;
use hyper::Error;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::{lease::Lease, trailers, worker_connection::WorkerConnection};

pub(super) enum ResponseBody {
    /// A text of the proxy itself, if any.
    Own(Option<Bytes>),
    /// What a worker sends.
    Worker(WorkerBody),
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.get_mut() {
            Self::Own(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Worker(body) => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(text) => text.is_none(),
            Self::Worker(body) => body.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Self::Worker(body) => body.incoming.size_hint(),
        }
    }
}

/// The body of a worker's answer, together with the connection that it arrives on. Polling the
/// body drives the connection.
///
/// At the end of the body the connection returns to the pool. If the body is dropped earlier, the
/// connection is closed, so that the worker can stop sending.
pub(super) struct WorkerBody {
    incoming: Incoming,
    source: Option<(WorkerConnection, Lease)>,
    /// The fields that `Connection` names.
    named: Vec<HeaderName>,
    /// Why the body has broken off.
    broken: Option<Error>,
}

impl WorkerBody {
    /// Creates a body that forwards no trailers of these names.
    pub(super) fn new(
        incoming: Incoming,
        connection: WorkerConnection,
        lease: Lease,
        named: Vec<HeaderName>,
    ) -> Self {
        let mut body = Self {
            incoming,
            source: Some((connection, lease)),
            named,
            broken: None,
        };
        if body.incoming.is_end_stream() {
            body.finish();
        }
        body
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let mut frame = self.poll_incoming();
        if frame.is_pending()
            && let Some((connection, _)) = &mut self.source
        {
            connection.drive(cx);
            frame = self.poll_incoming();
        }
        let frame = match ready!(frame).transpose() {
            Ok(frame) => frame,
            Err(error) => {
                // hyper ends the connection at once, but first sends what it has while it waits.
                self.broken = Some(error);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        let is_trailers = frame.as_ref().is_none_or(Frame::is_trailers);
        if is_trailers || self.incoming.is_end_stream() {
            self.finish();
        }
        Poll::Ready(frame.map(|frame| Ok(trailers::harmless(frame, &self.named))))
    }

    /// Takes what has arrived. Only [`WorkerConnection::drive`] makes more arrive, so no waker is
    /// needed.
    fn poll_incoming(&mut self) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.incoming).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    fn finish(&mut self) {
        if let Some((connection, lease)) = self.source.take() {
            lease.give_back(connection);
        }
    }
}
