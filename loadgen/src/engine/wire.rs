//! What a thread shares among its connections to exchange bytes with the kernel: epoll, buffers,
//! prepared requests, TLS settings and the ring of batches.
//!
//! Each socket is registered with epoll once, edge-triggered. An event is handled by reading until
//! the socket is known to be empty, which usually takes one read that does not fill the buffer. A
//! set of events contains at most one event for each socket, and a socket is only replaced while its
//! own event is handled or between sets, so no event is ever mistaken for one of the next socket in
//! the same place.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;

use super::batch::Batch;
use crate::connection::{ALWAYS_WRITABLE, Connection, PreparedRequests, State, upgrade_request};
use crate::http1::AnswerCache;
use crate::spec::{LoadSpec, TlsClient};

/// Most bytes of one read. Most answers are far smaller; large ones are read in few calls, into a
/// buffer that stays in the L2 cache.
const READ_BYTES: usize = 64 * 1024;

/// The server has sent its last byte.
pub(super) const ENDED: EventFlags = EventFlags::RDHUP
    .union(EventFlags::HUP)
    .union(EventFlags::ERR);

/// There is something to read, or an end to notice.
pub(super) const READABLE: EventFlags = EventFlags::IN.union(ENDED);

/// The shared means of one thread to exchange bytes with the kernel.
pub(super) struct Wire {
    epoll: OwnedFd,
    /// What was read last.
    pub(super) buffer: Vec<u8>,
    pub(super) prepared: PreparedRequests,
    /// The request for a WebSocket, if requests are messages.
    pub(super) upgrade: Option<Vec<u8>>,
    pub(super) answer_cache: AnswerCache,
    /// `None` for plain HTTP.
    pub(super) tls: Option<TlsClient>,
    /// `None` before the thread runs, and if this load is not exchanged in batches.
    pub(super) batch: Option<Batch>,
    /// Whether a write may have to wait for room in the socket.
    may_block: bool,
    /// Whether everything that is sent on a connection is sent in one call.
    pub(super) sends_once: bool,
}

impl Wire {
    pub(super) fn new(spec: &LoadSpec, tls: Option<TlsClient>) -> io::Result<Self> {
        let (request, authority) = (&spec.request, &spec.target.authority);
        let upgrade = spec.websocket.as_ref();
        let upgrade = upgrade.map(|target| upgrade_request(request, target, authority));
        let prepared = match upgrade {
            None => PreparedRequests::new(request, authority),
            Some(_) => PreparedRequests::messages(request),
        };
        let is_long = prepared.max_length() > ALWAYS_WRITABLE;
        let is_plain = tls.is_none() && spec.proxy_header.is_none() && upgrade.is_none();
        let one_request = spec.requests_per_connection == Some(NonZeroU64::MIN);
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            buffer: vec![0; READ_BYTES],
            may_block: tls.is_some() || spec.pipelines() || is_long,
            sends_once: one_request && is_plain && !is_long,
            prepared,
            upgrade,
            answer_cache: AnswerCache::default(),
            tls,
            batch: None,
        })
    }

    /// Whether a connection carries its request from the start: nothing has to be agreed upon before.
    pub(super) fn sends_first(&self) -> bool {
        self.tls.is_none() && self.upgrade.is_none()
    }

    /// Registers the socket of a place. Writability is only requested if needed: a new socket is
    /// writable, and would cause a wake-up at once.
    pub(super) fn register(&self, place: usize, connection: &Connection) -> Result<(), Errno> {
        let data = EventData::new_u64(place as u64);
        let socket = connection.socket.as_ref();
        socket.map_or(Ok(()), |socket| {
            epoll::add(&self.epoll, socket, data, self.interest(connection))
        })
    }

    /// Reports the rest of a socket as if it had just arrived, so that other connections have their
    /// turn before.
    pub(super) fn look_again(&self, place: usize, connection: &Connection) -> Result<(), Errno> {
        let data = EventData::new_u64(place as u64);
        let socket = connection.socket.as_ref();
        socket.map_or(Ok(()), |socket| {
            epoll::modify(&self.epoll, socket, data, self.interest(connection))
        })
    }

    fn interest(&self, connection: &Connection) -> EventFlags {
        let mut flags = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
        if connection.state == State::Connecting || self.may_block {
            flags |= EventFlags::OUT;
        }
        flags
    }

    /// Waits for events for at most this time.
    pub(super) fn wait(&self, events: &mut Vec<epoll::Event>, limit: Duration) {
        let timeout = Timespec {
            tv_sec: limit.as_secs() as i64,
            tv_nsec: limit.subsec_nanos().into(),
        };
        // An interrupted wait returns no events, and the next turn waits again; no other error is
        // possible with our own descriptor.
        let _ = epoll::wait(&self.epoll, spare_capacity(events), Some(&timeout));
    }

    /// Whether a read of this length has taken everything from the socket. A TLS session reads ahead,
    /// and returns its data record by record.
    pub(super) fn is_drained_by(&self, bytes: usize) -> bool {
        bytes < self.buffer.len() && self.tls.is_none()
    }
}
