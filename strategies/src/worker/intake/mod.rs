//! Where a worker gets its connections from.

mod blocking;
mod channels;
mod listening;
mod mutex;
mod waiting;

use std::io;

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};

use crate::channel::CHANNEL;
use crate::inherited::Inherited;
use crate::listener::LISTENER;
use blocking::Blocking;
use channels::Channels;
use mutex::Mutex;

pub(crate) use mutex::ACCEPT_MUTEX;

/// How a worker is to get its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Taking {
    /// From a listening socket.
    Listener(Accept),
    /// Over channels from dispatchers.
    Channels {
        /// Whether each hand-off is to be acknowledged when it is taken in.
        acknowledge: bool,
    },
}

/// How a worker waits for connections of a listening socket and accepts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Accept {
    /// In the runtime's epoll instance as tokio registers it: edge-triggered.
    Edge,
    /// Level-triggered, as in a plain epoll loop: a queued connection wakes every idle worker.
    Level,
    /// Level-triggered with EPOLLEXCLUSIVE: a connection wakes one idle worker.
    Exclusive,
    /// Blocked in accept(2), in a thread of its own.
    Blocking,
    /// Only while it holds the lock that one worker at a time can hold.
    Mutex,
}

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
    pub(super) fn at_each_turn(taking: Taking) -> Option<fn()> {
        (taking == Taking::Listener(Accept::Mutex)).then_some(mutex::tell_of_turn)
    }

    /// Takes over what the parent process left. Needs to be called within a runtime.
    pub(super) fn inherit(inherited: &mut Inherited, taking: Taking) -> io::Result<Self> {
        let accept = match taking {
            Taking::Channels { acknowledge } => {
                let channels = Channels::new(inherited.all(CHANNEL), acknowledge)?;
                return Ok(Self::Channels(channels));
            }
            Taking::Listener(accept) => accept,
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
