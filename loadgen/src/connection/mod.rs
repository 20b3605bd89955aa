//! One connection: its socket, its requests, and what can go wrong.

mod cause;
mod ended;
mod pipeline;
mod prepared;
mod proxy_header;
mod request;
mod session;
mod socket;

use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;

use evenkeel_common::ProxyVersion;
use rustix::io::Errno;

pub(crate) use self::cause::Cause;
pub(crate) use self::ended::Ended;
use self::pipeline::Pipeline;
pub(crate) use self::prepared::{PreparedRequests, upgrade_request};
use self::proxy_header::ProxyHeader;
pub(crate) use self::request::Request;
use self::session::Session;
pub(crate) use self::socket::{ALWAYS_WRITABLE, WireError};
use self::socket::{begin_tcp, connect_unix, receive, send, send_two};
use crate::http1::Parser;
use crate::outcome::ErrorClass;
use crate::spec::{Address, TlsClient};
use crate::websocket::CLOSE;

/// A place for a connection. Sockets come and go in it.
#[derive(Default)]
pub(crate) struct Connection {
    pub(crate) socket: Option<OwnedFd>,
    /// The PROXY header, until it is sent.
    proxy_header: Option<ProxyHeader>,
    /// `None` for plain HTTP.
    pub(crate) tls: Option<Box<Session>>,
    pub(crate) state: State,
    /// When the state began, in nanoseconds since the load began. A request that opens its
    /// connection is busy since it began to connect.
    pub(crate) since: u64,
    /// Number of requests begun on this socket.
    pub(crate) begun: u64,
    /// The request whose answer comes next.
    pub(crate) request: Request,
    pub(crate) parser: Parser,
    /// Requests in flight, including `request`, if there may be several.
    pub(crate) pipeline: Option<Box<Pipeline>>,
    /// The worker that gave the last answer, as it names itself.
    pub(crate) worker: Option<u32>,
}

/// The state of a connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No socket, and none needed yet.
    #[default]
    Vacant,
    /// No socket: the last one failed, and the next one is opened after a pause.
    Cooling,
    /// The TCP handshake is not known to be complete.
    Connecting,
    /// Connected; the TLS handshake is not complete.
    ShakingHands,
    /// Connected; the server is asked to switch to WebSocket.
    Upgrading,
    /// Open, without a request.
    Idle,
    /// A request is being written, or its answer is awaited.
    Busy,
}

impl Connection {
    /// Returns a vacant place. With `pipelines`, its connections may have several requests in flight.
    pub(crate) fn new(pipelines: bool) -> Self {
        Self {
            pipeline: pipelines.then(Box::default),
            ..Self::default()
        }
    }

    pub(crate) fn enter(&mut self, state: State, now: u64) {
        self.state = state;
        self.since = now;
    }

    /// Whether it is being opened.
    pub(crate) fn is_opening(&self) -> bool {
        matches!(
            self.state,
            State::Connecting | State::ShakingHands | State::Upgrading
        )
    }

    /// Whether a request in flight fails if the connection does.
    pub(crate) fn carries_request(&self) -> bool {
        match self.state {
            State::Busy => true,
            State::Connecting | State::ShakingHands | State::Upgrading => self.begun > 0,
            State::Vacant | State::Cooling | State::Idle => false,
        }
    }

