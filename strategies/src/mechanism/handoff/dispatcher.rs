//! The dispatcher's event loop: accept, pick, hand over.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno as NixErrno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::io::Errno;
use rustix::net::SocketFlags;

use super::connection::Connection;
use super::pending_headers::PendingHeaders;
use super::worker_channels::WorkerChannels;
use crate::dispatch::Start;
use crate::dispatch::channel::{CHANNEL, HandOff, Sender};
use crate::dispatch::wake_up::WAKE_UP;
use crate::launch::{ChildControl, SCOREBOARD};
use crate::policy::{Arrival, Pick, Policy};
use crate::view::Scoreboard;

/// A dispatcher: one thread with an epoll instance, a listener, and a channel to each worker.
pub(super) struct Dispatcher {
    epoll: Epoll,
    listener: OwnedFd,
    shutdown_signal: SignalFd,
    /// Only watched by epoll, and never read.
    _wake_up: Option<OwnedFd>,
    channels: WorkerChannels,
    policy: Box<dyn Policy>,
    /// Connections whose PROXY header is incomplete, if connections begin with one.
    pending_headers: Option<PendingHeaders>,
    /// Accepted connections that wait for a worker, the oldest first.
    waiting: VecDeque<Connection>,
    accepting: bool,
    start: Instant,
    events: [EpollEvent; BATCH],
}

const LISTENER: u64 = 0;
const SIGNAL: u64 = 1;
const WOKEN: u64 = 2;
const FIRST_WORKER: u64 = 3;
/// The first token after those of all workers.
const FIRST_PENDING: u64 = 1 << 32;

/// Maximum number of connections accepted per turn, so that acknowledgements are read soon. 64 accepts
/// take well under a millisecond. nginx and libuv have no such limit that could be copied.
const BATCH: usize = 64;

/// Maximum number of connections that wait in the dispatcher. Others wait in the kernel's backlog. This
/// is the default length of the backlog (net.core.somaxconn).
const WAITING_LIMIT: usize = 4096;

