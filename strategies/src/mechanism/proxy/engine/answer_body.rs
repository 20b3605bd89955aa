//! The body of an answer on its way to the client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::Error;
use hyper::body::{Body, Frame, SizeHint};

use super::response_body::ResponseBody;
use crate::dispatch::client_watch::Progress;

/// The body of an answer. When the client's connection has taken it, the next request is awaited.
pub(super) struct AnswerBody {
    body: ResponseBody,
    /// Whether hyper has a piece that the client's kernel has not taken. hyper alone would keep as much as the
    /// longest head, and the piece after that.
    unflushed: bool,
    progress: Arc<Progress>,
}

impl AnswerBody {
    pub(super) fn new(body: ResponseBody, progress: &Arc<Progress>) -> Self {
        Self {
            body,
            unflushed: false,
            progress: Arc::clone(progress),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.progress.answered();
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.progress.take_flushed() {
            self.unflushed = false;
        }
        // hyper polls again after it has flushed.
        if self.unflushed {
            return Poll::Pending;
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.unflushed = matches!(&frame, Some(Ok(frame)) if frame.is_data());
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
