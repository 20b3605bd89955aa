//! What a supervisor waits for.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::link::Link;

/// Something that has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A child has ended, or several.
    ChildEnded,
    /// A signal asks to end in good order.
    AskedToEnd,
    /// The process that launched this one has closed its end of the link, as it does by dying.
    Abandoned,
    /// Nothing until the deadline.
    Nothing,
}

/// The signals of this process, which come as events from now on.
#[derive(Debug)]
pub(super) struct Events(SignalFd);

/// By which it may be asked to end: what service managers, terminals and people send.
const ASKING: [Signal; 3] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP];

impl Events {
    /// To be called before the first child is started, so that no end of one is missed.
    pub(super) fn listen() -> io::Result<Self> {
        let mut signals = SigSet::from_iter(ASKING);
        signals.add(Signal::SIGCHLD);
        signals.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self(SignalFd::with_flags(&signals, flags)?))
    }

    /// Waits for the next one; for ever, without a deadline.
    pub(super) fn next(&self, link: &Link, deadline: Option<Instant>) -> io::Result<Event> {
        // Of the link nothing is asked for but what is always told: that it is closed (poll(2)).
        let link = PollFd::new(link.as_fd(), PollFlags::empty());
        self.wait(Some(link), deadline)
    }

    /// The same, when nobody is there any more who could close the link.
    pub(super) fn next_alone(&self, deadline: Instant) -> io::Result<Event> {
        self.wait(None, Some(deadline))
    }

    fn wait(&self, link: Option<PollFd<'_>>, deadline: Option<Instant>) -> io::Result<Event> {
        let signals = PollFd::new(self.0.as_fd(), PollFlags::POLLIN);
        let mut waited_for: Vec<PollFd<'_>> = link.into_iter().chain([signals]).collect();
        let closed = |ends: &[PollFd<'_>]| ends.len() > 1 && ends[0].any() == Some(true);
        match poll(&mut waited_for, left_until(deadline)) {
            Ok(0) => Ok(Event::Nothing),
            Ok(_) if closed(&waited_for) => Ok(Event::Abandoned),
            Ok(_) => self.signal(),
            Err(Errno::EINTR) => Ok(Event::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    fn signal(&self) -> io::Result<Event> {
        let Some(signal) = self.0.read_signal()? else {
            return Ok(Event::Nothing);
        };
        match Signal::try_from(signal.ssi_signo.cast_signed()) {
            Ok(Signal::SIGCHLD) => Ok(Event::ChildEnded),
            _ => Ok(Event::AskedToEnd),
        }
    }
}

/// Rounded up, so that nobody waits in vain again and again for the last fraction of a millisecond.
fn left_until(deadline: Option<Instant>) -> PollTimeout {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    left.map_or(PollTimeout::NONE, |left| {
        let ms = left.as_micros().div_ceil(1000);
        i32::try_from(ms)
            .ok()
            .and_then(|ms| PollTimeout::try_from(ms).ok())
            .unwrap_or(PollTimeout::MAX)
    })
}
