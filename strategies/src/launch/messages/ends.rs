//! The master's ends.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use rustix::net::SendFlags;

use super::{MESSAGES, MessageError, Received, ToMaster, ToWorker, receive, send};
use super::{inbox::Inbox, totals::Totals};
use crate::launch::inherited::Inherited;
use crate::launch::packet::{self, pair};
use crate::view::Life;

/// Number of messages that are read of one worker before the next one's turn.
const READ_IN_A_ROW: usize = 64;

/// The master's ends of the sockets to all workers. Any thread may use them, and none of them waits for a
/// worker.
#[derive(Debug)]
pub(crate) struct Ends {
    /// How many workers there can be.
    places: usize,
    /// Watches all ends.
    pub(super) epoll: Epoll,
    open: Mutex<Open>,
    inbox: Inbox,
}

#[derive(Debug, Default)]
struct Open {
    ends: Vec<End>,
    totals: Totals,
    /// The total that workers were informed of last.
    announced: u64,
}

/// The end of the socket to one process of workers.
#[derive(Debug)]
struct End {
    life: Life,
    /// The numbers of its workers.
    numbers: Range<usize>,
    socket: OwnedFd,
    state: State,
    /// Whether there was no room for the last total. It is sent when the worker has read something.
    lacks_total: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Starting,
    Admitted,
    Draining,
}

impl Ends {
    /// Creates the ends of a fleet without processes.
    pub(in crate::launch) fn new(places: usize) -> io::Result<Self> {
        Ok(Self {
            places,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            open: Mutex::default(),
            inbox: Inbox::default(),
        })
    }

    /// Opens the socket to a life that is about to start, and adds its end to what the process inherits.
    pub(in crate::launch) fn open(
        &self,
        life: Life,
        numbers: Range<usize>,
        inherited: Inherited,
    ) -> io::Result<Inherited> {
        let (socket, theirs) = pair()?;
        let end = End {
            life,
            numbers,
            socket,
            state: State::Starting,
            lacks_total: false,
        };
        self.epoll
            .add(&end.socket, end.awaiting(EpollFlags::EPOLLIN))?;
        self.lock().ends.push(end);
        Ok(inherited.with(MESSAGES, theirs))
    }

    /// From now on messages to its workers go to this life.
    pub(in crate::launch) fn admit(&self, life: Life) {
        let mut open = self.lock();
        let total = open.announced;
        if let Some(end) = open.end(life) {
            end.state = State::Admitted;
            if total > 0 {
                end.inform(total, &self.epoll);
            }
        }
    }

    /// From now on messages do not go to this life. It still learns the total, and is heard.
    pub(in crate::launch) fn retire(&self, life: Life) {
        if let Some(end) = self.lock().end(life) {
            end.state = State::Draining;
        }
    }

    /// Sends a message to the process of a worker that serves.
    pub(in crate::launch) fn send(
        &self,
        worker: usize,
        message: &ToWorker,
    ) -> Result<(), MessageError> {
        if worker >= self.places {
            let places = self.places;
            return Err(MessageError::NoSuchWorker { worker, places });
        }
        let open = self.lock();
        let mut admitted = open.admitted();
        let end = admitted.find(|end| end.numbers.contains(&worker));
        let end = end.ok_or(MessageError::Gone { worker })?;
        end.send(message)
            .map_err(|error| MessageError::of(worker, &error))
    }

    /// Gives a connection to a worker that serves. The caller keeps its descriptor.
    pub(in crate::launch) fn give(&self, worker: usize, connection: &OwnedFd) -> io::Result<()> {
        let open = self.lock();
        let mut admitted = open.admitted();
        let end = admitted.find(|end| end.numbers.contains(&worker));
        let end = end.ok_or(ErrorKind::NotFound)?;
        let message = ToWorker::Serve { worker };
        let descriptors = [connection.as_fd()];
        packet::send(&end.socket, &message, &descriptors, SendFlags::DONTWAIT)
    }

