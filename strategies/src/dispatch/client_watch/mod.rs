//! Time limits towards clients: ends connections whose clients keep the process waiting.
//!
//! Serving a connection must not cost a timer per request. So its handler notes its
//! [progress](Progress), and a sweep looks at all connections now and then. It ends one by shutting down its
//! socket, and the handler sees the end. Answers that do not move are left to the kernel, which ends a
//! connection whose client takes no bytes (TCP_USER_TIMEOUT).
//!
//! The sweep also ends connections that have become too old: their next answer is the last one.

mod end;
mod progress;
mod watched;

use std::io;
use std::num::NonZeroU32;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::socket::sockopt::TcpUserTimeout;
use nix::sys::socket::{MsgFlags, Shutdown, recv, send, setsockopt, shutdown};
use tokio::net::TcpStream;

use super::{drain::LAST_REQUESTS, kernel_timer};
use crate::launch::{ClientLimits, ConnectionLimits, MaxAge};
use crate::sys::tcp::limit_unsent;
use end::{Ages, End};
use progress::{Awaited, Finding};

pub(crate) use progress::Progress;
pub(crate) use watched::Watched;

/// Maximum number of bytes that hyper reads from a client before it must be able to process some. This limits
/// the head of a request, as nginx does (`large_client_header_buffers`).
pub(crate) const MAX_HEAD: usize = 32 * 1024;

/// Maximum number of bytes that the kernel keeps of an answer before it sends them.
const MAX_UNSENT: u32 = 64 * 1024;

/// Looks at a connection within its shortest limit. More would wake idle processes more often.
const LOOKS_PER_LIMIT: u32 = 8;

/// The same where a silent connection is late at once: until then it may occupy its worker.
const LOOKS_IF_DEFERRED: u32 = 32;

/// All connections with clients of one runtime, and their limits.
#[derive(Debug)]
pub(crate) struct ClientWatch {
    limits: ClientLimits,
    /// How long a new connection may be silent.
    silence: Duration,
    /// Time between two looks.
    period: Duration,
    /// Maximum number of requests on a connection.
    max_requests: Option<NonZeroU32>,
    connections: Mutex<Connections>,
}

#[derive(Debug)]
struct Connections {
    by_descriptor: Vec<Option<Connection>>,
    ages: Ages,
}

#[derive(Debug)]
struct Connection {
    progress: Arc<Progress>,
    /// Number of looks since something moved.
    looks: u32,
    end: End,
}

impl ClientWatch {
    /// Creates an empty list. `deferred` says that the kernel has waited for the first byte of each
    /// connection, so that one without it is late at once.
    pub(crate) fn new(
        limits: ClientLimits,
        connection_limits: ConnectionLimits,
        deferred: bool,
    ) -> Arc<Self> {
        let ConnectionLimits {
            max_age,
            max_requests,
        } = connection_limits;
        let shortest = max_age.as_ref().map(MaxAge::shortest);
        let shortest = limits.shortest().min(shortest.unwrap_or(Duration::MAX));
        let (silence, looks) = match deferred {
            true => (Duration::ZERO, LOOKS_IF_DEFERRED),
            false => (limits.head, LOOKS_PER_LIMIT),
        };
        Arc::new(Self {
            limits,
            silence,
            period: (shortest / looks).max(Duration::from_millis(1)),
            max_requests,
            connections: Mutex::new(Connections {
                by_descriptor: Vec::new(),
                ages: Ages::new(max_age),
            }),
        })
    }

    /// Watches a new connection until the returned stream is dropped or unwrapped.
    pub(crate) fn watch(self: &Arc<Self>, stream: TcpStream) -> Watched<TcpStream> {
        let progress = Arc::new(Progress::new(self.max_requests));
        let number = stream.as_raw_fd() as usize;
        let mut connections = self.connections();
        let by_descriptor = &mut connections.by_descriptor;
        if by_descriptor.len() <= number {
            by_descriptor.resize_with(number + 1, || None);
        }
        by_descriptor[number] = Some(Connection {
            progress: Arc::clone(&progress),
            looks: 0,
            end: End::default(),
        });
        drop(connections);
        Watched::new(Arc::clone(self), number, progress, stream)
    }

