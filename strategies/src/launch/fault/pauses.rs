//! Processes that are stopped now and then.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::{stopped::Stopped, target::Target};

/// A thread that stops processes again and again, until this is dropped. They go on then.
#[derive(Debug)]
pub(super) struct Pauses {
    /// `None` once the thread is to end.
    open: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pauses {
    /// Begins with a pause.
    pub(super) fn start(
        targets: Vec<Target>,
        stopped: Duration,
        every: Duration,
    ) -> io::Result<Self> {
        let (open, closed) = mpsc::channel();
        let thread = thread::Builder::new().name("pauses".into());
        let thread = thread.spawn(move || pause(&targets, stopped, every, &closed))?;
        Ok(Self {
            open: Some(open),
            thread: Some(thread),
        })
    }
}

/// Pauses are due at fixed times, so that a late one delays none after it. It ends early when the processes
/// have ended.
fn pause(targets: &[Target], stopped: Duration, every: Duration, closed: &Receiver<()>) {
    let is_over_at = |at: Instant| {
        let left = at.saturating_duration_since(Instant::now());
        closed.recv_timeout(left) != Err(RecvTimeoutError::Timeout)
    };
    let mut due = Instant::now();
    while let Ok(pause) = Stopped::stop(targets) {
        let is_over = is_over_at(due + stopped);
        drop(pause);
        due += every;
        if is_over || is_over_at(due) {
            return;
        }
    }
}

impl Drop for Pauses {
    fn drop(&mut self) {
        self.open = None;
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}