    /// Returns its requests that wait for an answer.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Request> {
        let pipeline = self.pipeline.as_deref();
        let only = (pipeline.is_none() && self.carries_request()).then_some(&self.request);
        let several = pipeline.into_iter().flat_map(Pipeline::waiting);
        only.into_iter().chain(several)
    }

    /// Returns to the beginning of its request, which a new connection will carry, since the last one
    /// would have failed it in this class.
    pub(crate) fn take_back(&mut self, class: ErrorClass) {
        self.close();
        self.begun = 1;
        self.request = Request {
            is_on_kept: false,
            repeated: Some(class),
            written: 0,
            is_written: false,
            ..self.request
        };
    }

    /// Begins to connect to `target`. `source` and `no_delay`: see [`begin_tcp`].
    pub(crate) fn connect(
        &mut self,
        target: &Address,
        source: Option<Ipv4Addr>,
        proxy_header: Option<ProxyVersion>,
        no_delay: bool,
    ) -> Result<(), Errno> {
        self.proxy_header = proxy_header.map(|version| ProxyHeader::new(version, source, target));
        self.socket = Some(match target {
            Address::Tcp(address) => begin_tcp(address, source, no_delay)?,
            Address::Unix(path) => connect_unix(path)?,
        });
        Ok(())
    }

    /// Begins a TLS session at `now`, in nanoseconds since the load began.
    pub(crate) fn begin_tls(&mut self, client: &TlsClient, now: u64) -> Result<(), WireError> {
        self.tls = Some(Box::new(Session::new(client, now)?));
        Ok(())
    }

    /// Closes the socket, if there is one.
    ///
    /// It is closed gracefully, although a reset (SO_LINGER of zero) would avoid the TIME_WAIT state
    /// on this host: a reset takes the server down another path than real clients do, and that path
    /// is measured. Ports do not run out: on loopback the kernel reuses such a port after a second
    /// (`tcp_tw_reuse` = 2), and each client address has 28,000 ports.
    pub(crate) fn close(&mut self) {
        if self.parser.has_messages() {
            // The connection ends in any case.
            let _ = self.send(&CLOSE);
        }
        if let (Some(tls), Some(socket)) = (&mut self.tls, &self.socket) {
            tls.close(socket);
        }
        self.tls = None;
        self.socket = None;
        self.worker = None;
        self.begun = 0;
        if let Some(pipeline) = &mut self.pipeline {
            pipeline.clear();
        }
        self.parser.reset();
    }

    /// Sends the PROXY header, if it is not sent yet.
    pub(crate) fn send_proxy_header(&mut self) -> Result<(), WireError> {
        if let (Some(header), Some(socket)) = (&self.proxy_header, &self.socket) {
            header.send(socket)?;
            self.proxy_header = None;
        }
        Ok(())
    }

    /// Sends bytes that always fit: no others wait.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN.into());
        };
        match &mut self.tls {
            None => send(socket, bytes).map(drop)?,
            Some(tls) => {
                tls.write(bytes)?;
                tls.flush(socket)?;
            }
        }
        Ok(())
    }

    /// Reads what has arrived; 0 at the end of the connection.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, WireError> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN.into());
        };
        match &mut self.tls {
            None => Ok(receive(socket, buffer)?),
            Some(tls) => tls.receive(socket, buffer),
        }
    }

    /// Whether the server has ended its TLS session.
    pub(crate) fn tls_is_closed(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.closed)
    }

    /// Whether the end of the connection is a regular end of its data, so that nothing was cut off.
    pub(crate) fn ends_gracefully(&self) -> bool {
        self.tls.as_ref().is_none_or(|tls| tls.closed)
    }

    /// Whether no byte of its request is sent.
    pub(crate) fn is_unsent(&self) -> bool {
        self.state == State::Busy && self.request.written == 0
    }

    /// Whether bytes wait for room in the socket.
    pub(crate) fn has_unwritten(&self) -> bool {
        let pipeline = self.pipeline.as_ref();
        !self.request.is_written || pipeline.is_some_and(|pipeline| !pipeline.is_written())
    }

    /// Writes as much of the requests as the socket takes.
    pub(crate) fn write(&mut self, prepared: &mut PreparedRequests) -> Result<(), WireError> {
        let Some(socket) = &self.socket else {
            return Err(Errno::NOTCONN.into());
        };
        let request = &mut self.request;
        let written = match (&mut self.pipeline, &mut self.tls) {
            (None, None) => write_plain(socket, prepared, request),
            (None, Some(tls)) => write_tls(socket, tls, prepared, request),
            (Some(pipeline), tls) => pipeline.write(socket, tls.as_deref_mut()),
        };
        match written {
            Err(error) if error.must_wait() => Ok(()),
            other => other,
        }
    }
}

fn write_plain(
    socket: &OwnedFd,
    prepared: &mut PreparedRequests,
    request: &mut Request,
) -> Result<(), WireError> {
    let (head, body) = prepared.bytes(request.draw, request.is_last);
    while !request.is_written {
        request.written += match request.written.checked_sub(head.len()) {
            None if body.is_empty() => send(socket, &head[request.written..])?,
            None => send_two(socket, &head[request.written..], body)?,
            Some(of_body) => send(socket, &body[of_body..])?,
        };
        request.is_written = request.written == head.len() + body.len();
    }
    Ok(())
}

fn write_tls(
    socket: &OwnedFd,
    tls: &mut Session,
    prepared: &mut PreparedRequests,
    request: &mut Request,
) -> Result<(), WireError> {
    let (head, body) = prepared.bytes(request.draw, request.is_last);
    while !request.is_written {
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
        request.is_written = request.written == head.len() + body.len();
    }
    Ok(())
}
