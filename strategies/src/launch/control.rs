//! How a fleet starts together: each child says that it is ready, then all are let go at once.
//!
//! Over one socket pair per child: the child writes [`READY`], or why it cannot start; the
//! parent writes one byte when the whole fleet is ready. So no worker takes in a connection
//! while a sibling is still starting. Both keep their ends: a dispatcher that closes its own, at
//! the latest as it ends, gives nothing to workers any more.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The name under which a child inherits its end.
pub(crate) const CONTROL: &str = "control";

const READY: &[u8] = b"ready";

/// The child's end.
pub(crate) struct ChildControl(UnixStream);

impl ChildControl {
    pub(crate) fn new(inherited: OwnedFd) -> Self {
        Self(inherited.into())
    }

    /// Says that this process is ready and waits until the whole fleet is.
    pub(crate) fn ready(&mut self) -> io::Result<()> {
        self.0.write_all(READY)?;
        self.0.shutdown(Shutdown::Write)?;
        self.0.read_exact(&mut [0])
    }

    /// Says why this process cannot start.
    pub(crate) fn failed(mut self, reason: &str) {
        // If the parent is gone too, there is nobody left to tell.
        let _told = self.0.write_all(reason.as_bytes());
    }
}

/// The parent's end.
#[derive(Debug)]
pub(crate) struct ParentControl(UnixStream);

impl ParentControl {
    /// A pair: this end, and the child's to be inherited.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self(ours), theirs.into()))
    }

    /// Waits until the child is ready; otherwise says what happened instead.
    pub(crate) fn wait_ready(&mut self, deadline: Instant) -> Result<(), NotReady> {
        let left = deadline.saturating_duration_since(Instant::now());
        // A timeout of zero would mean to wait for ever.
        let left = left.max(Duration::from_millis(1));
        self.0.set_read_timeout(Some(left)).map_err(NotReady::Io)?;
        let mut said = Vec::new();
        match (&self.0).take(MESSAGE_LIMIT).read_to_end(&mut said) {
            Ok(_) if said == READY => Ok(()),
            Ok(0) => Err(NotReady::Ended),
            Ok(_) => Err(NotReady::Said(String::from_utf8_lossy(&said).into_owned())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(NotReady::Silent),
            Err(error) => Err(NotReady::Io(error)),
        }
    }

    /// Lets the child go.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        self.0.write_all(&[1])
    }

    /// Waits until the child has closed its end, for so long at most.
    pub(crate) fn wait_closed(&self, deadline: Instant) {
        // Nothing is asked for but what is always told: that both directions are closed (poll(2)).
        let mut end = [PollFd::new(self.0.as_fd(), PollFlags::empty())];
        let left = deadline.saturating_duration_since(Instant::now());
        // Whatever goes wrong, the wait is over.
        let _over = poll(
            &mut end,
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
        );
    }
}

/// The longest reason that is read from a child: a paragraph.
const MESSAGE_LIMIT: u64 = 4096;

/// What a child did instead of becoming ready.
#[derive(Debug)]
pub(crate) enum NotReady {
    /// It ended without a word.
    Ended,
    /// It gave a reason.
    Said(String),
    /// It did nothing until the deadline.
    Silent,
    /// The socket between us failed.
    Io(io::Error),
}
