//! Interim answers (1xx, RFC 9110 §15.2): hyper receives them, but cannot send them.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use http::header::{CONTENT_LENGTH, VIA};
use http::{HeaderMap, Request, StatusCode, Version};
use hyper::ext::on_informational;
use tokio::io::AsyncWrite;

use super::fields::received_by;
use super::hop_by_hop::remove_hop_by_hop;

/// Maximum number of bytes that wait for a client that does not read. Later interim answers are left
/// out, as any of them may be. A usual one has some hundred bytes.
const ROOM: usize = 16 * 1024;

/// Interim answers of workers that wait to be sent to a client. Shared with a callback of hyper, which
/// has to be `Send`, although all of it happens on one thread.
#[derive(Clone, Default)]
pub(super) struct InterimAnswers(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// The task that waits until nothing waits.
    sender: Option<Waker>,
}

impl InterimAnswers {
    /// Collects the interim answers to a request, unless its client is too old to know them.
    pub(super) fn collect<B>(&self, client: Version, request: &mut Request<B>) {
        if client != Version::HTTP_10 {
            let answers = self.clone();
            on_informational(request, move |answer| {
                let fields = answer.headers().clone();
                answers.add(answer.status(), answer.version(), fields);
            });
        }
    }

    fn add(&self, status: StatusCode, version: Version, mut fields: HeaderMap) {
        remove_hop_by_hop(&mut fields);
        fields.remove(CONTENT_LENGTH);
        fields.append(VIA, received_by(version));
        let mut waiting = self.waiting();
        if waiting.bytes.len() > ROOM {
            return;
        }
        let bytes = &mut waiting.bytes;
        let reason = status.canonical_reason().unwrap_or_default();
        bytes.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).as_bytes());
        for (name, value) in &fields {
            bytes.extend_from_slice(name.as_ref());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
    }

    /// Waits until all are sent, since the final answer must not overtake them.
    pub(super) async fn sent(&self) {
        poll_fn(|cx| {
            let mut waiting = self.waiting();
            if waiting.bytes.is_empty() {
                return Poll::Ready(());
            }
            waiting.sender = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Sends them. Call it between two answers.
    pub(super) fn poll_send(
        &self,
        mut client: Pin<&mut impl AsyncWrite>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut waiting = self.waiting();
        while !waiting.bytes.is_empty() {
            let sent = ready!(client.as_mut().poll_write(cx, &waiting.bytes))?;
            if sent == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            waiting.bytes.drain(..sent);
        }
        if let Some(sender) = waiting.sender.take() {
            sender.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
