//! Time limits towards clients: ends connections whose clients keep the process waiting.
//!
//! Serving a connection must not cost a timer per request. So its handler notes its
//! [progress](Progress), and a sweep looks at all connections now and then. It ends one by shutting down its
//! socket, and the handler sees the end. Answers that do not move are left to the kernel, which ends a
//! connection whose client takes no bytes (TCP_USER_TIMEOUT).

mod progress;
mod watched;

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use nix::sys::socket::sockopt::TcpUserTimeout;
use nix::sys::socket::{MsgFlags, Shutdown, recv, send, setsockopt, shutdown};
use tokio::net::TcpStream;

use super::kernel_timer;
use crate::launch::ClientLimits;
use crate::sys::tcp::limit_unsent;
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
    /// Connections by descriptor.
    connections: Mutex<Vec<Option<Connection>>>,
}

#[derive(Debug)]
struct Connection {
    progress: Arc<Progress>,
    /// Number of looks since something moved.
    looks: u32,
}

impl ClientWatch {
    /// Creates an empty list. `deferred` says that the kernel has waited for the first byte of each
    /// connection, so that one without it is late at once.
    pub(crate) fn new(limits: ClientLimits, deferred: bool) -> Arc<Self> {
        let (silence, looks) = match deferred {
            true => (Duration::ZERO, LOOKS_IF_DEFERRED),
            false => (limits.head, LOOKS_PER_LIMIT),
        };
        Arc::new(Self {
            limits,
            silence,
            period: (limits.shortest() / looks).max(Duration::from_millis(1)),
            connections: Mutex::default(),
        })
    }

    /// Watches a new connection until the returned stream is dropped or unwrapped.
    pub(crate) fn watch(self: &Arc<Self>, stream: TcpStream) -> Watched<TcpStream> {
        let progress = Arc::new(Progress::new());
        let number = stream.as_raw_fd() as usize;
        let mut connections = self.connections();
        if connections.len() <= number {
            connections.resize_with(number + 1, || None);
        }
        connections[number] = Some(Connection {
            progress: Arc::clone(&progress),
            looks: 0,
        });
        drop(connections);
        Watched::new(Arc::clone(self), number, progress, stream)
    }

    /// Forgets a connection. Its descriptor must still be open, so that its number has no new owner.
    fn forget(&self, number: usize) {
        self.connections()[number] = None;
    }

    /// Looks at all connections from time to time. Never returns.
    pub(crate) async fn sweep(self: Arc<Self>) {
        loop {
            kernel_timer::sleep(self.period).await;
            self.look();
        }
    }

    fn look(&self) {
        let mut connections = self.connections();
        for (number, slot) in connections.iter_mut().enumerate() {
            let overdue = slot
                .as_mut()
                .and_then(|connection| self.overdue(connection));
            let socket = number as RawFd;
            if let Some(finding) = overdue
                && !has_unread(socket)
            {
                end(socket, finding);
            }
        }
    }

    /// Looks at a connection. Returns what was found if its client has exceeded a limit.
    fn overdue(&self, connection: &mut Connection) -> Option<Finding> {
        let finding = connection.progress.look();
        // While a worker is slow, nothing is read of a body, and its client is not late.
        let is_waiting = finding.starved || finding.awaited != Awaited::Body;
        if finding.moved || !is_waiting {
            connection.looks = 0;
            return None;
        }
        connection.looks = connection.looks.saturating_add(1);
        let limit = match finding.awaited {
            Awaited::FirstByte => self.silence,
            Awaited::Head => self.limits.head,
            Awaited::Body => self.limits.stall,
            Awaited::NextRequest => self.limits.idle,
            Awaited::Nothing => return None,
        };
        (self.period * connection.looks >= limit).then_some(finding)
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Option<Connection>>> {
        let connections = self.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether bytes have arrived that the process has not read yet. Then the process is late, not the client.
fn has_unread(socket: RawFd) -> bool {
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
    recv(socket, &mut [0], flags).is_ok_and(|bytes| bytes > 0)
}

/// Ends a connection. If part of a request has arrived, the client gets 408 (RFC 9110 §15.5.9). Otherwise it
/// gets no answer: one could be taken for the answer to a request that is on its way.
fn end(socket: RawFd, finding: Finding) {
    // An answer that the client does not read is unfinished, and another one would become a part of it.
    if finding.awaited.deserves_an_answer() && !finding.blocked {
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        // The client may be gone.
        let _sent = send(socket, request_timeout().as_bytes(), flags);
    }
    let _shut_down = shutdown(socket, Shutdown::Both);
}

fn request_timeout() -> String {
    const REASON: &str = "the request is incomplete, and the rest did not arrive in time\n";
    let date = httpdate::fmt_http_date(SystemTime::now());
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\ndate: {date}\r\n\r\n{REASON}",
        REASON.len()
    )
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
