//! The body of a request on its way to a worker. It is streamed, never held as a whole.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderName;
use hyper::Error;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::trailers;
use crate::dispatch::client_watch::Progress;

/// The body of a request; `None` for an empty body.
pub(super) struct RequestBody(Option<Upload>);

struct Upload {
    incoming: Incoming,
    /// Number of pieces that have arrived.
    pieces: Rc<Cell<u64>>,
    progress: Arc<Progress>,
    /// The fields that `Connection` names.
    named: Vec<HeaderName>,
}

impl RequestBody {
    /// Creates a body that counts each piece that arrives, notes its end, and forwards no trailers of these
    /// names.
    pub(super) fn new(
        incoming: Incoming,
        pieces: &Rc<Cell<u64>>,
        progress: &Arc<Progress>,
        named: Vec<HeaderName>,
    ) -> Self {
        if incoming.is_end_stream() {
            progress.request_complete();
            return Self::empty();
        }
        Self(Some(Upload {
            incoming,
            pieces: Rc::clone(pieces),
            progress: Arc::clone(progress),
            named,
        }))
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
        let Some(upload) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(&mut upload.incoming).poll_frame(cx));
        upload.pieces.set(upload.pieces.get() + 1);
        if frame.is_none() || upload.incoming.is_end_stream() {
            upload.progress.request_complete();
        }
        let forwarded = |frame| trailers::harmless(frame, &upload.named);
        Poll::Ready(frame.map(|frame| frame.map(forwarded)))
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|upload| upload.incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or(SizeHint::with_exact(0), |it| it.incoming.size_hint())
    }
}
