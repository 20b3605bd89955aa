//! Control channels: how all processes of a fleet start to serve at the same time.
//!
//! Each child has a pair of sockets. The child writes [`READY`], or why it cannot start. The parent writes
//! one byte when the whole fleet is ready. So no worker accepts a connection while another one is still
//! starting. Both keep their ends open. When a dispatcher closes its end, which it does at the latest when
//! it ends, it gives nothing more to workers.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The name under which a child inherits its end of the control channel.
pub(crate) const CONTROL: &str = "control";

const READY: &[u8] = b"ready";

/// The child's end.
pub(crate) struct ChildControl(UnixStream);

impl ChildControl {
    pub(crate) fn new(inherited: OwnedFd) -> Self {
        Self(inherited.into())
    }

    /// Reports that this process is ready, and waits until the whole fleet is.
    pub(crate) fn ready(&mut self) -> io::Result<()> {
        self.0.write_all(READY)?;
        self.0.shutdown(Shutdown::Write)?;
        self.0.read_exact(&mut [0])
    }

    /// Reports why this process cannot start.
    pub(crate) fn failed(mut self, reason: &str) {
        // It fails only if the parent is gone.
        let _told = self.0.write_all(reason.as_bytes());
    }
}

/// The parent's end.
#[derive(Debug)]
pub(crate) struct ParentControl(UnixStream);

impl ParentControl {
    /// Creates a pair: this end, and one for the child to inherit.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self(ours), theirs.into()))
    }

    /// Waits until the child is ready. Returns an error if it ends, fails or is late.
    pub(crate) fn wait_ready(&mut self, deadline: Instant) -> Result<(), NotReady> {
        let left = deadline.saturating_duration_since(Instant::now());
        // A timeout of zero would wait without limit.
        let left = left.max(Duration::from_millis(1));
        self.0.set_read_timeout(Some(left)).map_err(NotReady::Io)?;
        let mut message = Vec::new();
        match (&self.0).take(MESSAGE_LIMIT).read_to_end(&mut message) {
            Ok(_) if message == READY => Ok(()),
            Ok(0) => Err(NotReady::Ended),
            Ok(_) => Err(NotReady::Reported(
                String::from_utf8_lossy(&message).into_owned(),
            )),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(NotReady::Silent),
            Err(error) => Err(NotReady::Io(error)),
        }
    }

    /// Lets the child serve.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        self.0.write_all(&[1])
    }

    /// Waits until the child has closed its end, with a time limit.
    pub(crate) fn wait_closed(&self, deadline: Instant) {
        // Without flags poll(2) only reports that both directions are closed.
        let mut end = [PollFd::new(self.0.as_fd(), PollFlags::empty())];
        let left = deadline.saturating_duration_since(Instant::now());
        // After an error the wait is over too.
        let _over = poll(
            &mut end,
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
        );
    }
}

impl AsFd for ParentControl {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Maximum length of a reason from a child, in bytes: a paragraph.
const MESSAGE_LIMIT: u64 = 4096;

#[derive(Debug)]
pub(crate) enum NotReady {
    /// It ended without a reason.
    Ended,
    /// It reported a reason.
    Reported(String),
    /// It reported nothing until the deadline.
    Silent,
    /// The control channel failed.
    Io(io::Error),
}
