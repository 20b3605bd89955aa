//! Connections that have not said yet whose they are.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, EventData, EventFlags};

use super::connection::Connection;
use crate::dispatch::proxy_protocol::Reader;

/// Where connections wait for their PROXY header, in a fleet whose connections begin with one.
pub(super) struct PendingHeaders {
    header_within: Duration,
    /// By number, which is also the order in which they have come.
    guests: BTreeMap<u64, Guest>,
    came: u64,
}

struct Guest {
    connection: Connection,
    header: Reader,
    since: Instant,
}

impl PendingHeaders {
    /// Nobody waits yet; each may for so long.
    pub(super) fn new(header_within: Duration) -> Self {
        Self {
            header_within,
            guests: BTreeMap::new(),
            came: 0,
        }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.guests.len()
    }

    /// A new connection. Gives it back at once if its header is there, as it mostly is; else has
    /// `epoll` tell when there is more of it, under the number that `token` makes a token of.
    pub(super) fn receive(
        &mut self,
        connection: Connection,
        epoll: &OwnedFd,
        token: impl Fn(u64) -> u64,
    ) -> Option<Connection> {
        let mut guest = Guest {
            connection,
            header: Reader::default(),
            since: Instant::now(),
        };
        match guest.says() {
            Said::Whole => return Some(guest.connection),
            Said::Nonsense => return None,
            Said::TooLittle => {}
        }
        let data = EventData::new_u64(token(self.came));
        let flags = EventFlags::IN | EventFlags::RDHUP;
        // One that cannot be watched for want of memory is let go.
        if epoll::add(epoll, &guest.connection.socket, data, flags).is_ok() {
            self.guests.insert(self.came, guest);
            self.came += 1;
        }
        None
    }

    /// There is more of a header. Gives the connection back if it is there now.
    pub(super) fn hear(&mut self, number: u64, epoll: &OwnedFd) -> Option<Connection> {
        let said = self.guests.get_mut(&number)?.says();
        if said == Said::TooLittle {
            return None;
        }
        let Guest { connection, .. } = self.guests.remove(&number)?;
        // A worker would go on to be told of here: the registration is not the descriptor's.
        let _closed_otherwise = epoll::delete(epoll, &connection.socket);
        (said == Said::Whole).then_some(connection)
    }

    /// Lets go whoever has not said in time whose the connection is.
    pub(super) fn let_go(&mut self, now: Instant) {
        while let Some(oldest) = self.guests.first_entry()
            && now >= oldest.get().since + self.header_within
        {
            oldest.remove();
        }
    }

    /// How long it is until somebody has to be let go; `None` if nobody waits.
    pub(super) fn next_look(&self, now: Instant) -> Option<Duration> {
        let (_, oldest) = self.guests.first_key_value()?;
        Some((oldest.since + self.header_within).saturating_duration_since(now))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Whole,
    TooLittle,
    Nonsense,
}

impl Guest {
    fn says(&mut self) -> Said {
        match self.header.read(&self.connection.socket) {
            Ok(Some(route)) => {
                self.connection.arrival.client = route.client.ip();
                Said::Whole
            }
            // It names nobody, so the connection's own address counts.
            Ok(None) => Said::Whole,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Said::TooLittle,
            Err(_) => Said::Nonsense,
        }
    }
}