impl crate::dispatch::Dispatcher for Dispatcher {
    /// Dispatches until SIGTERM. Then it tries to find workers for the connections that have arrived, up to
    /// `drain_within`.
    fn run(mut self: Box<Self>, drain_within: Duration, _control: ChildControl) -> io::Result<()> {
        while !self.turn(None)? {
            if self.channels.all_gone() {
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
        let listener = start.listener;
        let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, config.workers)?;
        let senders = inherited.all(CHANNEL).into_iter().map(Sender::new);
        let channels = WorkerChannels::new(senders, scoreboard, start.feedback);
        let wake_up = inherited.one(WAKE_UP).ok();
        let header_within = config.proxy_protocol.clients_header_within();
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let shutdown_signal = signal_as_descriptor(Signal::SIGTERM)?;
        let watch = |fd: BorrowedFd<'_>, token, flags| epoll.add(fd, EpollEvent::new(flags, token));
        watch(listener.as_fd(), LISTENER, EpollFlags::EPOLLIN)?;
        watch(shutdown_signal.as_fd(), SIGNAL, EpollFlags::EPOLLIN)?;
        if let Some(wake_up) = &wake_up {
            // Edge-triggered: each wake-up is reported once, and nothing needs to be read.
            watch(
                wake_up.as_fd(),
                WOKEN,
                EpollFlags::EPOLLIN | EpollFlags::EPOLLET,
            )?;
        }
        channels.watch(&epoll, |worker| FIRST_WORKER + worker as u64)?;
        Ok(Self {
            epoll,
            listener,
            shutdown_signal,
            _wake_up: wake_up,
            channels,
            policy: start.policy,
            pending_headers: header_within.map(PendingHeaders::new),
            waiting: VecDeque::with_capacity(WAITING_LIMIT + BATCH),
            accepting: true,
            start: Instant::now(),
            events: [EpollEvent::empty(); BATCH],
        })
    }

    /// Waits for events and handles them. Returns whether SIGTERM has arrived.
    fn turn(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let timeout = milliseconds(timeout.or_else(|| self.time_until_late()));
        let ready = match self.epoll.wait(&mut self.events, timeout) {
            Ok(ready) => ready,
            Err(NixErrno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        let mut end = false;
        for index in 0..ready {
            let event = self.events[index];
            match event.data() {
                LISTENER => self.accept_up_to(BATCH)?,
                SIGNAL => end = self.shutdown_signal.read_signal()?.is_some(),
                // Waiting connections are placed after every turn.
                WOKEN => {}
                token if token >= FIRST_PENDING => self.read_header(token - FIRST_PENDING)?,
                token => self.handle_worker((token - FIRST_WORKER) as usize, event.events())?,
            }
        }
        if let Some(pending_headers) = &mut self.pending_headers {
            pending_headers.close_late(Instant::now());
        }
        self.deliver()?;
        self.update_accepting()?;
        Ok(end)
    }

    fn accept_up_to(&mut self, limit: usize) -> io::Result<()> {
        let at = self.start.elapsed();
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        for _ in 0..limit {
            // nix's accept does not return the client's address.
            match rustix::net::acceptfrom_with(&self.listener, flags) {
                Ok((socket, client)) => {
                    let client = client.and_then(|client| SocketAddr::try_from(client).ok());
                    let client = client.map_or(IpAddr::from([0, 0, 0, 0]), |client| client.ip());
                    let affinity_key = None;
                    let arrival = Arrival {
                        client,
                        at,
                        affinity_key,
                    };
                    self.admit(Connection { socket, arrival })?;
                }
                Err(Errno::AGAIN) => break,
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    // The listener stays readable, so the loop would spin. Connections end after a
                    // while, so it pauses.
                    std::thread::sleep(ACCEPT_PAUSE);
                    break;
                }
                // Other errors concern a single connection that is gone (accept(2)).
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Finds a worker for a new connection, or waits for its PROXY header first.
    fn admit(&mut self, connection: Connection) -> io::Result<()> {
        let Some(pending_headers) = &mut self.pending_headers else {
            return self.place(connection);
        };
        let token = |number| FIRST_PENDING + number;
        match pending_headers.add(connection, &self.epoll, token) {
            Some(connection) => self.place(connection),
            None => Ok(()),
        }
    }

    /// Reads more of a PROXY header, and finds a worker if it is complete.
    fn read_header(&mut self, number: u64) -> io::Result<()> {
        let pending_headers = self.pending_headers.as_mut();
        match pending_headers.and_then(|all| all.read_more(number, &self.epoll)) {
            Some(connection) => self.place(connection),
            None => Ok(()),
        }
    }

    /// Returns the time until the next PROXY header is late.
    fn time_until_late(&self) -> Option<Duration> {
        let pending = self.pending_headers.as_ref()?;
        pending.time_until_late(Instant::now())
    }

    /// Finds a worker for a connection, unless others wait already.
    fn place(&mut self, connection: Connection) -> io::Result<()> {
        if self.waiting.is_empty() {
            let left = self.give(connection)?;
            self.waiting.extend(left);
        } else {
            self.waiting.push_back(connection);
        }
        Ok(())
    }

    /// Finds workers for waiting connections, and sends all batches. Connections that cannot be sent wait
    /// again. Each failure makes a worker unavailable, so the loop ends.
    fn deliver(&mut self) -> io::Result<()> {
        loop {
            self.place_waiting()?;
            let mut all_sent = true;
            while let Some(worker) = self.channels.receiver() {
                all_sent &= self.send(worker)? == HandOff::Sent;
            }
            if all_sent {
                return Ok(());
            }
        }
    }

    fn place_waiting(&mut self) -> io::Result<()> {
        while let Some(connection) = self.waiting.pop_front() {
            if let Some(connection) = self.give(connection)? {
                self.waiting.push_front(connection);
                if !self.channels.wait_for_answers(true) {
                    return Ok(());
                }
            }
        }
        self.channels.wait_for_answers(false);
        Ok(())
    }

    /// Gives a connection to the worker that the policy picks. Returns the connection if there is no pick.
    fn give(&mut self, connection: Connection) -> io::Result<Option<Connection>> {
        let workers = self.channels.workers();
        match self.policy.pick(&connection.arrival, workers) {
            Pick::Worker(worker) if workers.is_available(worker) => {
                if self.channels.give(worker, connection) {
                    self.send(worker)?;
                }
                Ok(None)
            }
            _ => Ok(Some(connection)),
        }
    }

    fn send(&mut self, worker: usize) -> io::Result<HandOff> {
        let outcome = self.channels.send(worker, &mut self.waiting);
        if outcome == HandOff::Full {
            self.watch_worker(worker, EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT)?;
        }
        Ok(outcome)
    }

    fn handle_worker(&mut self, worker: usize, flags: EpollFlags) -> io::Result<()> {
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

    fn watch_worker(&self, worker: usize, flags: EpollFlags) -> io::Result<()> {
        let Some(channel) = self.channels.channel(worker) else {
            return Ok(());
        };
        let mut event = EpollEvent::new(flags, FIRST_WORKER + worker as u64);
        Ok(self.epoll.modify(channel, &mut event)?)
    }

    /// Stops accepting while too many connections wait, and starts again later.
    fn update_accepting(&mut self) -> io::Result<()> {
        let pending = self.pending_headers.as_ref().map_or(0, PendingHeaders::len);
        let accepting = self.waiting.len() + pending < WAITING_LIMIT;
        if accepting != self.accepting {
            self.accepting = accepting;
            let mut flags = EpollFlags::empty();
            flags.set(EpollFlags::EPOLLIN, accepting);
            let mut event = EpollEvent::new(flags, LISTENER);
            self.epoll.modify(&self.listener, &mut event)?;
        }
        Ok(())
    }
}

/// Pause when no descriptor or memory is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(1);

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
