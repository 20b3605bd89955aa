//! Threads that start processes and live as long as these.
//!
//! A child asks the kernel to be killed when its parent dies (PR_SET_PDEATHSIG), and for the
//! kernel the parent is the *thread* that spawned it. A test or a trial may run on a thread that
//! ends earlier. A child is also in the namespaces of that thread.

use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError, mpsc};

/// A thread that starts processes. When this is dropped, it ends, and they with it.
#[derive(Debug)]
pub(crate) struct Spawner(mpsc::Sender<Order>);

#[derive(Debug)]
struct Order {
    command: Command,
    answer: mpsc::SyncSender<io::Result<Child>>,
}

impl Spawner {
    /// A thread that has done `first` before all else.
    ///
    /// # Errors
    /// That of `first`, or if there can be no more threads.
    pub(crate) fn start(
        first: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel::<Order>();
        let (begun, outcome) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || {
                let prepared = first();
                let go = prepared.is_ok();
                // Whoever starts the thread waits for this, so it is always taken.
                let _taken = begun.send(prepared);
                if go {
                    serve(inbox);
                }
            })?;
        outcome.recv().map_err(io::Error::other)??;
        Ok(Self(orders))
    }

    pub(crate) fn spawn(&self, command: Command) -> io::Result<Child> {
        let (answer, outcome) = mpsc::sync_channel(1);
        let order = Order { command, answer };
        self.0.send(order).map_err(io::Error::other)?;
        outcome.recv().map_err(io::Error::other)?
    }
}

fn serve(inbox: mpsc::Receiver<Order>) {
    for Order {
        mut command,
        answer,
    } in inbox
    {
        let outcome = command.spawn();
        // The child's descriptors are its own from now on.
        drop(command);
        // The one who ordered waits for it, so the answer is always taken.
        let _taken = answer.send(outcome);
    }
}

/// Starts a process from a thread that lives as long as this process.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: Mutex<Option<Spawner>> = Mutex::new(None);
    let mut spawner = SPAWNER.lock().unwrap_or_else(PoisonError::into_inner);
    let started = match spawner.take() {
        Some(started) => started,
        None => Spawner::start(|| Ok(()))?,
    };
    spawner.insert(started).spawn(command)
}
