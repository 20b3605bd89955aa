//! The body of a request on its way to a worker. It is streamed, never held as a whole.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::Error;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// The body of a request, with a counter of its pieces; `None` for an empty body.
pub(super) struct RequestBody(Option<(Incoming, Rc<Cell<u64>>)>);

impl RequestBody {
    /// Creates a body that adds one to `pieces` for each piece that arrives.
    pub(super) fn new(incoming: Incoming, pieces: &Rc<Cell<u64>>) -> Self {
        if incoming.is_end_stream() {
            Self::empty()
        } else {
            Self(Some((incoming, Rc::clone(pieces))))
        }
    }

    pub(super) const fn empty() -> Self {
        Self(None)
    }
}

impl Body for RequestBody {
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
