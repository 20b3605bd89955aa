//! The dispatcher's event loop: accept, pick, hand over.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::connection::Connection;
use super::pending_headers::PendingHeaders;
use super::worker_channels::WorkerChannels;
use crate::dispatch::channel::{CHANNEL, Sender};
use crate::dispatch::wake_up::WAKE_UP;
use crate::dispatch::{Start, succession::Predecessor};
use crate::launch::{
    ChildControl, SCOREBOARD, descriptors::room_for_connections, membership::Inbox,
};
use crate::policy::Policy;
use crate::view::{Life, Scoreboard};

/// A dispatcher: one thread with an epoll instance, a listener, and a channel to each worker.
pub(super) struct Dispatcher {
    pub(super) epoll: Epoll,
    pub(super) listener: OwnedFd,
    shutdown_signal: SignalFd,
    /// Only watched by epoll, and never read.
    wake_up: Option<OwnedFd>,
    /// Where the master tells of workers that come and go, if it does.
    pub(super) membership: Option<Inbox>,
    /// The dispatcher that hands over to this one, until it has.
    predecessor: Option<Predecessor>,
    /// Whether a successor has taken over.
    pub(super) is_succeeded: bool,
    pub(super) channels: WorkerChannels,
    pub(super) policy: Box<dyn Policy>,
    /// Connections whose PROXY header is incomplete, if connections begin with one.
    pub(super) pending_headers: Option<PendingHeaders>,
    /// Accepted connections that wait for a worker, the oldest first.
    pub(super) waiting: VecDeque<Connection>,
    /// Maximum number of connections that wait in the dispatcher.
    pub(super) waiting_limit: usize,
    /// Whether no worker is left, and none is to be waited for.
    pub(super) is_deserted: bool,
    pub(super) accepting: bool,
    pub(super) start: Instant,
    events: [EpollEvent; BATCH],
}

pub(super) const LISTENER: u64 = 0;
const SIGNAL: u64 = 1;
const WOKEN: u64 = 2;
const MASTER: u64 = 3;
/// Each place has two tokens, since two lives in it can have channels at a time.
const FIRST_WORKER: u64 = 4;
/// The first token after those of all workers.
pub(super) const FIRST_PENDING: u64 = 1 << 32;

/// Returns the token of a worker.
pub(super) fn token(life: Life) -> u64 {
    FIRST_WORKER + 2 * life.place as u64 + u64::from(life.generation % 2)
}

/// Maximum number of connections accepted per turn, so that acknowledgements are read soon. 64 accepts
/// take well under a millisecond. nginx and libuv have no such limit that could be copied.
const BATCH: usize = 64;

/// Maximum number of connections that wait in the dispatcher, unless it has fewer descriptors. Others wait in
/// the kernel's backlog. This is the default length of the backlog (net.core.somaxconn).
const WAITING_LIMIT: usize = 4096;

impl crate::dispatch::Dispatcher for Dispatcher {
    /// Dispatches until SIGTERM. Then it tries to find workers for the connections that have arrived, up to
    /// `drain_within`.
    fn run(mut self: Box<Self>, drain_within: Duration, _control: ChildControl) -> io::Result<()> {
        if let Some(predecessor) = self.predecessor.take() {
            self.take_over(predecessor)?;
            self.deliver()?;
        }
        while !self.turn(None)? {
            if self.is_succeeded {
                return self.wait_for_signal();
            }
            if self.membership.is_none() && self.channels.all_gone() {
                return Err(io::Error::other("every worker is gone"));
            }
        }
        self.accept_up_to(usize::MAX)?;
        self.deliver()?;
        let deadline = Instant::now() + drain_within;
        while !self.waiting.is_empty() && Instant::now() < deadline && !self.channels.all_gone() {
            self.turn(Some(DRAIN_TURN))?;
        }
        Ok(())
    }
}

