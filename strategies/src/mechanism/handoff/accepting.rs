//! The dispatcher's listener: accepting connections, and their PROXY headers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use nix::sys::epoll::{EpollEvent, EpollFlags};
use rustix::io::Errno;
use rustix::net::SocketFlags;

use super::connection::Connection;
use super::dispatcher::{Dispatcher, FIRST_PENDING, LISTENER};
use super::pending_headers::PendingHeaders;
use crate::policy::Arrival;

/// Pause when no descriptor or memory is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(1);

/// Stands for a client whose address is not known.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Dispatcher {
    pub(super) fn accept_up_to(&mut self, limit: usize) -> io::Result<()> {
        let at = self.start.elapsed();
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        for _ in 0..limit {
            // nix's accept does not return the client's address.
            match rustix::net::acceptfrom_with(&self.listener, flags) {
                Ok((socket, client)) => {
                    let client = client.and_then(|client| SocketAddr::try_from(client).ok());
                    let client = client.map_or(UNKNOWN, |client| client.ip());
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

    /// Returns a connection that was given to a worker and taken back. Its client is the other end of the socket,
    /// also if a PROXY header has named another one, since the header was read.
    pub(super) fn arrived_again(&self, socket: OwnedFd) -> Connection {
        let client = rustix::net::getpeername(&socket).ok().flatten();
        let client = client.and_then(|client| SocketAddr::try_from(client).ok());
        self.arrived(socket, client.map_or(UNKNOWN, |client| client.ip()))
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

    /// Goes on waiting for the PROXY header of a connection of the predecessor.
    pub(super) fn wait_for_header(
        &mut self,
        connection: Connection,
        header: Vec<u8>,
        waited: Duration,
    ) {
        let token = |number| FIRST_PENDING + number;
        let pending_headers = self.pending_headers.as_mut();
        let complete = pending_headers
            .and_then(|all| all.add_read(connection, (header, waited), &self.epoll, token));
        self.waiting.extend(complete);
    }

    /// Reads more of a PROXY header, and finds a worker if it is complete.
    pub(super) fn read_header(&mut self, number: u64) -> io::Result<()> {
        let pending_headers = self.pending_headers.as_mut();
        match pending_headers.and_then(|all| all.read_more(number, &self.epoll)) {
            Some(connection) => self.place(connection),
            None => Ok(()),
        }
    }

    /// Returns the time until the next PROXY header is late.
    pub(super) fn time_until_late(&self) -> Option<Duration> {
        let pending = self.pending_headers.as_ref()?;
        pending.time_until_late(Instant::now())
    }

    /// Returns how many more connections may wait.
    pub(super) fn room(&self) -> usize {
        let pending = self.pending_headers.as_ref().map_or(0, PendingHeaders::len);
        self.waiting_limit
            .saturating_sub(self.waiting.len() + pending)
    }

    /// Stops accepting while too many connections wait, and starts again later.
    pub(super) fn update_accepting(&mut self) -> io::Result<()> {
        let accepting = self.room() > 0;
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
