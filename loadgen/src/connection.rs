//! One connection, and the request on it.

use std::mem::MaybeUninit;

use rustix::fd::OwnedFd;
use rustix::io::{Errno, IoSlice};
use rustix::net::{SendAncillaryBuffer, SendFlags, send, sendmsg};

use crate::http1::Parser;
use crate::request::Prepared;
use crate::work::Draw;

/// A place for a connection. Sockets come and go in it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) socket: Option<OwnedFd>,
    pub(crate) state: State,
    /// When the state began, in nanoseconds since the load began. A request
    /// that opens its connection is busy since it began to connect.
    pub(crate) since: u64,
    /// Requests that were begun on this socket.
    pub(crate) begun: u64,
    pub(crate) request: Request,
    pub(crate) parser: Parser,
}

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No socket, and none wanted yet.
    Vacant,
    /// No socket; the last one failed, and another is tried after a while.
    Cooling,
    /// The handshake is not known to be over.
    Connecting,
    /// Open, without a request.
    Idle,
    /// A request is being written or its answer awaited.
    Busy,
}

/// The request that a connection carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Request {
    /// When it was due, in nanoseconds since the load began.
    pub(crate) intended: u64,
    pub(crate) draw: Draw,
    /// It asks the server to close.
    pub(crate) last: bool,
    pub(crate) written: usize,
    /// All of it is written.
    pub(crate) whole: bool,
}

impl Connection {
    pub(crate) fn new(answers_head: bool) -> Self {
        Self {
            socket: None,
            state: State::Vacant,
            since: 0,
            begun: 0,
            request: Request::default(),
            parser: Parser::new(answers_head),
        }
    }

    pub(crate) fn enter(&mut self, state: State, now: u64) {
        self.state = state;
        self.since = now;
    }

    /// Closes the socket, if there is one.
    ///
    /// It is closed in good order, although a reset (SO_LINGER of zero) would
    /// spare this host the TIME_WAIT state: a reset would take the server down
    /// another path than real clients do, and that path is what is measured.
    /// Ports do not run out over it: on loopback the kernel reuses such a port
    /// after a second (`tcp_tw_reuse` = 2), and every client address has its
    /// own 28,000.
    pub(crate) fn close(&mut self) {
        self.socket = None;
        self.begun = 0;
        self.parser.reset();
    }

    /// Writes as much of the request as the socket takes.
    pub(crate) fn write(&mut self, prepared: &mut Prepared) -> Result<(), Errno> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN);
        };
        let request = &mut self.request;
        let (head, body) = prepared.bytes(request.draw, request.last);
        while !request.whole {
            let sent = match request.written.checked_sub(head.len()) {
                None if body.is_empty() => send(socket, &head[request.written..], NO_SIGNAL),
                None => send_two(socket, &head[request.written..], body),
                Some(of_body) => send(socket, &body[of_body..], NO_SIGNAL),
            };
            match sent {
                Ok(bytes) => request.written += bytes,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
            request.whole = request.written == head.len() + body.len();
        }
        Ok(())
    }
}

/// A peer that is gone is an error to count, not a signal.
const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;

/// Head and body in one system call, and so in one segment where they fit.
fn send_two(socket: &OwnedFd, head: &[u8], body: &[u8]) -> Result<usize, Errno> {
    let mut none: [MaybeUninit<u8>; 0] = [];
    let parts = [IoSlice::new(head), IoSlice::new(body)];
    sendmsg(
        socket,
        &parts,
        &mut SendAncillaryBuffer::new(&mut none),
        NO_SIGNAL,
    )
}