    /// Sends a message to all processes of workers that serve. The error is that of the first one that does not
    /// read; the others have got it.
    pub(in crate::launch) fn broadcast(&self, message: &ToWorker) -> Result<(), MessageError> {
        let open = self.lock();
        let sent = open.admitted().map(|end| {
            let sent = end.send(message);
            sent.map_err(|error| MessageError::of(end.numbers.start, &error))
        });
        // One that has just ended does not serve.
        let is_missed = |sent: &Result<(), _>| matches!(sent, Err(MessageError::Full { .. }));
        sent.filter(is_missed).fold(Ok(()), Result::and)
    }

    /// Returns the next message of a worker, and waits for it if there is none.
    pub(in crate::launch) fn receive(&self, within: Duration) -> Option<Received> {
        self.inbox.receive(within)
    }

    /// Does what the readiness of an end asks for: sends the total that it lacks, and reads.
    pub(super) fn serve(&self, descriptor: u64, ready: EpollFlags) {
        let mut open = self.lock();
        let Open {
            ends,
            totals,
            announced,
        } = &mut *open;
        let Some(position) = ends.iter().position(|end| end.key() == descriptor) else {
            return;
        };
        let end = &mut ends[position];
        if ready.contains(EpollFlags::EPOLLOUT) {
            end.inform(*announced, &self.epoll);
        }
        let life = end.life;
        let is_open = end.read(|message| {
            if let ToMaster::Answered(answered) = message {
                totals.report(life, answered);
            }
            self.inbox.add(Received {
                from: life,
                message,
            });
        });
        if !is_open {
            totals.end(life);
            // It fails only for a socket that is not watched, and this one is.
            let _unwatched = self.epoll.delete(&ends.swap_remove(position).socket);
        }
    }

    /// Informs all workers of the total, if it has changed.
    pub(super) fn announce_total(&self) {
        let mut open = self.lock();
        let total = open.totals.sum();
        if total == open.announced {
            return;
        }
        open.announced = total;
        let ends = open.ends.iter_mut();
        ends.filter(|end| end.state != State::Starting && !end.lacks_total)
            .for_each(|end| end.inform(total, &self.epoll));
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn end(&mut self, life: Life) -> Option<&mut End> {
        self.ends.iter_mut().find(|end| end.life == life)
    }

    fn admitted(&self) -> impl Iterator<Item = &End> {
        let ends = self.ends.iter();
        ends.filter(|end| end.state == State::Admitted)
    }
}

impl End {
    /// Returns what identifies it among those that are watched.
    fn key(&self) -> u64 {
        self.socket.as_raw_fd() as u64
    }

    fn awaiting(&self, readiness: EpollFlags) -> EpollEvent {
        EpollEvent::new(readiness, self.key())
    }

    fn send(&self, message: &ToWorker) -> io::Result<()> {
        send(&self.socket, message)
    }

    /// Informs the worker of the total, or lets it be informed when there is room.
    fn inform(&mut self, total: u64, epoll: &Epoll) {
        let sent = self.send(&ToWorker::Total(total));
        let is_full = sent.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        if is_full == self.lacks_total {
            return;
        }
        self.lacks_total = is_full;
        let mut readiness = EpollFlags::EPOLLIN;
        readiness.set(EpollFlags::EPOLLOUT, is_full);
        // It fails only for a socket that is not watched, and this one is.
        let _changed = epoll.modify(&self.socket, &mut self.awaiting(readiness));
    }

    /// Reads the next messages. Returns whether more may come. It skips those of another version that this
    /// one does not know.
    fn read(&self, mut take: impl FnMut(ToMaster)) -> bool {
        for _ in 0..READ_IN_A_ROW {
            match receive(&self.socket) {
                Ok(Some((message, _descriptors))) => take(message),
                Ok(None) => return false,
                Err(error) if error.kind() == ErrorKind::InvalidData => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
        true
    }
}
