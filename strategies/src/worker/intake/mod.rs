//! Where a worker gets its connections from.

mod blocking;
mod channels;
mod listening;
mod mutex;
mod waiting;

use std::io;

use tokio::net::{TcpListener, TcpStream};

use crate::dispatch::channel::CHANNEL;
use crate::launch::{Accept, ConnectionSource, Inherited, LISTENER};
use blocking::Blocking;
use channels::Channels;
use mutex::Mutex;

pub(crate) use mutex::ACCEPT_MUTEX;

/// Where a worker gets its connections from.
pub(super) enum Intake {
    /// A listening socket, its own or shared with siblings, watched by the runtime.
    Listener(TcpListener),
    /// A thread that is blocked in accept(2).
    Blocking(Blocking),
    /// A listening socket that is watched only while a lock is held.
    Mutex(Mutex),
    /// Channels over which dispatchers hand over accepted connections.
    Channels(Channels),
}

impl Intake {
    /// What is to be called at each turn of the event loop, if anything is.
    pub(super) fn at_each_turn(taking: ConnectionSource) -> Option<fn()> {
        (taking == ConnectionSource::Listener(Accept::Mutex)).then_some(mutex::tell_of_turn)
    }

    /// Takes over what the parent process left. Needs to be called within a runtime.
    pub(super) fn inherit(inherited: &mut Inherited, taking: ConnectionSource) -> io::Result<Self> {
        let accept = match taking {
            ConnectionSource::Channels { acknowledge } => {
                let channels = Channels::new(inherited.all(CHANNEL), acknowledge)?;
                return Ok(Self::Channels(channels));
            }
            ConnectionSource::Listener(accept) => accept,
        };
        let listener = std::net::TcpListener::from(inherited.one(LISTENER)?);
        Ok(match accept {
            Accept::Edge => Self::Listener(TcpListener::from_std(listener)?),
            Accept::Level => Self::Listener(waiting::level_triggered(listener)?),
            Accept::Exclusive => Self::Listener(waiting::exclusive(listener)?),
            Accept::Blocking => Self::Blocking(Blocking::start(listener)?),
            Accept::Mutex => Self::Mutex(Mutex::new(listener, &inherited.one(ACCEPT_MUTEX)?)?),
        })
    }

    /// Descriptors that may come in beside those of the connection that is waited for.
    pub(super) fn may_bring(&self) -> u64 {
        match self {
            Self::Listener(_) | Self::Blocking(_) | Self::Mutex(_) => 0,
            Self::Channels(channels) => channels.may_bring(),
        }
    }

    /// The next connection; `None` once there can be no more.
    pub(super) async fn next(&mut self) -> io::Result<Option<TcpStream>> {
        match self {
            Self::Listener(listener) => listening::accept(listener).await.map(Some),
            Self::Blocking(thread) => thread.accept().await,
            Self::Mutex(mutex) => mutex.accept().await.map(Some),
            Self::Channels(channels) => channels.take().await,
        }
    }

    /// Closes the intake. What has come until then is still taken in: whoever handed it over
    /// has forgotten it, and the kernel would reset what it holds for a closed listener.
    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        match self {
            Self::Listener(listener) => listening::accept_queued(&listener.into_std()?),
            Self::Blocking(thread) => thread.close(),
            Self::Mutex(mutex) => mutex.close(),
            Self::Channels(channels) => channels.close(),
        }
    }
}
