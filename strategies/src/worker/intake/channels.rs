//! Connections that dispatchers have accepted and hand over.

use std::future::poll_fn;
use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use tokio::net::TcpStream;

use crate::dispatch::channel::{MAX_PER_MESSAGE, Receiver};

/// The channels from all dispatchers that have not ended.
pub(in crate::worker) struct Channels(Vec<Receiver>);

impl Channels {
    pub(super) fn new(channels: Vec<OwnedFd>, acknowledge: bool) -> io::Result<Self> {
        let receivers = channels
            .into_iter()
            .map(|channel| Receiver::new(channel, acknowledge));
        receivers.collect::<io::Result<_>>().map(Self)
    }

    pub(super) fn reserve(&self) -> u64 {
        (self.0.len() * MAX_PER_MESSAGE) as u64
    }

    pub(super) async fn take(&mut self) -> io::Result<Option<TcpStream>> {
        poll_fn(|context| self.poll_any(context)).await
    }

    /// Takes a connection from any channel. The first channel always comes first. This is fair enough:
    /// a worker empties its channels faster than dispatchers fill them, or it is overloaded and the
    /// policy picks others.
    fn poll_any(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<TcpStream>>> {
        let Self(receivers) = self;
        let mut index = 0;
        while let Some(receiver) = receivers.get_mut(index) {
            match receiver.poll_take(context)? {
                Poll::Ready(Some(connection)) => return Poll::Ready(Ok(Some(connection))),
                Poll::Ready(None) => drop(receivers.remove(index)),
                Poll::Pending => index += 1,
            }
        }
        if receivers.is_empty() {
            Poll::Ready(Ok(None))
        } else {
            Poll::Pending
        }
    }

    /// Refuses more connections, and returns those that are queued.
    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        let mut late = Vec::new();
        for mut receiver in self.0 {
            receiver.refuse_more()?;
            while let Some(connection) = receiver.take_queued()? {
                late.push(connection);
            }
        }
        Ok(late)
    }
}
