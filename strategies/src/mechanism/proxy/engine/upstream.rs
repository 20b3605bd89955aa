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

use super::body::Upload;
use super::replay::Replay;

/// A connection to a worker without a task of its own: it moves while its holder
/// [drives](Self::drive) it.
pub(super) struct Upstream {
    requests: SendRequest<Upload>,
    /// Boxed, as it is large and its holder changes several times in a request.
    connection: Option<Box<Connection<TokioIo<Replay>, Upload>>>,
    ended: bool,
}

impl Upstream {
    /// A connection on which nothing was said yet.
    pub(super) async fn new(stream: TcpStream) -> io::Result<Self> {
        Self::over(Replay::of_read(stream, Bytes::new())).await
    }

    /// A connection on which a request was sent and these bytes of its answer were received. The
    /// same request is to be the first that is exchanged.
    pub(super) async fn of_exchange(stream: TcpStream, received: Bytes) -> io::Result<Self> {
        Self::over(Replay::of_exchange(stream, received)).await
    }

    async fn over(connection: Replay) -> io::Result<Self> {
        let (requests, connection) = http1::handshake(TokioIo::new(connection))
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
    /// Where the error has the request with it, not a byte of it was sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Upload>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Upload>>> {
        // The answer comes from the connection, and only while it is driven right here. So the
        // answer need not wake this task, and must not be held up by the task's budget.
        let mut answer = pin!(unconstrained(self.requests.try_send_request(request)));
        let mut unwoken = Context::from_waker(Waker::noop());
        poll_fn(|cx| {
            self.drive(cx);
            match answer.as_mut().poll(&mut unwoken) {
                Poll::Pending if self.ended => {
                    // A connection that has ended gives the request back when it is dropped.
                    self.connection = None;
                    answer.as_mut().poll(&mut unwoken)
                }
                answered => answered,
            }
        })
        .await
    }

    /// Moves what can be moved, and has the task woken when there is more.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.ended
            && let Some(connection) = &mut self.connection
        {
            // An error goes to whoever waits for the answer or its body.
            self.ended = Pin::new(&mut **connection).poll(cx).is_ready();
        }
    }

    /// Whether the last exchange is over and another one may follow.
    ///
    /// The connection forgets the task that drove it: what happens while it is idle wakes nobody.
    pub(super) fn rest(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.ended && self.requests.is_ready()
    }

    /// The bare connection, if it has nothing to do.
    pub(super) fn into_idle(mut self) -> Option<TcpStream> {
        if !self.rest() {
            return None;
        }
        let parts = self.connection?.into_parts();
        let (stream, unread) = parts.io.into_inner().into_parts();
        (parts.read_buf.is_empty() && unread.is_empty()).then_some(stream)
    }

    /// The bare connection after a 101, and what the worker has sent behind it.
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
