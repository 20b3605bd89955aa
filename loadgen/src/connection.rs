//! One connection, and the request on it.

use std::collections::VecDeque;

use rustix::fd::OwnedFd;
use rustix::io::Errno;

use crate::http1::Parser;
use crate::introduction::Introduction;
use crate::pipeline::Pipeline;
use crate::request::Prepared;
use crate::socket::{WireError, receive, send, send_two};
use crate::tls::Session;
use crate::work::Draw;

/// A place for a connection. Sockets come and go in it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) socket: Option<OwnedFd>,
    /// What is to be said before anything else, and has not been.
    pub(crate) introduction: Option<Introduction>,
    /// What is spoken over the socket, where that is not plain HTTP.
    pub(crate) tls: Option<Box<Session>>,
    pub(crate) state: State,
    /// When the state began, in nanoseconds since the load began. A request
    /// that opens its connection is busy since it began to connect.
    pub(crate) since: u64,
    /// Requests that were begun on this socket.
    pub(crate) begun: u64,
    pub(crate) request: Request,
    pub(crate) parser: Parser,
    /// Requests in flight, `request` among them, where there may be several.
    pub(crate) pipeline: Option<Box<Pipeline>>,
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
    /// Connected; the TLS handshake is not over.
    ShakingHands,
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
    /// Which of the thread's arrivals it is, from 0; only where there is a ledger.
    pub(crate) turn: usize,
    /// When its last byte was written, in nanoseconds since the load began; only where there is
    /// a ledger.
    pub(crate) sent: u64,
    /// It asks the server to close.
    pub(crate) last: bool,
    pub(crate) written: usize,
    /// All of it is written.
    pub(crate) whole: bool,
}

impl Connection {
    /// A place; its connections may have several requests in flight if it
    /// `pipelines`.
    pub(crate) fn new(pipelines: bool) -> Self {
        Self {
            socket: None,
            introduction: None,
            tls: None,
            state: State::Vacant,
            since: 0,
            begun: 0,
            request: Request::default(),
            parser: Parser::new(),
            pipeline: pipelines.then(Box::default),
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
        if let (Some(tls), Some(socket)) = (&mut self.tls, &self.socket) {
            tls.close(socket);
        }
        self.tls = None;
        self.socket = None;
        self.begun = 0;
        if let Some(pipeline) = &mut self.pipeline {
            pipeline.clear();
        }
        self.parser.reset();
    }

    /// Says what is to be said before anything else, if it has not been.
    pub(crate) fn introduce(&mut self) -> Result<(), WireError> {
        if let (Some(introduction), Some(socket)) = (&self.introduction, &self.socket) {
            introduction.send(socket)?;
            self.introduction = None;
        }
        Ok(())
    }

    /// Reads what has arrived; 0 at the end.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, WireError> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN.into());
        };
        match &mut self.tls {
            None => Ok(receive(socket, buffer)?),
            Some(tls) => tls.receive(socket, buffer),
        }
    }

    /// Whether a read that does not fill the buffer has emptied the socket. A
    /// TLS session reads ahead, and hands out what it has record by record.
    pub(crate) fn reads_all_there_is(&self) -> bool {
        self.tls.is_none()
    }

    /// Whether an end of the connection, where the server has closed it, is
    /// also the end of what it said, and nothing was cut off.
    pub(crate) fn ends_in_due_form(&self) -> bool {
        self.tls.as_ref().is_none_or(|tls| tls.is_closed())
    }

    /// The requests in flight behind the one in front, which fail with it.
    pub(crate) fn take_behind(&mut self) -> VecDeque<Request> {
        let pipeline = self.pipeline.as_mut();
        pipeline.map(|all| all.take_behind()).unwrap_or_default()
    }

    /// Whether something waits for the socket to take it.
    pub(crate) fn has_unwritten(&self) -> bool {
        let pipeline = self.pipeline.as_ref();
        !self.request.whole || pipeline.is_some_and(|pipeline| !pipeline.is_written())
    }

    /// Writes as much of the requests in flight as the socket takes.
    pub(crate) fn write_pipeline(&mut self) -> Result<(), WireError> {
        let (Some(pipeline), Some(socket)) = (&mut self.pipeline, &self.socket) else {
            return Err(Errno::NOTCONN.into());
        };
        match pipeline.write(socket, self.tls.as_deref_mut()) {
            Err(error) if error.must_wait() => Ok(()),
            other => other,
        }
    }

    /// Writes as much of the request as the socket takes.
    pub(crate) fn write(&mut self, prepared: &mut Prepared) -> Result<(), WireError> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN.into());
        };
        let parts = prepared.bytes(self.request.draw, self.request.last);
        let written = match &mut self.tls {
            None => write_plain(socket, parts, &mut self.request),
            Some(tls) => write_tls(socket, tls, parts, &mut self.request),
        };
        match written {
            Err(error) if error.must_wait() => Ok(()),
            other => other,
        }
    }
}

fn write_plain(
    socket: &OwnedFd,
    (head, body): (&[u8], &[u8]),
    request: &mut Request,
) -> Result<(), WireError> {
    while !request.whole {
        request.written += match request.written.checked_sub(head.len()) {
            None if body.is_empty() => send(socket, &head[request.written..])?,
            None => send_two(socket, &head[request.written..], body)?,
            Some(of_body) => send(socket, &body[of_body..])?,
        };
        request.whole = request.written == head.len() + body.len();
    }
    Ok(())
}

fn write_tls(
    socket: &OwnedFd,
    tls: &mut Session,
    (head, body): (&[u8], &[u8]),
    request: &mut Request,
) -> Result<(), WireError> {
    while !request.whole {
        while request.written < head.len() + body.len() {
            let taken = match request.written.checked_sub(head.len()) {
                None => tls.write(&head[request.written..])?,
                Some(of_body) => tls.write(&body[of_body..])?,
            };
            request.written += taken;
            if taken == 0 {
                break;
            }
        }
        tls.flush(socket)?;
        request.whole = request.written == head.len() + body.len();
    }
    Ok(())
}
