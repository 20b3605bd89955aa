//! The master's ends.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{Answer, MEMBERSHIP, Message, PREDECESSOR, receive, send};
use crate::launch::{Inherited, packet};

/// Time limit for all dispatchers together to carry out a message. They do so in milliseconds, unless the
/// machine stalls, or a dispatcher is connecting to a worker that does not accept.
const DONE_WITHIN: Duration = Duration::from_secs(10);

/// The master's ends of the membership sockets, in the order of the dispatchers' numbers.
#[derive(Debug, Default)]
pub(crate) struct Dispatchers(Vec<Ends>);

/// The master's ends for one dispatcher.
#[derive(Debug)]
struct Ends {
    current: OwnedFd,
    /// That of its predecessor, which may have something left to do.
    earlier: Option<OwnedFd>,
    next: Option<Next>,
}

/// A successor that has not taken over.
#[derive(Debug)]
struct Next {
    end: OwnedFd,
    /// What its predecessor is given, to reach it.
    successor: OwnedFd,
}

impl Dispatchers {
    /// Adds a dispatcher, and returns the end that it inherits.
    pub(crate) fn add(&mut self) -> io::Result<OwnedFd> {
        let (ours, theirs) = packet::pair()?;
        self.0.push(Ends {
            current: ours,
            earlier: None,
            next: None,
        });
        Ok(theirs)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Prepares a successor of a dispatcher, and returns what it inherits.
    pub(crate) fn add_successor(&mut self, number: usize) -> io::Result<Inherited> {
        let (ours, theirs) = packet::pair()?;
        let (successor, predecessor) = packet::pair()?;
        self.0[number].next = Some(Next {
            end: ours,
            successor,
        });
        Ok(Inherited::default()
            .with(MEMBERSHIP, theirs)
            .with(PREDECESSOR, predecessor))
    }

    /// Lets a dispatcher hand over to its successor, which must run. If that fails, the dispatcher goes on,
    /// and the successor is not needed.
    pub(crate) fn hand_over(&mut self, number: usize, drain_within: Duration) -> io::Result<()> {
        let ends = &mut self.0[number];
        let next = ends.next.take().ok_or(ErrorKind::NotFound)?;
        let message = Message::HandOver { drain_within };
        send(&ends.current, &message, Some(&next.successor))
            .map_err(unreachable)
            .and_then(|()| wait_for_answer(&ends.current, &message, Instant::now() + DONE_WITHIN))
            .map_err(|error| did_not(number, &message, &error))?;
        ends.earlier = Some(std::mem::replace(&mut ends.current, next.end));
        Ok(())
    }

    /// Tells every dispatcher, and waits until all have carried it out. `channels` are descriptors for the
    /// dispatchers, in their order, if the message needs some. Predecessors that have something left to do
    /// are told, too, but not about workers with channels.
    ///
    /// # Errors
    /// What the first dispatcher that failed did not do, and why. The others have been told.
    pub(crate) fn tell(&self, message: &Message, channels: &[OwnedFd]) -> io::Result<()> {
        let told = self.0.iter().enumerate().map(|(number, ends)| {
            let sent = send(&ends.current, message, channels.get(number));
            sent.map_err(unreachable)
        });
        let told: Vec<_> = told.collect();
        let earlier = self.0.iter().filter_map(|ends| ends.earlier.as_ref());
        let earlier: Vec<_> = earlier
            .filter(|end| channels.is_empty() && send(end, message, None).is_ok())
            .collect();
        let deadline = Instant::now() + DONE_WITHIN;
        let answers = self.0.iter().zip(told).map(|(ends, told)| {
            told?;
            wait_for_answer(&ends.current, message, deadline)
        });
        let answers: Vec<_> = answers.collect();
        for end in earlier {
            // It may have ended meanwhile.
            let _answer = wait_for_answer(end, message, deadline);
        }
        let mut answers = (0..).zip(answers);
        answers.try_for_each(|(number, answer)| {
            answer.map_err(|error| did_not(number, message, &error))
        })
    }
}

fn did_not(number: usize, message: &Message, error: &io::Error) -> io::Error {
    let reason = format!("dispatcher {number} did not {message}: {error}");
    io::Error::new(error.kind(), reason)
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
