//! The body of an answer. It keeps the request in flight until it has been sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Interval, interval};

use super::counters::InFlight;
use super::stream::Stream;

/// A body that is never in memory as a whole.
pub(super) struct ResponseBody {
    content: Content,
    /// The request counts as served when the connection has taken the whole body.
    pub(super) request: InFlight,
}

enum Content {
    Text(Bytes),
    Pattern {
        left: u64,
    },
    /// On the heap, since most answers need no room for it.
    Stream(Box<Stream>),
    /// The same.
    Drip(Box<Drip>),
}

/// Content that is sent a byte at a time.
struct Drip {
    content: Content,
    ticks: Interval,
}

/// The pattern that `/bytes/N` repeats. Letters, so that a terminal can show a body.
static PATTERN: [u8; 65536] = {
    let mut pattern = [0; 65536];
    let mut at = 0;
    while at < pattern.len() {
        pattern[at] = b'a' + (at % 26) as u8;
        at += 1;
    }
    pattern
};

/// Returns the complete body of `/bytes/N`.
pub(crate) fn body(length: u64) -> Vec<u8> {
    let pattern = PATTERN.iter().copied().cycle();
    pattern.take(length as usize).collect()
}

impl ResponseBody {
    pub(super) fn text(text: impl Into<Bytes>, request: InFlight) -> Self {
        let content = Content::Text(text.into());
        Self { content, request }
    }

    pub(super) fn pattern(length: u64, request: InFlight) -> Self {
        let content = Content::Pattern { left: length };
        Self { content, request }
    }

    pub(super) fn stream(stream: Stream, request: InFlight) -> Self {
        let content = Content::Stream(Box::new(stream));
        Self { content, request }
    }

    /// Sends it a byte at a time, one each of this time, which must not be zero. A stream stays as it is.
    pub(super) fn dripping(self, every: Duration) -> Self {
        let content = match self.content {
            Content::Text(_) | Content::Pattern { .. } => Content::Drip(Box::new(Drip {
                content: self.content,
                ticks: interval(every),
            })),
            other => other,
        };
        Self { content, ..self }
    }
}

impl Content {
    /// Returns how many bytes are left, if that is known.
    fn left(&self) -> Option<u64> {
        match self {
            Self::Text(text) => Some(text.len() as u64),
            Self::Pattern { left } => Some(*left),
            Self::Drip(drip) => drip.content.left(),
            Self::Stream(_) => None,
        }
    }

    /// Takes the next bytes, at most this number, which do not wait for a time.
    fn take(&mut self, most: usize) -> Bytes {
        match self {
            Self::Text(text) => text.split_to(most.min(text.len())),
            Self::Pattern { left } => {
                let length = (*left).min(most.min(PATTERN.len()) as u64);
                *left -= length;
                Bytes::from_static(&PATTERN[..length as usize])
            }
            Self::Stream(_) | Self::Drip(_) => Bytes::new(),
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.content {
            Content::Stream(stream) => ready!(stream.poll_piece(cx)).unwrap_or_default(),
            Content::Drip(drip) if drip.content.left() != Some(0) => {
                ready!(drip.ticks.poll_tick(cx));
                drip.content.take(1)
            }
            content => content.take(usize::MAX),
        };
        Poll::Ready((!data.is_empty()).then(|| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.content.left() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.content
            .left()
            .map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
