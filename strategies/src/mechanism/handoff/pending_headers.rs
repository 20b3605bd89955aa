//! Accepted connections whose PROXY header is incomplete.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};

use super::connection::Connection;
use crate::dispatch::proxy_protocol::Reader;

pub(super) struct PendingHeaders {
    header_within: Duration,
    /// Connections by number, in the order of their arrival.
    pending: BTreeMap<u64, PendingConnection>,
    next_number: u64,
}

struct PendingConnection {
    connection: Connection,
    header: Reader,
    since: Instant,
}

impl PendingHeaders {
    pub(super) fn new(header_within: Duration) -> Self {
        Self {
            header_within,
            pending: BTreeMap::new(),
            next_number: 0,
        }
    }

    /// Returns all of them, the part of the header that was read, and how long each has waited.
    pub(super) fn all(&self, now: Instant) -> impl Iterator<Item = (&Connection, &[u8], Duration)> {
        let pending = self.pending.values();
        pending.map(move |it| {
            let waited = now.saturating_duration_since(it.since);
            (&it.connection, it.header.so_far(), waited)
        })
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Adds a new connection. Returns it at once if its header is complete, as it usually is. Otherwise
    /// `epoll` reports when there is more to read, with the token of its number.
    pub(super) fn add(
        &mut self,
        connection: Connection,
        epoll: &Epoll,
        token: impl Fn(u64) -> u64,
    ) -> Option<Connection> {
        self.add_pending(
            PendingConnection {
                connection,
                header: Reader::default(),
                since: Instant::now(),
            },
            epoll,
            token,
        )
    }

    /// Adds a connection of which another process has read a part of the header, and for which it has waited.
    /// Returns it if its header is complete.
    pub(super) fn add_read(
        &mut self,
        connection: Connection,
        (header, waited): (Vec<u8>, Duration),
        epoll: &Epoll,
        token: impl Fn(u64) -> u64,
    ) -> Option<Connection> {
        let now = Instant::now();
        self.add_pending(
            PendingConnection {
                connection,
                header: Reader::after(header),
                since: now.checked_sub(waited).unwrap_or(now),
            },
            epoll,
            token,
        )
    }

    fn add_pending(
        &mut self,
        mut pending: PendingConnection,
        epoll: &Epoll,
        token: impl Fn(u64) -> u64,
    ) -> Option<Connection> {
        match pending.read_header() {
            HeaderStatus::Complete => return Some(pending.connection),
            HeaderStatus::Invalid => return None,
            HeaderStatus::Incomplete => {}
        }
        let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP;
        let event = EpollEvent::new(flags, token(self.next_number));
        // If there is no memory to watch it, the connection is closed.
        if epoll.add(&pending.connection.socket, event).is_ok() {
            self.pending.insert(self.next_number, pending);
            self.next_number += 1;
        }
        None
    }

    /// Reads more of a header. Returns the connection if the header is complete now.
    pub(super) fn read_more(&mut self, number: u64, epoll: &Epoll) -> Option<Connection> {
        let status = self.pending.get_mut(&number)?.read_header();
        if status == HeaderStatus::Incomplete {
            return None;
        }
        let PendingConnection { connection, .. } = self.pending.remove(&number)?;
        // The registration would survive the hand-off, since it belongs to the open socket.
        let _closed = epoll.delete(&connection.socket);
        (status == HeaderStatus::Complete).then_some(connection)
    }

    pub(super) fn close_late(&mut self, now: Instant) {
        while let Some(oldest) = self.pending.first_entry()
            && now >= oldest.get().since + self.header_within
        {
            oldest.remove();
        }
    }

    /// Returns the time until the next connection is late, or `None` if none waits.
    pub(super) fn time_until_late(&self, now: Instant) -> Option<Duration> {
        let (_, oldest) = self.pending.first_key_value()?;
        Some((oldest.since + self.header_within).saturating_duration_since(now))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderStatus {
    Complete,
    Incomplete,
    Invalid,
}

impl PendingConnection {
    fn read_header(&mut self) -> HeaderStatus {
        match self.header.read(&self.connection.socket) {
            Ok(Some(route)) => {
                self.connection.arrival.client = route.client.ip();
                HeaderStatus::Complete
            }
            // The header has no addresses, so that of the connection counts.
            Ok(None) => HeaderStatus::Complete,
            Err(error) if error.kind() == ErrorKind::WouldBlock => HeaderStatus::Incomplete,
            Err(_) => HeaderStatus::Invalid,
        }
    }
}
