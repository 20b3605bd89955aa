//! How connections end when their process is asked to: told first, closed later.
//!
//! A connection that is closed while it is idle may cross a request on its way, which is then
//! lost although nothing was wrong with it. So for a while answers only say that they are the
//! last (`connection: close`), and what is still idle after that is closed.

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

/// For how long idle connections stay open to be told by an answer. A client that keeps its
/// connections busy asks again within milliseconds; one that does not can hardly be hit.
const LAST_REQUESTS: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    /// Every answer is the last one on its connection.
    LastRequests,
    /// Idle connections are closed.
    Closing,
}

/// Ends all connections of a process.
#[derive(Debug)]
pub(crate) struct Drain(watch::Sender<Stage>);

/// A connection's view of it; it counts as open until this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Draining(watch::Receiver<Stage>);

impl Drain {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Stage::Serving))
    }

    /// For a new connection.
    pub(crate) fn draining(&self) -> Draining {
        Draining(self.0.subscribe())
    }

    /// Ends all connections in good order. Returns when that is done or the time is up.
    pub(crate) async fn run(self, within: Duration) {
        let all_ended = async {
            self.0.send_replace(Stage::LastRequests);
            if timeout(LAST_REQUESTS, self.0.closed()).await.is_err() {
                self.0.send_replace(Stage::Closing);
                self.0.closed().await;
            }
        };
        // What is open beyond the deadline ends with the process.
        let _in_time = timeout(within, all_ended).await;
    }
}

impl Draining {
    /// Whether answers are the last ones on their connections by now.
    pub(crate) fn has_begun(&self) -> bool {
        // Nothing is sent but the stages of the end, and nobody marks them as seen here.
        self.0.has_changed().unwrap_or(true)
    }

    /// What it comes to, or `None` if idle connections are closed before.
    pub(crate) async fn unless_closing<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let mut stage = self.0.clone();
        tokio::select! {
            biased;
            done = what => Some(done),
            _ = stage.wait_for(|stage| *stage == Stage::Closing) => None,
        }
    }

    /// Waits until answers are the last ones on their connections.
    pub(crate) async fn begin(&mut self) {
        // The end of the process, which drops the sender, is the end of waiting too.
        let _stage = self.0.wait_for(|stage| *stage != Stage::Serving).await;
    }

    /// Serves a connection to its end, or to the end of what is in flight once idle ones are
    /// closed.
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
            // What has come is read before it is asked whether to close.
            biased;
            ended = &mut *connection => return ended,
            _ = closing => {}
        }
        Pin::new(&mut *connection).graceful_shutdown();
        connection.await
    }
}
