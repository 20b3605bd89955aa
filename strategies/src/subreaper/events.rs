//! The events that a process with children waits for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// At least one child has ended.
    ChildEnded,
    /// A signal requests the end.
    StopSignal,
    /// The process that launched this one has closed its end of the link, or has ended.
    Abandoned,
    /// The process that launched this one has sent a message.
    Message,
    /// Nothing happened until the deadline, or a system call was interrupted.
    None,
}

#[derive(Debug)]
pub(crate) struct Events(SignalFd);

/// Signals that request the end: service managers, terminals and people send them.
const STOP_SIGNALS: [Signal; 3] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP];

impl Events {
    /// Starts to receive signals. Call it before the first child is started, so that no end of a
    /// child is missed.
    pub(crate) fn listen() -> io::Result<Self> {
        let mut signals = SigSet::from_iter(STOP_SIGNALS);
        signals.add(Signal::SIGCHLD);
        signals.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self(SignalFd::with_flags(&signals, flags)?))
    }

    /// Waits for the next event, without limit.
    pub(crate) fn next(&self, link: BorrowedFd<'_>) -> io::Result<Event> {
        let link = PollFd::new(link, PollFlags::POLLIN);
        self.wait(Some(link), None)
    }

    /// Waits for the next event other than a message.
    pub(crate) fn next_but_messages(
        &self,
        link: BorrowedFd<'_>,
        deadline: Instant,
    ) -> io::Result<Event> {
        // Without flags poll(2) only reports that the link is closed.
        let link = PollFd::new(link, PollFlags::empty());
        self.wait(Some(link), Some(deadline))
    }

    /// Waits for the next event other than the end of a link. Without a deadline it waits without limit.
    pub(crate) fn next_signal(&self, deadline: Option<Instant>) -> io::Result<Event> {
        self.wait(None, deadline)
    }

    fn wait(&self, link: Option<PollFd<'_>>, deadline: Option<Instant>) -> io::Result<Event> {
        let signals = PollFd::new(self.0.as_fd(), PollFlags::POLLIN);
        let mut fds: Vec<PollFd<'_>> = link.into_iter().chain([signals]).collect();
        let of_link = |fds: &[PollFd<'_>]| match fds {
            [link, _signals] => link.revents().unwrap_or(PollFlags::empty()),
            _ => PollFlags::empty(),
        };
        match poll(&mut fds, time_until(deadline)) {
            Ok(0) | Err(Errno::EINTR) => Ok(Event::None),
            Ok(_) => match of_link(&fds) {
                PollFlags::POLLIN => Ok(Event::Message),
                none if none.is_empty() => self.read_signal(),
                _ => Ok(Event::Abandoned),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn read_signal(&self) -> io::Result<Event> {
        let Some(signal) = self.0.read_signal()? else {
            return Ok(Event::None);
        };
        match Signal::try_from(signal.ssi_signo.cast_signed()) {
            Ok(Signal::SIGCHLD) => Ok(Event::ChildEnded),
            _ => Ok(Event::StopSignal),
        }
    }
}

/// Returns the time until the deadline, rounded up to milliseconds, so that the last fraction is
/// not spent in a busy loop.
fn time_until(deadline: Option<Instant>) -> PollTimeout {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    left.map_or(PollTimeout::NONE, |left| {
        let ms = left.as_micros().div_ceil(1000);
        PollTimeout::try_from(ms).unwrap_or(PollTimeout::MAX)
    })
}
