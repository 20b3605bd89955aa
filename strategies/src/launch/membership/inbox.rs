//! A dispatcher's end.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::io::unix::AsyncFd;

use super::{Answer, MEMBERSHIP, Message, receive, send};
use crate::launch::Inherited;
use crate::sys::readiness;
use crate::view::Life;

/// A message, and the descriptor that came with it.
pub(crate) type Request = (Message, Option<OwnedFd>);

/// A dispatcher's end, for an epoll loop.
#[derive(Debug)]
pub(crate) struct Inbox(OwnedFd);

impl Inbox {
    /// Takes the inherited end, if the master has given one.
    pub(crate) fn inherit(inherited: &mut Inherited) -> Option<Self> {
        inherited.one(MEMBERSHIP).ok().map(Self)
    }

    /// Returns the next message that has arrived, or `None` if the master has closed its end. With none, the
    /// error is [`ErrorKind::WouldBlock`].
    pub(crate) fn next(&self) -> io::Result<Option<Request>> {
        receive(&self.0)
    }

    /// Answers a message that was carried out, or could not be.
    pub(crate) fn answer(&self, to: Message, outcome: io::Result<()>) {
        answer(&self.0, to, outcome);
    }

    /// Makes the current runtime watch this end.
    pub(crate) fn watched(self) -> io::Result<Requests> {
        readiness::watch(self.0).map(Requests)
    }
}

impl AsFd for Inbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A dispatcher's end, for a tokio runtime.
#[derive(Debug)]
pub(crate) struct Requests(AsyncFd<OwnedFd>);

impl Requests {
    /// Waits for the next message. Returns `None` when the master has closed its end.
    pub(crate) async fn next(&self) -> io::Result<Option<Request>> {
        loop {
            let mut ready = self.0.readable().await?;
            if let Ok(received) = ready.try_io(|socket| receive(socket.get_ref())) {
                return received;
            }
        }
    }

    /// Answers a message that was carried out, or could not be.
    pub(crate) fn answer(&self, to: Message, outcome: io::Result<()>) {
        answer(self.0.get_ref(), to, outcome);
    }
}

/// Sends the answer. It fails only if the master is gone, or has not read hundreds of answers.
fn answer(socket: &OwnedFd, to: Message, outcome: io::Result<()>) {
    let failed = outcome.err().map(|error| error.to_string());
    let _sent = send(socket, &Answer { to, failed }, None);
}

/// Returns an error for a message without what it needs.
pub(crate) fn lacks(what: &str) -> io::Error {
    io::Error::new(
        ErrorKind::InvalidInput,
        format!("the message came without {what}"),
    )
}

/// Returns an error for a worker whose place this dispatcher does not have.
pub(crate) fn no_place(life: Life) -> io::Error {
    io::Error::new(
        ErrorKind::InvalidInput,
        format!("it has no place for {life}"),
    )
}
