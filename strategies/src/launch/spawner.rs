//! Threads that start processes and exist as long as these.
//!
//! A child asks the kernel to be killed when its parent dies (PR_SET_PDEATHSIG). For the kernel the
//! parent is the *thread* that started the child, and a test or a trial may run on a thread that ends
//! earlier. A child is also in the namespaces of that thread.

use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError, mpsc};

/// A thread that starts processes. Dropping this ends the thread and these processes.
#[derive(Debug)]
pub(crate) struct Spawner(mpsc::Sender<Request>);

#[derive(Debug)]
struct Request {
    command: Command,
    answer: mpsc::SyncSender<io::Result<Child>>,
}

impl Spawner {
    /// Starts a thread that runs `first` before anything else.
    pub(crate) fn start(
        first: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let (requests, inbox) = mpsc::channel::<Request>();
        let (sender, outcome) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || {
                let prepared = first();
                let is_ready = prepared.is_ok();
                // The caller waits for this, so it never fails.
                let _sent = sender.send(prepared);
                if is_ready {
                    serve(inbox);
                }
            })?;
        outcome.recv().map_err(io::Error::other)??;
        Ok(Self(requests))
    }

    pub(crate) fn spawn(&self, command: Command) -> io::Result<Child> {
        let (answer, outcome) = mpsc::sync_channel(1);
        let request = Request { command, answer };
        self.0.send(request).map_err(io::Error::other)?;
        outcome.recv().map_err(io::Error::other)?
    }
}

fn serve(inbox: mpsc::Receiver<Request>) {
    for Request {
        mut command,
        answer,
    } in inbox
    {
        let outcome = command.spawn();
        // This closes the descriptors that the child has inherited.
        drop(command);
        // The caller waits for the answer, so it never fails.
        let _sent = answer.send(outcome);
    }
}

/// Starts a process from a thread that exists as long as this process.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: Mutex<Option<Spawner>> = Mutex::new(None);
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let started = match spawner.take() {
        Some(started) => started,
        None => Spawner::start(|| Ok(()))?,
    };
    spawner.insert(started).spawn(command)
}
