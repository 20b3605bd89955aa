//! The master's ends.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{Answer, Message, pair, receive, send};

/// Time limit for all dispatchers together to carry out a message. They do so in milliseconds, unless the
/// machine stalls, or a dispatcher is connecting to a worker that does not accept.
const DONE_WITHIN: Duration = Duration::from_secs(10);

/// The master's ends of the membership sockets, in the order of the dispatchers' numbers.
#[derive(Debug, Default)]
pub(crate) struct Dispatchers(Vec<OwnedFd>);

impl Dispatchers {
    /// Adds a dispatcher, and returns the end that it inherits.
    pub(crate) fn add(&mut self) -> io::Result<OwnedFd> {
        let (ours, theirs) = pair()?;
        self.0.push(ours);
        Ok(theirs)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells every dispatcher, and waits until all have carried it out. `channels` are descriptors for the
    /// dispatchers, in their order, if the message needs some.
    ///
    /// # Errors
    /// What the first dispatcher that failed did not do, and why. The others have been told.
    pub(crate) fn tell(&self, message: &Message, channels: &[OwnedFd]) -> io::Result<()> {
        let told = self.0.iter().enumerate().map(|(number, socket)| {
            let sent = send(socket, message, channels.get(number));
            sent.map_err(unreachable)
        });
        let told: Vec<_> = told.collect();
        let deadline = Instant::now() + DONE_WITHIN;
        let answers = self.0.iter().zip(told).map(|(socket, told)| {
            told?;
            wait_for_answer(socket, message, deadline)
        });
        let answers: Vec<_> = answers.collect();
        for (number, answer) in answers.into_iter().enumerate() {
            answer.map_err(|error| {
                let reason = format!("dispatcher {number} did not {message}: {error}");
                io::Error::new(error.kind(), reason)
            })?;
        }
        Ok(())
    }
}

/// Waits for the answer to this message. Others are late answers to earlier ones.
fn wait_for_answer(socket: &OwnedFd, message: &Message, deadline: Instant) -> io::Result<()> {
    loop {
        match receive::<Answer>(socket) {
            Ok(Some((answer, _))) if answer.to == *message => {
                return answer
                    .failed
                    .map_or(Ok(()), |reason| Err(io::Error::other(reason)));
            }
            Ok(Some(_late)) => {}
            Ok(None) => return Err(unreachable(ErrorKind::UnexpectedEof.into())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait(socket, deadline)?,
            Err(error) => return Err(unreachable(error)),
        }
    }
}

fn wait(socket: &OwnedFd, deadline: Instant) -> io::Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::Error::new(
            ErrorKind::TimedOut,
            format!("it has not answered within {DONE_WITHIN:?}; check whether a worker is stuck"),
        ));
    }
    // Rounded up, so that the time is over when the wait ends.
    let left = PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
    match poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], left) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn unreachable(error: io::Error) -> io::Error {
    let reason = format!(
        "it is gone, or it is an earlier build, whose workers cannot change while it runs ({error})"
    );
    io::Error::new(error.kind(), reason)
}
