//! The body of an answer on its way to the client.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::Error;
use hyper::body::{Body, Frame, SizeHint};

use super::response_body::ResponseBody;
use crate::dispatch::client_watch::Progress;

/// Number of bytes after which the client's kernel must take some before a worker is asked for more. hyper
/// alone would keep as much as the longest head, and the piece after that. A short answer is written at once.
const UNFLUSHED: usize = 16 * 1024;

/// The body of an answer. When the client's connection has taken it, the next request is awaited.
pub(super) struct AnswerBody {
    body: ResponseBody,
    /// Number of bytes given to hyper, since it last had nothing to write.
    given: usize,
    progress: Arc<Progress>,
}

impl AnswerBody {
    pub(super) fn new(body: ResponseBody, progress: &Arc<Progress>) -> Self {
        Self {
            body,
            given: 0,
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
            self.given = 0;
        }
        // hyper polls again after it has flushed.
        if self.given >= UNFLUSHED {
            return Poll::Pending;
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.given += frame.data_ref().map_or(0, Bytes::len);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