impl Dispatcher {
    /// Creates a dispatcher from inherited descriptors. It blocks SIGTERM in the calling thread.
    pub(super) fn prepare(start: Start<'_>) -> io::Result<Self> {
        let (config, inherited) = (start.config, start.inherited);
        let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, config.workers)?;
        let senders = inherited.all(CHANNEL).into_iter().map(Sender::new);
        // Each worker that is admitted brings a descriptor, and two lives can share a place.
        let reserve = 2 * config.workers.get() as u64;
        let header_within = config.proxy_protocol.clients_header_within();
        let dispatcher = Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            listener: start.listener,
            shutdown_signal: signal_as_descriptor(Signal::SIGTERM)?,
            wake_up: inherited.one(WAKE_UP).ok(),
            membership: start.membership,
            predecessor: start.predecessor,
            is_succeeded: false,
            channels: WorkerChannels::new(senders, scoreboard, start.feedback),
            policy: start.policy,
            pending_headers: header_within.map(PendingHeaders::new),
            waiting: VecDeque::with_capacity(WAITING_LIMIT + BATCH),
            waiting_limit: room_for_connections(1, reserve)?.min(WAITING_LIMIT),
            is_deserted: false,
            accepting: true,
            start: Instant::now(),
            events: [EpollEvent::empty(); BATCH],
        };
        dispatcher.watch_all()?;
        Ok(dispatcher)
    }

    fn watch_all(&self) -> io::Result<()> {
        let watch = |fd: BorrowedFd<'_>, token, flags| {
            let event = EpollEvent::new(EpollFlags::EPOLLIN | flags, token);
            self.epoll.add(fd, event)
        };
        watch(self.listener.as_fd(), LISTENER, EpollFlags::empty())?;
        watch(self.shutdown_signal.as_fd(), SIGNAL, EpollFlags::empty())?;
        if let Some(wake_up) = &self.wake_up {
            // Edge-triggered: each wake-up is reported once, and nothing needs to be read.
            watch(wake_up.as_fd(), WOKEN, EpollFlags::EPOLLET)?;
        }
        if let Some(membership) = &self.membership {
            watch(membership.as_fd(), MASTER, EpollFlags::empty())?;
        }
        self.channels.watch(&self.epoll, token)
    }

    /// Waits for events and handles them. Returns whether SIGTERM has arrived.
    fn turn(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let timeout = milliseconds(timeout.or_else(|| self.time_until_late()));
        let ready = match self.epoll.wait(&mut self.events, timeout) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        let (mut end, mut has_messages) = (false, false);
        for index in 0..ready {
            let event = self.events[index];
            match event.data() {
                LISTENER => self.accept_up_to(BATCH.min(self.room()))?,
                SIGNAL => end = self.shutdown_signal.read_signal()?.is_some(),
                // Waiting connections are placed after every turn.
                WOKEN => {}
                MASTER => has_messages = true,
                token if token >= FIRST_PENDING => self.read_header(token - FIRST_PENDING)?,
                token => self.handle_worker(token, event.events())?,
            }
        }
        if let Some(pending_headers) = &mut self.pending_headers {
            pending_headers.close_late(Instant::now());
        }
        self.deliver()?;
        if has_messages {
            self.carry_out_messages()?;
        }
        self.update_accepting()?;
        Ok(end)
    }

    fn handle_worker(&mut self, of: u64, flags: EpollFlags) -> io::Result<()> {
        let worker = ((of - FIRST_WORKER) / 2) as usize;
        if of != token(self.channels.life(worker)) {
            // Of an earlier life only the end is reported.
            self.channels.forget_earlier(worker);
            return Ok(());
        }
        if flags.contains(EpollFlags::EPOLLIN) {
            self.channels.read_acknowledgements(worker);
        }
        if flags.intersects(EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR) {
            self.channels.remove(worker);
        } else if flags.contains(EpollFlags::EPOLLOUT) {
            self.channels.set_has_room(worker);
            // Watched only while the channel is full. Otherwise each receive of the worker would
            // wake the dispatcher.
            self.watch_worker(worker, EpollFlags::EPOLLIN)?;
        }
        Ok(())
    }

    /// Waits for SIGTERM, and does nothing else.
    fn wait_for_signal(&self) -> io::Result<()> {
        let mut signal = [PollFd::new(self.shutdown_signal.as_fd(), PollFlags::POLLIN)];
        match poll(&mut signal, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Chooses what epoll reports of the channel to the worker in this place, if one is there.
    pub(super) fn watch_worker(&self, worker: usize, flags: EpollFlags) -> io::Result<()> {
        let Some(channel) = self.channels.channel(worker) else {
            return Ok(());
        };
        let life = self.channels.life(worker);
        let mut event = EpollEvent::new(flags, token(life));
        Ok(self.epoll.modify(channel, &mut event)?)
    }
}

/// Maximum time between checks of the deadline while the dispatcher drains.
const DRAIN_TURN: Duration = Duration::from_millis(10);

/// Returns a time limit for epoll, in whole milliseconds. It is rounded up, so that the time is over when
/// the wait ends.
fn milliseconds(limit: Option<Duration>) -> EpollTimeout {
    let Some(limit) = limit else {
        return EpollTimeout::NONE;
    };
    let ms = limit.as_nanos().div_ceil(1_000_000);
    EpollTimeout::try_from(ms).unwrap_or(EpollTimeout::MAX)
}

/// Blocks a signal in this thread, and returns a descriptor that reports it.
fn signal_as_descriptor(signal: Signal) -> io::Result<SignalFd> {
    let mut signals = SigSet::empty();
    signals.add(signal);
    signals.thread_block()?;
    Ok(SignalFd::with_flags(
        &signals,
        SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK,
    )?)
}
