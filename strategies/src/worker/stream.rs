//! An answer that goes on for long: a piece at a time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Interval, interval};

use crate::dispatch::drain::Draining;

/// What each piece says.
const PIECE: Bytes = Bytes::from_static(b"ok\n");

/// The pieces of an answer. It ends in order when its worker drains, as applications do that stream events: their
/// clients ask again, and get another worker.
pub(super) struct Stream {
    ticks: Interval,
    left: u32,
    drain: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Stream {
    /// Begins with a piece at once. `every` must not be zero.
    pub(super) fn new(every: Duration, pieces: u32, mut draining: Draining) -> Self {
        Self {
            ticks: interval(every),
            left: pieces,
            drain: Box::pin(async move { draining.begin().await }),
        }
    }

    /// Returns the next piece when its time has come, and `None` at the end.
    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.left == 0 || self.drain.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        ready!(self.ticks.poll_tick(cx));
        self.left -= 1;
        Poll::Ready(Some(PIECE))
    }
}
