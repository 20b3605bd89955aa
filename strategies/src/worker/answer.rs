//! The body of an answer, and the count of the request that it answers.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::connections::InFlight;

/// A body of known length that is never in memory as a whole.
pub(super) struct Answer {
    kind: Kind,
    /// The request is served when its answer has been taken by the connection.
    request: InFlight,
}

enum Kind {
    Text(Bytes),
    Pattern { left: u64 },
}

/// What `/bytes/N` repeats. Letters, so that a body reads as text in a terminal.
static PATTERN: [u8; 65536] = {
    let mut pattern = [0; 65536];
    let mut at = 0;
    while at < pattern.len() {
        pattern[at] = b'a' + (at % 26) as u8;
        at += 1;
    }
    pattern
};

/// The whole body of `/bytes/N`.
pub(crate) fn body(length: u64) -> Vec<u8> {
    let pattern = PATTERN.iter().copied().cycle();
    pattern.take(length as usize).collect()
}

impl Answer {
    pub(super) fn text(text: impl Into<Bytes>, request: InFlight) -> Self {
        let kind = Kind::Text(text.into());
        Self { kind, request }
    }

    pub(super) fn pattern(length: u64, request: InFlight) -> Self {
        let kind = Kind::Pattern { left: length };
        Self { kind, request }
    }

    /// Who has begun on the request.
    pub(super) fn worker(&self) -> usize {
        self.request.worker()
    }

    fn left(&self) -> u64 {
        match &self.kind {
            Kind::Text(text) => text.len() as u64,
            Kind::Pattern { left } => *left,
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.kind {
            Kind::Text(text) => std::mem::take(text),
            Kind::Pattern { left } => {
                let length = (*left).min(PATTERN.len() as u64);
                *left -= length;
                Bytes::from_static(&PATTERN[..length as usize])
            }
        };
        Poll::Ready((!data.is_empty()).then(|| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}
