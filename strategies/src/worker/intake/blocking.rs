//! A thread that blocks in accept(2).

use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use tokio::net::TcpStream;
use tokio::sync::mpsc as to_runtime;

use super::listening::{RETRY_DELAY, concerns_one_connection};
use crate::sys::interrupt;

/// Accepts in its own thread, one connection per request of the worker. So a busy worker accepts
/// nothing, like a server that accepts and serves in turn.
pub(in crate::worker) struct Blocking {
    thread: JoinHandle<()>,
    requests: mpsc::Sender<()>,
    has_requested: bool,
    accepted: to_runtime::UnboundedReceiver<std::net::TcpStream>,
    closing: Arc<AtomicBool>,
}

impl Blocking {
    pub(super) fn start(listener: TcpListener) -> io::Result<Self> {
        interrupt::allow()?;
        // This affects all workers that share the socket. All of them need it.
        listener.set_nonblocking(false)?;
        let (requests, requested) = mpsc::channel();
        // It holds at most the one requested connection, until the thread must end.
        let (accepted, connections) = to_runtime::unbounded_channel();
        let closing = Arc::new(AtomicBool::new(false));
        let acceptor = Acceptor {
            listener,
            requested,
            accepted,
            closing: Arc::clone(&closing),
        };
        let thread = std::thread::Builder::new()
            .name("accept".into())
            .spawn(move || acceptor.run())?;
        Ok(Self {
            thread,
            requests,
            has_requested: false,
            accepted: connections,
            closing,
        })
    }

    /// Waits for the next connection. If the future is dropped, the connection is not lost: the next
    /// call, or [`close`](Self::close), returns it.
    pub(super) async fn accept(&mut self) -> io::Result<Option<TcpStream>> {
        if !self.has_requested {
            self.has_requested = self.requests.send(()).is_ok();
        }
        let connection = self.accepted.recv().await;
        self.has_requested = false;
        connection.map(adopt).transpose()
    }

    /// Ends the thread, and returns all queued connections.
    pub(super) fn close(mut self) -> io::Result<Vec<TcpStream>> {
        self.closing.store(true, Ordering::Relaxed);
        drop(self.requests);
        while !self.thread.is_finished() {
            interrupt::send(&self.thread)?;
            std::thread::sleep(RETRY_DELAY);
        }
        let late = std::iter::from_fn(|| self.accepted.try_recv().ok());
        late.map(adopt).collect()
    }
}

fn adopt(connection: std::net::TcpStream) -> io::Result<TcpStream> {
    connection.set_nonblocking(true)?;
    TcpStream::from_std(connection)
}

struct Acceptor {
    listener: TcpListener,
    requested: mpsc::Receiver<()>,
    accepted: to_runtime::UnboundedSender<std::net::TcpStream>,
    closing: Arc<AtomicBool>,
}

impl Acceptor {
    fn run(self) {
        // When the intake closes, it also accepts what is still queued.
        while self.requested.recv().is_ok() || self.closing.load(Ordering::Relaxed) {
            let Some(connection) = self.accept() else {
                break;
            };
            if self.accepted.send(connection).is_err() {
                break;
            }
        }
    }

    /// Accepts a connection. Returns `None` if the intake closes and none is queued.
    fn accept(&self) -> Option<std::net::TcpStream> {
        while !self.closing.load(Ordering::Relaxed) || self.has_queued() {
            // Unlike rustix, nix returns a bare number and std repeats an interrupted call.
            match accept_with(&self.listener, SocketFlags::CLOEXEC) {
                Ok(connection) => return Some(connection.into()),
                Err(Errno::INTR) => {}
                Err(error) if concerns_one_connection(&error.into()) => {}
                Err(_) => std::thread::sleep(RETRY_DELAY),
            }
        }
        None
    }

    /// Whether a connection is queued. If another worker accepts it first, accept(2) blocks until it is
    /// interrupted again.
    fn has_queued(&self) -> bool {
        let mut socket = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        poll(&mut socket, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }
}
