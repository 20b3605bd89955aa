//! The dispatcher's loop: accept, pick, hand over.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
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

/// A dispatcher: one thread, one epoll, one listener, and a channel to each worker.
pub(super) struct Dispatcher {
    epoll: OwnedFd,
    listener: OwnedFd,
    shutdown_signal: SignalFd,
    /// Only watched.
    _wake_up: Option<OwnedFd>,
    channels: WorkerChannels,
    policy: Box<dyn Policy>,
    /// Where connections say whose they are, if they have to.
    pending_headers: Option<PendingHeaders>,
    /// Accepted connections that no worker could take yet, the oldest first.
    waiting: VecDeque<Connection>,
    accepting: bool,
    began: Instant,
    events: Vec<Event>,
}

const LISTENER: u64 = 0;
const SIGNAL: u64 = 1;
const WOKEN: u64 = 2;
const FIRST_WORKER: u64 = 3;
/// Beyond any worker.
const FIRST_GUEST: u64 = 1 << 32;

/// Connections accepted in one turn, so that acknowledgements are not kept waiting for long.
/// nginx and libuv have no such limit for a dispatcher to copy; 64 accepts take well under a
/// millisecond.
const BATCH: usize = 64;

/// Connections that wait in the dispatcher at most; beyond it they wait in the kernel's
/// backlog. As long as the usual backlog (net.core.somaxconn).
const WAITING_LIMIT: usize = 4096;

