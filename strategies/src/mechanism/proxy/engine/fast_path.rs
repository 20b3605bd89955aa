//! The fast path: plain requests, from bytes to bytes.
//!
//! Most requests are [plain]. All others take the slow path, together with their connection: hyper
//! gets the bytes that were read from the client. If a worker already has the request, hyper also
//! gets the worker's connection and the part of the answer that has arrived. The client's
//! connection stays on the slow path from then on. So both paths lead to the same answers, and
//! this one handles only the easy ones.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::shared::{Proxy, is_worker_failure};
use super::worker_connection::WorkerConnection;
use super::{
    attempt::Attempt, client::Client, error::ProxyError, lease::Lease, plain, plain::Added,
    read_buffer::ReadBuffer, rest::Rest,
};
use crate::dispatch::client_watch::Watched;
use crate::policy::{AffinitySource, Arrival};

/// A client's connection that continues on the slow path.
pub(super) struct Unfinished {
    pub(super) stream: Watched<TcpStream>,
    /// Bytes that were read from the client and not answered yet.
    pub(super) received: Bytes,
    pub(super) attempt: Option<Attempt>,
}

/// Bytes of heads: the size of hyper's first read, and enough for nearly every one.
const HEADS: usize = 8 * 1024;

struct FastPath<'a> {
    proxy: &'a Proxy,
    client: &'a Client,
    stream: Watched<TcpStream>,
    received: ReadBuffer,
    /// What is sent next, to the worker or to the client.
    out: Vec<u8>,
}

enum Outcome {
    /// The answer is ready to be sent up to its rest, as the last one on the connection or not.
    Answered {
        last: bool,
        rest: Option<Rest>,
    },
    /// The slow path continues.
    NotPlain(Option<Attempt>),
    ClientGone,
}

/// Serves a connection as long as its requests are plain and the proxy does not drain. Returns
/// `None` if the connection has ended.
pub(super) async fn serve(
    stream: Watched<TcpStream>,
    client: &Client,
    proxy: &Proxy,
) -> Option<Unfinished> {
    let path = FastPath {
        proxy,
        client,
        stream,
        received: ReadBuffer::new(HEADS),
        out: Vec::new(),
    };
    // Requests that name the address of a client are not plain.
    if proxy.affinity_source == AffinitySource::ForwardedFor {
        return Some(path.leave(None));
    }
    path.run().await
}

