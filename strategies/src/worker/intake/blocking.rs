//! A thread that is blocked in accept(2), for a worker that waits no other way.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use tokio::net::TcpStream;
use tokio::sync::mpsc as to_runtime;

use super::listening::{BREATH, concerns_one_connection};
use crate::sys::interrupt;

/// Accepts in a thread of its own, one connection each time it is asked. So a worker that is
/// busy waits for nothing, as a server would that accepts and serves in turn.
pub(in crate::worker) struct Blocking {
    thread: JoinHandle<()>,
    ask: mpsc::Sender<()>,
    asked: bool,
    accepted: to_runtime::UnboundedReceiver<std::net::TcpStream>,
    closing: Arc<AtomicBool>,
}

impl Blocking {
    pub(super) fn start(listener: TcpListener) -> io::Result<Self> {
        interrupt::allow()?;
        // For all workers that share the socket; all of them want it so.
        listener.set_nonblocking(false)?;
        let (ask, asked) = mpsc::channel();
        // It never holds more than the one that was asked for, until the thread is to end.
        let (accepted, connections) = to_runtime::unbounded_channel();
        let closing = Arc::new(AtomicBool::new(false));
        let acceptor = Acceptor {
            listener,
            asked,
            accepted,
            closing: Arc::clone(&closing),
        };
        let thread = std::thread::Builder::new()
            .name("accept".into())
            .spawn(move || acceptor.run())?;
        Ok(Self {
            thread,
            ask,
            asked: false,
            accepted: connections,
            closing,
        })
    }

    /// The next connection. What it was asking for when it is dropped half-way is not lost: the
    /// next call, or [`close`](Self::close), has it.
    pub(super) async fn accept(&mut self) -> io::Result<Option<TcpStream>> {
        if !self.asked {
            self.asked = self.ask.send(()).is_ok();
        }
        let connection = self.accepted.recv().await;
        self.asked = false;
        connection.map(adopt).transpose()
    }

    /// Ends the thread, and gives what it accepts until nothing is queued.
    pub(super) fn close(mut self) -> io::Result<Vec<TcpStream>> {
        self.closing.store(true, Ordering::Relaxed);
        drop(self.ask);
        while !self.thread.is_finished() {
            interrupt::send(&self.thread)?;
            std::thread::sleep(BREATH);
        }
        let late = std::iter::from_fn(|| self.accepted.try_recv().ok());
        late.map(adopt).collect()
    }
}

fn adopt(connection: std::net::TcpStream) -> io::Result<TcpStream> {
    connection.set_nonblocking(true)?;
    TcpStream::from_std(connection)
}

/// What the thread works with.
struct Acceptor {
    listener: TcpListener,
    asked: mpsc::Receiver<()>,
    accepted: to_runtime::UnboundedSender<std::net::TcpStream>,
    closing: Arc<AtomicBool>,
}

impl Acceptor {
    fn run(self) {
        // Once nobody asks any more, whatever is still queued.
        while self.asked.recv().is_ok() || self.closing.load(Ordering::Relaxed) {
            let Some(connection) = self.accept() else {
                break;
            };
            if self.accepted.send(connection).is_err() {
                break;
            }
        }
    }

    /// A connection; `None` when it is time to end and none is queued.
    fn accept(&self) -> Option<std::net::TcpStream> {
        while !self.closing.load(Ordering::Relaxed) || self.has_queued() {
            match accept_with(&self.listener, SocketFlags::CLOEXEC) {
                Ok(connection) => return Some(connection.into()),
                Err(Errno::INTR) => {}
                Err(error) if concerns_one_connection(&error.into()) => {}
                Err(_) => std::thread::sleep(BREATH),
            }
        }
        None
    }

    /// A sibling may be quicker all the same: then accept(2) blocks until it is interrupted.
    fn has_queued(&self) -> bool {
        let mut socket = [PollFd::new(&self.listener, PollFlags::IN)];
        poll(&mut socket, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }
}
