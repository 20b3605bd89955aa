//! Draining: how connections end when their process must end.
//!
//! If a process closes an idle connection, a request may be on its way, and is lost. So for a while
//! every answer announces that it is the last one (`connection: close`). Connections that are idle after
//! that are closed.

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use hyper::Result;
use hyper::body::{Body, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1::Connection;
use hyper::service::HttpService;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long idle connections stay open, to be closed by a last answer. A busy client sends its next
/// request within milliseconds. For other clients a lost request is unlikely.
pub(super) const LAST_REQUESTS: Duration = Duration::from_millis(250);

/// How long connections may take to end in order before the time is up. One message does it, but a busy machine may
/// keep a process waiting for hundreds of milliseconds.
const ORDERLY_END: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    /// Every answer closes its connection.
    LastRequests,
    /// Idle connections are closed.
    Closing,
}

#[derive(Debug)]
pub(crate) struct Drain(watch::Sender<Stage>);

/// The view of one connection, which counts as open until this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Draining(watch::Receiver<Stage>);

impl Drain {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Stage::Serving))
    }

    /// Returns the view for a new connection.
    pub(crate) fn draining(&self) -> Draining {
        Draining(self.0.subscribe())
    }

    /// Drains all connections. Returns when all have ended or the time is up.
    pub(crate) async fn run(self, within: Duration) {
        self.close_all(LAST_REQUESTS, within).await;
    }

    /// Drains all connections. An idle one stays open until its next request, or until the time is nearly up,
    /// so that no request is lost on its way. Then there is time to end it in order.
    pub(crate) async fn run_until_clients_ask(self, within: Duration) {
        self.close_all(within - ORDERLY_END.min(within / 2), within)
            .await;
    }

    async fn close_all(self, idle_within: Duration, within: Duration) {
        let all_ended = async {
            self.0.send_replace(Stage::LastRequests);
            if timeout(idle_within, self.0.closed()).await.is_err() {
                self.0.send_replace(Stage::Closing);
                self.0.closed().await;
            }
        };
        // Connections that are still open end with the process.
        let _in_time = timeout(within, all_ended).await;
    }
}

impl Draining {
    /// Whether draining has begun, so that answers must close their connections.
    pub(crate) fn has_begun(&self) -> bool {
        // Only stages of draining are sent, and this receiver never marks them as seen.
        self.0.has_changed().unwrap_or(true)
    }

    /// Waits for a future. Returns `None` if idle connections are closed before it is done.
    pub(crate) async fn unless_closing<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let mut stage = self.0.clone();
        tokio::select! {
            biased;
            done = what => Some(done),
            _ = stage.wait_for(|stage| *stage == Stage::Closing) => None,
        }
    }

    /// Waits for a future, or until draining begins.
    pub(crate) async fn unless_begun(mut self, what: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = what => {}
            () = self.begin() => {}
        }
    }

    pub(crate) async fn begin(&mut self) {
        // If the sender is dropped at the end of the process, this returns too.
        let _stage = self.0.wait_for(|stage| *stage != Stage::Serving).await;
    }

    /// Serves a connection until it ends. Once idle connections are closed, it ends after the request in
    /// flight.
    pub(crate) async fn serve<I, S>(mut self, connection: &mut Connection<I, S>) -> Result<()>
    where
        I: Read + Write + Unpin,
        S: HttpService<Incoming>,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::ResBody: Body + 'static,
        <S::ResBody as Body>::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let closing = self.0.wait_for(|stage| *stage == Stage::Closing);
        tokio::select! {
            // Arrived requests are read before the connection is closed.
            biased;
            ended = &mut *connection => return ended,
            _ = closing => {}
        }
        Pin::new(&mut *connection).graceful_shutdown();
        connection.await
    }
}
