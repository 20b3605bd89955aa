//! The road of plain requests, which most are: from bytes to bytes.
//!
//! What is not [plain] goes the other road, with its connection: hyper is given what was read of
//! it, and if the request is with a worker already, what came of the answer. That connection stays
//! there. So both roads lead to the same answers, and this one has only the easy ones.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::Client;
use super::forward::{Proxy, is_the_workers};
use super::lease::Lease;
use super::plain;
use super::received::Received;
use super::refusal::Refusal;
use super::upstream::Upstream;
use crate::policy::{AffinitySource, Arrival};

/// What became of a request that was plain, when its answer is not.
pub(super) enum Begun {
    /// It is with a worker, from which something came.
    Asked(Lease, Upstream),
    /// This worker has closed the connection without an answer.
    Failed(usize),
    Refused(Refusal),
}

/// A client's connection as it goes on to hyper.
pub(super) struct Rest {
    pub(super) stream: TcpStream,
    pub(super) received: Bytes,
    pub(super) begun: Option<Begun>,
}

/// A client's connection on this road.
struct Lane<'a> {
    proxy: &'a Proxy,
    client: &'a Client,
    stream: TcpStream,
    received: Received,
    /// What is sent next, to either side.
    out: Vec<u8>,
}

/// What became of an exchange with a worker.
enum Exchange {
    /// The answer is to be sent, as the last one on the connection or not.
    Answered {
        last: bool,
    },
    /// It is hyper's turn.
    NotPlain(Option<Begun>),
    ClientIsGone,
}

/// Serves a connection for as long as it is plain, or until the proxy drains; `None` if that was
/// to its end.
pub(super) async fn serve(stream: TcpStream, client: &Client, proxy: &Proxy) -> Option<Rest> {
    let mut lane = Lane {
        proxy,
        client,
        stream,
        received: Received::new(),
        out: Vec::new(),
    };
    if proxy.affinity_source != AffinitySource::None {
        return Some(lane.rest(None));
    }
    let address = client.address_field.to_str().unwrap_or_default();
    let mut draining = client.draining.clone();
    let mut draining = pin!(draining.begin());
    loop {
        if lane.received.bytes().is_empty() && !lane.next_request(draining.as_mut()).await? {
            return Some(lane.rest(None));
        }
        let bytes = lane.received.bytes();
        let request = plain::request(bytes, address, &mut lane.out);
        let Some(length) = request.filter(|_| !client.draining.has_begun()) else {
            return Some(lane.rest(None));
        };
        let last = match lane.exchange().await {
            Exchange::Answered { last } => last,
            Exchange::NotPlain(begun) => return Some(lane.rest(begun)),
            Exchange::ClientIsGone => return None,
        };
        lane.received.consume(length);
        lane.stream.write_all(&lane.out).await.ok()?;
        if last {
            // It may be shut down from the other side by now.
            let _ = lane.stream.shutdown().await;
            return None;
        }
    }
}

impl Lane<'_> {
    fn rest(self, begun: Option<Begun>) -> Rest {
        Rest {
            received: self.received.to_bytes(),
            stream: self.stream,
            begun,
        }
    }

    /// Whether something came, and not the end of all requests; `None` if the client is gone.
    async fn next_request(&mut self, mut end: Pin<&mut impl Future<Output = ()>>) -> Option<bool> {
        poll_fn(|cx| {
            if let Poll::Ready(received) = self.received.poll_fill(&mut self.stream, cx) {
                return Poll::Ready(received.unwrap_or(false).then_some(true));
            }
            end.as_mut().poll(cx).map(|()| Some(false))
        })
        .await
    }

    /// Sends the request in `out` to a worker and receives its answer, which then is there
    /// instead. A client that goes away meanwhile takes the request along.
    async fn exchange(&mut self) -> Exchange {
        let Self {
            proxy,
            client,
            stream,
            received,
            out,
        } = self;
        let answered = timeout(proxy.answer_timeout, ask(proxy, client, out));
        let mut answered = pin!(answered);
        poll_fn(|cx| {
            if let Poll::Ready(answered) = answered.as_mut().poll(cx) {
                let silent = |_| Exchange::NotPlain(Some(Begun::Refused(Refusal::Silent)));
                return Poll::Ready(answered.unwrap_or_else(silent));
            }
            // Bytes are the next request, which waits for its turn.
            while received.has_room()
                && let Poll::Ready(more) = received.poll_fill(stream, cx)
            {
                if !more.unwrap_or(false) {
                    return Poll::Ready(Exchange::ClientIsGone);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Has a worker that the policy picks answer the request in `out`.
async fn ask(proxy: &Proxy, client: &Client, out: &mut Vec<u8>) -> Exchange {
    let arrival = Arrival {
        client: client.address,
        at: proxy.workers.now(),
        affinity_key: None,
    };
    let Some(lease) = proxy.workers.lease(&arrival, None).await else {
        return Exchange::NotPlain(Some(Begun::Refused(Refusal::NoWorker)));
    };
    let mut worker = match lease.take_plain() {
        Some(worker) => worker,
        None => match proxy.connect(&lease).await {
            Ok(worker) => worker,
            Err(error) if is_the_workers(error) => {
                lease.pass_over();
                return Exchange::NotPlain(None);
            }
            Err(_) => return Exchange::NotPlain(Some(Begun::Refused(Refusal::Exhausted))),
        },
    };
    let heard = match worker.write_all(out).await {
        Ok(()) => poll_fn(|cx| poll_answer(proxy, client, &mut worker, out, cx)).await,
        Err(error) => Err(error),
    };
    match heard {
        Ok(Heard::Answer { last }) => {
            lease.give_back_plain(worker);
            Exchange::Answered { last }
        }
        Ok(Heard::Other(bytes)) => match Upstream::of_exchange(worker, bytes).await {
            Ok(upstream) => Exchange::NotPlain(Some(Begun::Asked(lease, upstream))),
            Err(_) => Exchange::NotPlain(Some(Begun::Failed(lease.worker()))),
        },
        Ok(Heard::End) | Err(_) => Exchange::NotPlain(Some(Begun::Failed(lease.worker()))),
    }
}

/// What came from a worker.
enum Heard {
    /// A plain answer, which is ready for the client, as the last one or not.
    Answer {
        last: bool,
    },
    Other(Bytes),
    End,
}

fn poll_answer(
    proxy: &Proxy,
    client: &Client,
    worker: &mut TcpStream,
    out: &mut Vec<u8>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Heard>> {
    // One for all, as nothing of an answer stays there.
    let mut received = proxy.received.borrow_mut();
    received.clear();
    let more = ready!(received.poll_fill(worker, cx))?;
    let last = client.draining.has_begun();
    Poll::Ready(Ok(if !more {
        Heard::End
    } else if plain::answer(received.bytes(), last, out) {
        Heard::Answer { last }
    } else {
        Heard::Other(received.to_bytes())
    }))
}
