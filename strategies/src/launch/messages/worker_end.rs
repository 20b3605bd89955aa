//! A worker's end.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use tokio::io::unix::AsyncFd;

use super::{MESSAGES, Packet, ToMaster, ToWorker, receive, send};
use crate::launch::inherited::Inherited;
use crate::sys::readiness;

/// The end of a worker process.
#[derive(Debug)]
pub(crate) struct WorkerEnd(OwnedFd);

impl WorkerEnd {
    /// Takes the inherited end, if the master has given one.
    pub(crate) fn inherit(inherited: &mut Inherited) -> Option<Self> {
        inherited.one(MESSAGES).ok().map(Self)
    }

    /// Sends a message to the master, without blocking.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] if the master has not read earlier ones.
    pub(crate) fn send(&self, message: &ToMaster) -> io::Result<()> {
        send(&self.0, message)
    }

    /// Returns the messages that have arrived.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = Packet<ToWorker>> {
        std::iter::from_fn(|| {
            loop {
                match receive(&self.0) {
                    Ok(received) => return received,
                    // One of a later version.
                    Err(error) if error.kind() == ErrorKind::InvalidData => {}
                    Err(_) => return None,
                }
            }
        })
    }

    /// Makes the current runtime watch for messages.
    pub(crate) fn watch(&self) -> io::Result<Incoming> {
        readiness::watch(self.0.try_clone()?).map(Incoming)
    }
}

/// The messages of the master to this process.
#[derive(Debug)]
pub(crate) struct Incoming(AsyncFd<OwnedFd>);

impl Incoming {
    /// Waits for the next message. Returns `None` when the master is gone. It skips those of a later version
    /// that this one does not know.
    pub(crate) async fn next(&self) -> Option<Packet<ToWorker>> {
        loop {
            let mut ready = self.0.readable().await.ok()?;
            match ready.try_io(|socket| receive(socket.get_ref())) {
                Ok(Ok(received)) => return received,
                Ok(Err(error)) if error.kind() != ErrorKind::InvalidData => return None,
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }
}
