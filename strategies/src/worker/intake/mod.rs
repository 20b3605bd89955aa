//! The intake: where a worker gets its connections from.

mod blocking;
mod channels;
mod epoll_flags;
mod listening;
mod mutex;

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Weak;

use tokio::net::{TcpListener, TcpStream};

use crate::dispatch::{channel::CHANNEL, client_watch::limit_clients_of};
use crate::launch::{AcceptMode, ConnectionSource, Inherited, LISTENER, WorkerConfig};
use crate::view::Waiting;
use blocking::Blocking;
use channels::Channels;
use listening::Listener;
use mutex::AcceptMutex;

pub(crate) use mutex::ACCEPT_MUTEX;

pub(super) enum Intake {
    Listener(Listener),
    /// A thread that is blocked in accept(2).
    Blocking(Blocking),
    /// A listening socket that is watched only while a lock is held.
    Mutex(AcceptMutex),
    /// Channels over which dispatchers hand over connections.
    Channels(Channels),
}

impl Intake {
    /// Returns the function to call at each turn of the event loop, if any.
    pub(super) fn on_turn(source: ConnectionSource) -> Option<fn()> {
        (source == ConnectionSource::Listener(AcceptMode::Mutex)).then_some(mutex::notify_turn)
    }

    /// Opens the intake with inherited descriptors. Call it within a runtime.
    pub(super) fn inherit(inherited: &mut Inherited, config: &WorkerConfig) -> io::Result<Self> {
        let mode = match config.source {
            ConnectionSource::Channels { acknowledge } => {
                let channels = Channels::new(inherited.all(CHANNEL), acknowledge)?;
                return Ok(Self::Channels(channels));
            }
            ConnectionSource::Listener(mode) => mode,
        };
        let listener = std::net::TcpListener::from(inherited.one(LISTENER)?);
        limit_clients_of(&listener, &config.client_limits)?;
        Ok(match mode {
            AcceptMode::Edge => Self::Listener(Listener::new(TcpListener::from_std(listener)?)?),
            AcceptMode::Level => {
                Self::Listener(Listener::new(epoll_flags::level_triggered(listener)?)?)
            }
            AcceptMode::Exclusive => {
                Self::Listener(Listener::new(epoll_flags::exclusive(listener)?)?)
            }
            AcceptMode::Blocking => Self::Blocking(Blocking::start(listener)?),
            AcceptMode::Mutex => {
                Self::Mutex(AcceptMutex::new(listener, &inherited.one(ACCEPT_MUTEX)?)?)
            }
        })
    }

    /// Returns the listener, if the runtime watches it all the time.
    pub(super) fn listener(&self) -> Weak<OwnedFd> {
        match self {
            Self::Listener(listener) => listener.socket(),
            _ => Weak::new(),
        }
    }

    /// Returns how many descriptors may arrive together with the next connection.
    pub(super) fn reserve(&self) -> u64 {
        match self {
            Self::Listener(_) | Self::Blocking(_) | Self::Mutex(_) => 0,
            Self::Channels(channels) => channels.reserve(),
        }
    }

    /// Waits for the next connection. Returns `None` if there can be no more.
    pub(super) async fn next(&mut self) -> io::Result<Option<TcpStream>> {
        match self {
            Self::Listener(listener) => listener.accept().await.map(Some),
            Self::Blocking(thread) => thread.accept().await,
            Self::Mutex(mutex) => mutex.accept().await.map(Some),
            Self::Channels(channels) => channels.take().await,
        }
    }

    /// Closes the intake, and returns the connections that are queued in it, unless they are left to others.
    /// Dispatchers have given these away, and the kernel would reset those of a closed listener.
    pub(super) fn close(self, waiting: Waiting) -> io::Result<Vec<TcpStream>> {
        match self {
            Self::Listener(_) | Self::Mutex(_) if waiting == Waiting::Left => Ok(Vec::new()),
            Self::Listener(listener) => listener.close(),
            Self::Blocking(thread) => thread.close(),
            Self::Mutex(mutex) => mutex.close(),
            Self::Channels(channels) => channels.close(),
        }
    }
}
