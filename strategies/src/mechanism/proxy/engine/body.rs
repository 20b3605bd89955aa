//! Bodies on their way: never held back, never held whole.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use hyper::Error;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::lease::Lease;
use super::upstream::Upstream;

/// A request's body, on its way to a worker.
pub(super) struct Upload(Option<(Incoming, Rc<Cell<u64>>)>);

impl Upload {
    /// A body whose every piece is counted in `pieces`.
    pub(super) fn new(incoming: Incoming, pieces: &Rc<Cell<u64>>) -> Self {
        if incoming.is_end_stream() {
            Self::none()
        } else {
            Self(Some((incoming, Rc::clone(pieces))))
        }
    }

    /// No body: the only one that can be sent twice.
    pub(super) const fn none() -> Self {
        Self(None)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some((incoming, pieces)) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(incoming).poll_frame(cx));
        pieces.set(pieces.get() + 1);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}

/// An answer's body, on its way to the client.
pub(super) enum Answer {
    /// The proxy's own words, if any.
    Own(Option<Bytes>),
    /// What a worker sends.
    Worker(Download),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.get_mut() {
            Self::Own(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Worker(download) => download.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(text) => text.is_none(),
            Self::Worker(download) => download.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(text) => SizeHint::with_exact(text.as_ref().map_or(0, Bytes::len) as u64),
            Self::Worker(download) => download.incoming.size_hint(),
        }
    }
}

/// A worker's body with the connection that it comes by, which it drives.
///
/// At its end the connection goes back to the pool; dropped before that, the connection is
/// closed, which is how the worker learns that nobody wants the rest.
pub(super) struct Download {
    incoming: Incoming,
    source: Option<(Upstream, Lease)>,
}

impl Download {
    pub(super) fn new(incoming: Incoming, upstream: Upstream, lease: Lease) -> Self {
        let mut download = Self {
            incoming,
            source: Some((upstream, lease)),
        };
        if download.incoming.is_end_stream() {
            download.finish();
        }
        download
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut frame = self.poll_incoming();
        if frame.is_pending()
            && let Some((upstream, _)) = &mut self.source
        {
            upstream.drive(cx);
            frame = self.poll_incoming();
        }
        let frame = ready!(frame);
        let is_last = match &frame {
            Some(Ok(frame)) => frame.is_trailers() || self.incoming.is_end_stream(),
            Some(Err(_)) => false,
            None => true,
        };
        if is_last {
            self.finish();
        }
        Poll::Ready(frame)
    }

    /// What has arrived. Only [`Upstream::drive`] makes more arrive, so nothing is to be woken.
    fn poll_incoming(&mut self) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.incoming).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    fn finish(&mut self) {
        if let Some((upstream, lease)) = self.source.take() {
            lease.give_back(upstream);
        }
    }
}