impl crate::dispatch::Dispatcher for Dispatcher {
    /// Dispatches until SIGTERM; then finds a worker for what has come until that moment, if
    /// it can within `drain_within`.
    ///
    /// # Errors
    /// When every worker is gone, or the kernel refuses something unforeseen.
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
    /// A dispatcher with everything that it inherited. Blocks SIGTERM in the calling thread.
    pub(super) fn prepare(start: Start<'_>) -> io::Result<Self> {
        let (config, inherited) = (start.config, start.inherited);
        let listener = start.listener;
        let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, config.workers)?;
        let senders = inherited.all(CHANNEL).into_iter().map(Sender::new);
        let channels = WorkerChannels::new(senders, scoreboard, start.feedback);
        let wake_up = inherited.one(WAKE_UP).ok();
        let header_within = config.proxy_protocol.clients_header_within();
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let shutdown_signal = signal_as_descriptor(Signal::SIGTERM)?;
        epoll::add(
            &epoll,
            &listener,
            EventData::new_u64(LISTENER),
            EventFlags::IN,
        )?;
        epoll::add(
            &epoll,
            &shutdown_signal,
            EventData::new_u64(SIGNAL),
            EventFlags::IN,
        )?;
        if let Some(wake_up) = &wake_up {
            // Edge-triggered: each wake-up is reported once, and nothing needs to be read.
            let flags = EventFlags::IN | EventFlags::ET;
            epoll::add(&epoll, wake_up, EventData::new_u64(WOKEN), flags)?;
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
            began: Instant::now(),
            events: Vec::with_capacity(BATCH),
        })
    }

    /// Waits for something to happen and deals with it. Whether the end was asked for.
    fn turn(&mut self, timeout: Option<Timespec>) -> io::Result<bool> {
        self.events.clear();
        let timeout = timeout.or_else(|| self.next_look());
        match epoll::wait(
            &self.epoll,
            spare_capacity(&mut self.events),
            timeout.as_ref(),
        ) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut end = false;
        for index in 0..self.events.len() {
            let Event { data, flags } = self.events[index];
            match data.u64() {
                LISTENER => self.accept_up_to(BATCH)?,
                SIGNAL => end = self.shutdown_signal.read_signal()?.is_some(),
                // What waits is looked at after every turn.
                WOKEN => {}
                token if token >= FIRST_GUEST => self.hear_guest(token - FIRST_GUEST)?,
                token => self.hear_worker((token - FIRST_WORKER) as usize, flags)?,
            }
        }
        if let Some(pending_headers) = &mut self.pending_headers {
            pending_headers.let_go(Instant::now());
        }
        self.deliver()?;
        self.accept_while_there_is_room()?;
        Ok(end)
    }

    fn accept_up_to(&mut self, most: usize) -> io::Result<()> {
        let at = self.began.elapsed();
        for _ in 0..most {
            match rustix::net::acceptfrom_with(
                &self.listener,
                SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
            ) {
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
                    // The listener stays readable, so the loop would spin. Connections end on
                    // their own; look again in a moment.
                    std::thread::sleep(BREATH);
                    break;
                }
                // Others concern one connection, which is gone (accept(2), "Error handling").
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Takes in a new connection, once it has said whose it is if it has to.
    fn admit(&mut self, connection: Connection) -> io::Result<()> {
        let Some(pending_headers) = &mut self.pending_headers else {
            return self.place(connection);
        };
        let token = |guest| FIRST_GUEST + guest;
        match pending_headers.receive(connection, &self.epoll, token) {
            Some(connection) => self.place(connection),
            None => Ok(()),
        }
    }

    fn hear_guest(&mut self, guest: u64) -> io::Result<()> {
        let pending_headers = self.pending_headers.as_mut();
        match pending_headers.and_then(|all| all.hear(guest, &self.epoll)) {
            Some(connection) => self.place(connection),
            None => Ok(()),
        }
    }

    /// How long it is until a guest has to be let go, if one is there.
    fn next_look(&self) -> Option<Timespec> {
        let look = self.pending_headers.as_ref()?.next_look(Instant::now())?;
        Timespec::try_from(look).ok()
    }

    /// Finds a worker for a new connection, behind those that wait already.
    fn place(&mut self, connection: Connection) -> io::Result<()> {
        if self.waiting.is_empty() {
            let left = self.give(connection)?;
            self.waiting.extend(left);
        } else {
            self.waiting.push_back(connection);
        }
        Ok(())
    }

    /// Finds workers for those that wait, as far as there are any, and sends all workers what they
    /// are given. What cannot be sent waits again, for fewer workers than before.
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

    /// Gives a connection to whom the policy picks; back if that is nobody.
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

    /// Sends a worker what it is given.
    fn send(&mut self, worker: usize) -> io::Result<HandOff> {
        let outcome = self.channels.send(worker, &mut self.waiting);
        if outcome == HandOff::Full {
            self.listen_to(worker, EventFlags::IN | EventFlags::OUT)?;
        }
        Ok(outcome)
    }

    fn hear_worker(&mut self, worker: usize, flags: EventFlags) -> io::Result<()> {
        if flags.contains(EventFlags::IN) {
            self.channels.take_acknowledgements(worker);
        }
        if flags.intersects(EventFlags::HUP | EventFlags::ERR) {
            self.channels.strike_off(worker);
        } else if flags.contains(EventFlags::OUT) {
            self.channels.has_room(worker);
            // Room is told only while it is wanted: else each receive of the worker would
            // wake the dispatcher.
            self.listen_to(worker, EventFlags::IN)?;
        }
        Ok(())
    }

    fn listen_to(&self, worker: usize, flags: EventFlags) -> io::Result<()> {
        let Some(channel) = self.channels.channel(worker) else {
            return Ok(());
        };
        let token = EventData::new_u64(FIRST_WORKER + worker as u64);
        Ok(epoll::modify(&self.epoll, channel, token, flags)?)
    }

    /// Leaves new connections in the kernel's backlog while too many wait here.
    fn accept_while_there_is_room(&mut self) -> io::Result<()> {
        let guests = self.pending_headers.as_ref().map_or(0, PendingHeaders::len);
        let accepting = self.waiting.len() + guests < WAITING_LIMIT;
        if accepting != self.accepting {
            self.accepting = accepting;
            let flags = if accepting {
                EventFlags::IN
            } else {
                EventFlags::empty()
            };
            epoll::modify(
                &self.epoll,
                &self.listener,
                EventData::new_u64(LISTENER),
                flags,
            )?;
        }
        Ok(())
    }
}

/// How long to wait where descriptors or memory have run out.
const BREATH: Duration = Duration::from_millis(1);

/// How often the deadline is looked at while the dispatcher ends.
const DRAIN_TURN: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

/// Blocks a signal in this thread and has it told by a descriptor.
fn signal_as_descriptor(signal: Signal) -> io::Result<SignalFd> {
    let mut signals = SigSet::empty();
    signals.add(signal);
    signals.thread_block()?;
    Ok(SignalFd::with_flags(
        &signals,
        SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK,
    )?)
}
