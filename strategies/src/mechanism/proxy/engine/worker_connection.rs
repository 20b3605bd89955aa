//! A connection to a worker.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::unconstrained;

use super::{replay::Replay, request_body::RequestBody};

/// Maximum number of bytes of the head of an answer, one and a half of HAProxy's buffers (`tune.bufsize`), and so
/// of its first piece; on the slow path of every piece. For a client that does not read, that path keeps one
/// piece, so that with all else that its connection needs it takes less than 64 KiB. It does not let the buffer
/// grow with the answer, which would leave holes in memory.
pub(super) const FIRST_PIECE: usize = 24 * 1024;

/// A connection to a worker. It has no task of its own and makes progress only while its owner
/// [drives](Self::drive) it.
pub(super) struct WorkerConnection {
    requests: SendRequest<RequestBody>,
    /// Boxed, since it is large and changes its owner several times per request.
    connection: Option<Box<Connection<TokioIo<Replay>, RequestBody>>>,
    ended: bool,
}

/// Returns how answers are read.
pub(super) fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        // A proxy mends these faults of answers (RFC 9112 §5.1 and §5.2).
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .read_buf_exact_size(Some(FIRST_PIECE));
    protocol
}

impl WorkerConnection {
    /// Wraps a connection that carries no request.
    pub(super) async fn new(stream: TcpStream) -> io::Result<Self> {
        Self::over(Replay::after_read(stream, Bytes::new())).await
    }

    /// Wraps a connection on which a request was sent and these bytes of its answer were received.
    /// The first [exchange](Self::exchange) must be that request.
    pub(super) async fn after_request(stream: TcpStream, received: Bytes) -> io::Result<Self> {
        Self::over(Replay::after_request(stream, received)).await
    }

    async fn over(connection: Replay) -> io::Result<Self> {
        let (requests, connection) = protocol()
            .handshake(TokioIo::new(connection))
            .await
            .map_err(io::Error::other)?;
        Ok(Self {
            requests,
            connection: Some(Box::new(connection)),
            ended: false,
        })
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// If the error contains the request, no byte of it was sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        // The answer comes from the connection, and only while it is driven here. So the answer
        // need not wake this task, and must not be delayed by the task's budget.
        let mut answer = pin!(unconstrained(self.requests.try_send_request(request)));
        let mut context = Context::from_waker(Waker::noop());
        poll_fn(|cx| {
            self.drive(cx);
            match answer.as_mut().poll(&mut context) {
                Poll::Pending if self.ended => {
                    // A connection that has ended returns the request when it is dropped.
                    self.connection = None;
                    answer.as_mut().poll(&mut context)
                }
                answered => answered,
            }
        })
        .await
    }

    /// Reads and writes what is possible, and wakes the task when there is more to do.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.ended
            && let Some(connection) = &mut self.connection
        {
            // The future of the answer, or its body, returns the error.
            self.ended = Pin::new(&mut **connection).poll(cx).is_ready();
        }
    }

    /// Whether the last exchange is over and another one may follow.
    ///
    /// The connection forgets the task that drove it, so events on an idle connection wake no task.
    pub(super) fn is_idle(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.requests.is_ready()
    }

    /// Unwraps the connection if it is idle and has no unread bytes.
    pub(super) fn into_idle(mut self) -> Option<TcpStream> {
        if !self.is_idle() {
            return None;
        }
        let parts = self.connection?.into_parts();
        let (stream, unread) = parts.io.into_inner().into_parts();
        (parts.read_buf.is_empty() && unread.is_empty()).then_some(stream)
    }

    /// Unwraps the connection after a 101, with the bytes that the worker has sent after it.
    pub(super) async fn into_stream(mut self) -> Option<(TcpStream, Bytes)> {
        poll_fn(|cx| {
            self.drive(cx);
            if self.ended {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let parts = self.connection?.into_parts();
        let (stream, unread) = parts.io.into_inner().into_parts();
        Some((stream, [parts.read_buf, unread].concat().into()))
    }
}