    /// Forgets a connection. Its descriptor must still be open, so that its number has no new owner.
    fn forget(&self, number: usize) {
        self.connections().by_descriptor[number] = None;
    }

    /// Lets the connections that are chosen end with their next answers; those that are idle then are closed soon
    /// after, as in a [drain](super::drain). Returns how many are chosen. It asks about those that end anyway only
    /// if their time has not come.
    pub(crate) fn end_some(&self, is_chosen: &mut impl FnMut() -> bool) -> usize {
        let now = Instant::now();
        let mut connections = self.connections();
        let kept = connections.by_descriptor.iter_mut().flatten();
        let kept = kept.filter(|connection| !connection.end.has_come(now));
        let chosen = kept.filter(|_| is_chosen());
        chosen
            .map(|connection| {
                connection.end = End::At(now);
                connection.progress.end_with_next_answer();
            })
            .count()
    }

    /// Looks at all connections from time to time. Never returns.
    pub(crate) async fn sweep(self: Arc<Self>) {
        loop {
            kernel_timer::sleep(self.period).await;
            self.look();
        }
    }

    fn look(&self) {
        let now = Instant::now();
        let mut connections = self.connections();
        let Connections {
            by_descriptor,
            ages,
        } = &mut *connections;
        for (number, slot) in by_descriptor.iter_mut().enumerate() {
            let overdue = slot.as_mut().and_then(|connection| {
                let finding = connection.progress.look();
                let is_left_over = connection.is_left_over(finding, ages, now);
                let is_late = self.is_late(connection, finding);
                (is_left_over || is_late).then_some(finding)
            });
            let socket = number as RawFd;
            if let Some(finding) = overdue
                && !has_unread(socket)
            {
                end(socket, finding);
            }
        }
    }

    /// Whether the client of a connection has exceeded a limit.
    fn is_late(&self, connection: &mut Connection, finding: Finding) -> bool {
        // While a worker is slow, nothing is read of a body, and its client is not late.
        let is_waiting = finding.starved || finding.awaited != Awaited::Body;
        if finding.moved || !is_waiting {
            connection.looks = 0;
            return false;
        }
        connection.looks = connection.looks.saturating_add(1);
        let limit = match finding.awaited {
            Awaited::FirstByte => self.silence,
            Awaited::Head => self.limits.head,
            Awaited::Body => self.limits.stall,
            Awaited::NextRequest | Awaited::Message => self.limits.idle,
            Awaited::Nothing => return false,
        };
        self.period * connection.looks >= limit
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        let connections = self.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Lets the next answer be the last one if the connection has to end. Returns whether it is idle and has had its
    /// time for one more request, as in a [drain](super::drain).
    fn is_left_over(&mut self, finding: Finding, ages: &mut Ages, now: Instant) -> bool {
        if self.end == End::Unknown {
            self.end = ages.draw(now);
        }
        let End::At(end) = self.end else { return false };
        if now < end {
            return false;
        }
        self.progress.end_with_next_answer();
        finding.awaited.is_idle() && !finding.moved && now - end >= LAST_REQUESTS
    }
}

/// Whether bytes have arrived that the process has not read yet. Then the process is late, not the client.
fn has_unread(socket: RawFd) -> bool {
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    recv(socket, &mut [0], flags).is_ok_and(|bytes| bytes > 0)
}

/// Ends a connection, after what its client is sent before.
fn end(socket: RawFd, finding: Finding) {
    // An answer that the client does not read is unfinished, and another one would become a part of it.
    if !finding.blocked {
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        // The client may be gone.
        let _sent = send(socket, &finding.awaited.farewell(), flags);
    }
    let _shut_down = shutdown(socket, Shutdown::Both);
}

/// Limits what the kernel keeps for the clients of a listener, and for how long they may take nothing.
/// Accepted sockets inherit both.
pub(crate) fn limit_clients_of(listener: impl AsFd, limits: &ClientLimits) -> io::Result<()> {
    let milliseconds = u32::try_from(limits.stall.as_millis()).unwrap_or(u32::MAX);
    // 0 would mean the kernel's default, which is minutes (tcp(7)).
    setsockopt(&listener, TcpUserTimeout, &milliseconds.max(1))?;
    limit_unsent(listener, MAX_UNSENT)
}

#[cfg(test)]
mod tests;