impl FastPath<'_> {
    async fn run(mut self) -> Option<Unfinished> {
        let client = self.client;
        let address = client.address_field.to_str().unwrap_or_default();
        let mut draining = client.draining.clone();
        let mut draining = pin!(draining.begin());
        loop {
            if self.received.bytes().is_empty() && !self.next_request(draining.as_mut()).await? {
                return Some(self.leave(None));
            }
            let bytes = self.received.bytes();
            let request = plain::request(bytes, address, &mut self.out);
            let Some(length) = request.filter(|_| !client.draining.has_begun()) else {
                return Some(self.leave(None));
            };
            client.progress.request_complete();
            let key = self.proxy.affinity_source.key_of_plain(&self.out);
            let (last, rest) = match self.exchange(key).await {
                Outcome::Answered { last, rest } => (last, rest),
                Outcome::NotPlain(attempt) => return Some(self.leave(attempt)),
                Outcome::ClientGone => return None,
            };
            self.received.consume(length);
            self.send(rest).await.ok()?;
            client.progress.answered();
            if last {
                // The client may have closed the connection by now.
                let _ = self.stream.shutdown().await;
                return None;
            }
        }
    }

    /// Sends the answer in `out`, and its rest.
    async fn send(&mut self, rest: Option<Rest>) -> io::Result<()> {
        self.stream.write_all(&self.out).await?;
        // The memory of a large piece would be kept as long as the connection.
        self.out.clear();
        self.out.shrink_to(HEADS);
        let Some(rest) = rest else { return Ok(()) };
        let sent = rest.send(&mut self.stream, &self.proxy.piece_buffer).await;
        if sent.is_err() {
            // As on the slow path, the client sees that the answer is incomplete.
            let _set = self.stream.get_ref().set_zero_linger();
        }
        sent
    }

    fn leave(self, attempt: Option<Attempt>) -> Unfinished {
        Unfinished {
            received: self.received.to_bytes(),
            stream: self.stream,
            attempt,
        }
    }

    /// Waits for bytes from the client, or for `end`. Returns whether bytes have arrived, and
    /// `None` if the client is gone.
    async fn next_request(&mut self, mut end: Pin<&mut impl Future<Output = ()>>) -> Option<bool> {
        poll_fn(|cx| {
            if let Poll::Ready(received) = self.received.poll_fill(&mut self.stream, cx) {
                return Poll::Ready(received.unwrap_or(false).then_some(true));
            }
            end.as_mut().poll(cx).map(|()| Some(false))
        })
        .await
    }

    /// Sends the request in `out`, with this affinity key, to a worker, and replaces it there by the answer. If
    /// the client resets its connection meanwhile, the request is cancelled.
    async fn exchange(&mut self, affinity_key: Option<u64>) -> Outcome {
        let Self {
            proxy,
            client,
            stream,
            received,
            out,
        } = self;
        let asked = ask(proxy, client, affinity_key, out);
        let answered = timeout(proxy.answer_timeout, asked);
        let mut answered = pin!(answered);
        let mut ended = false;
        poll_fn(|cx| {
            if let Poll::Ready(answered) = answered.as_mut().poll(cx) {
                let timed_out = |_| Outcome::NotPlain(Some(Attempt::Failed(ProxyError::Timeout)));
                return Poll::Ready(answered.unwrap_or_else(timed_out));
            }
            // Bytes that arrive now are the next request. They stay in the buffer.
            // The end of the client's sending half leaves the answer to be sent.
            while !ended
                && received.has_room()
                && let Poll::Ready(more) = received.poll_fill(stream, cx)
            {
                match more {
                    Ok(more) => ended = !more,
                    Err(_reset) => return Poll::Ready(Outcome::ClientGone),
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Sends the request in `out` to the worker that the policy picks, and waits for its answer.
async fn ask(
    proxy: &Proxy,
    client: &Client,
    affinity_key: Option<u64>,
    out: &mut Vec<u8>,
) -> Outcome {
    let arrival = Arrival {
        client: client.address,
        at: proxy.upstreams.queue.now(),
        affinity_key,
    };
    proxy.guard.request(arrival.at);
    let Some(lease) = Lease::acquire(&proxy.upstreams, &arrival, None).await else {
        return Outcome::NotPlain(Some(Attempt::Failed(ProxyError::NoWorker)));
    };
    let life = lease.worker.life;
    let asked = ask_worker(proxy, client, affinity_key, lease, out);
    match proxy.guard.try_plain(asked).await {
        Some(outcome) => outcome,
        None => {
            proxy.upstreams.queue.report(life, || true);
            Outcome::NotPlain(Some(Attempt::TimedOut(life)))
        }
    }
}

/// Sends the request in `out` to the worker of the lease, and waits for its answer.
async fn ask_worker(
    proxy: &Proxy,
    client: &Client,
    affinity_key: Option<u64>,
    lease: Lease,
    out: &mut Vec<u8>,
) -> Outcome {
    let failed = |error| Outcome::NotPlain(Some(Attempt::Failed(error)));
    let kept = lease.pool().take_plain();
    let is_kept = kept.is_some();
    let mut worker = match kept {
        Some(worker) => worker,
        None => match proxy.connect(&lease).await {
            Ok(worker) => worker,
            Err(error) if is_worker_failure(error) => {
                lease.pass_over();
                return Outcome::NotPlain(Some(Attempt::Unreachable));
            }
            Err(_) => return failed(ProxyError::NoPortOrDescriptor),
        },
    };
    let reply = match worker.write_all(out).await {
        Ok(()) => {
            let added = || Added {
                last: client.must_end(),
                cookie: proxy
                    .affinity_source
                    .cookie(affinity_key, lease.worker.life.place),
            };
            let reply = poll_fn(|cx| poll_reply(proxy, added, &mut worker, out, cx));
            match proxy.guard.before_hedge(reply).await {
                Some(reply) => reply,
                None => return late(lease, worker).await,
            }
        }
        Err(error) => Err(error),
    };
    let attempt = match reply {
        Ok(Reply::Plain { last, left: 0 }) => {
            lease.report(|| plain::has_failed(out));
            proxy.guard.answered(|| lease.begin.elapsed());
            lease.give_back_plain(worker);
            return Outcome::Answered { last, rest: None };
        }
        Ok(Reply::Plain { last, left }) => {
            lease.report(|| plain::has_failed(out));
            proxy.guard.answered(|| lease.begin.elapsed());
            let rest = Some(Rest {
                worker,
                lease,
                left,
            });
            return Outcome::Answered { last, rest };
        }
        Ok(Reply::Other(bytes)) => match WorkerConnection::after_request(worker, bytes).await {
            Ok(connection) => Attempt::Answering(lease, connection),
            Err(_) => Attempt::Closed(lease.worker.life),
        },
        Ok(Reply::End) | Err(_) if is_kept => Attempt::Stale(lease),
        Ok(Reply::End) | Err(_) => {
            lease.report(|| true);
            Attempt::Closed(lease.worker.life)
        }
    };
    Outcome::NotPlain(Some(attempt))
}

/// Leaves a request to the slow path whose worker takes longer than most.
async fn late(lease: Lease, worker: TcpStream) -> Outcome {
    let life = lease.worker.life;
    let connection = WorkerConnection::after_request(worker, Bytes::new()).await;
    Outcome::NotPlain(Some(match connection {
        Ok(connection) => Attempt::Late(lease, connection),
        Err(_) => Attempt::Closed(life),
    }))
}

/// What the first read from a worker brought.
enum Reply {
    /// A plain answer. It is in `out`, as the last one on the connection or not, except for a number of bytes.
    Plain {
        last: bool,
        left: usize,
    },
    Other(Bytes),
    End,
}

fn poll_reply(
    proxy: &Proxy,
    added: impl Fn() -> Added,
    worker: &mut TcpStream,
    out: &mut Vec<u8>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Reply>> {
    let mut buffer = proxy.answer_buffer.borrow_mut();
    buffer.clear();
    let more = ready!(buffer.poll_fill(worker, cx))?;
    let added = added();
    Poll::Ready(Ok(if !more {
        Reply::End
    } else if proxy.guard.retries() && plain::has_failed(buffer.bytes()) {
        Reply::Other(buffer.to_bytes())
    } else if let Some(left) = plain::answer(buffer.bytes(), added, out) {
        Reply::Plain {
            last: added.last,
            left,
        }
    } else {
        Reply::Other(buffer.to_bytes())
    }))
}
