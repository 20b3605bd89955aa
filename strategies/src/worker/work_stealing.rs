//! Workers that are threads of one runtime with one intake. A free thread also runs tasks from the
//! queues of the others (work stealing).

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};

use tokio::runtime::{self, Runtime};

use super::{DESCRIPTORS_EACH, heartbeat, identity, service_time};
use super::{counters::Counters, intake::Intake, mailbox::Mailbox, server::Server};
use crate::launch::{Inherited, WorkerConfig, descriptors::room_for_connections};

/// The workers of a process, which share a runtime.
pub(super) struct Pool {
    runtime: Runtime,
    server: Server,
}

impl Pool {
    pub(super) fn prepare(config: &WorkerConfig, inherited: &mut Inherited) -> io::Result<Self> {
        let mut counters = config.counters(inherited)?;
        counters.scoreboard = counters.scoreboard.among_threads();
        let counters = Arc::new(counters);
        let runtime = start(config, &counters)?;
        let server = {
            let _within = runtime.enter();
            let intake = Intake::inherit(inherited, config)?;
            let room = room_for_connections(DESCRIPTORS_EACH, intake.reserve())?;
            let mut server = Server::new(config, intake, &counters, room)?;
            let reach = vec![server.reach()];
            server.take_messages(Mailbox::watch(&counters, reach, config.numbers.start)?);
            server
        };
        Ok(Self { runtime, server })
    }

    /// Serves until SIGTERM, then drains.
    ///
    /// Workers accept the connections. A future that is not spawned would run on the main thread,
    /// which is not a worker.
    pub(super) fn run(self) -> io::Result<()> {
        let Self { runtime, server } = self;
        let task = runtime.spawn(server.run_multi_threaded());
        let outcome = runtime.block_on(task).map_err(io::Error::other);
        // The time limit for work in flight is over.
        runtime.shutdown_background();
        outcome?
    }
}

/// Starts a runtime whose threads are the workers, and waits until all threads run.
fn start(config: &WorkerConfig, counters: &Arc<Counters>) -> io::Result<Runtime> {
    let (sender, started) = mpsc::channel();
    let next = AtomicUsize::new(config.numbers.start);
    let mut runtime = runtime::Builder::new_multi_thread();
    heartbeat::show(&mut runtime, counters, service_time::start);
    let counters = Arc::clone(counters);
    let runtime = runtime
        .worker_threads(config.numbers.len())
        .thread_name("worker")
        .enable_all()
        // There are no other threads, since nothing here uses the runtime's blocking pool.
        .on_thread_start(move || {
            identity::set_current(next.fetch_add(1, Relaxed), &counters);
            // The receiver is gone if the runtime could not be built.
            let _sent = sender.send(());
        })
        .build()?;
    for _ in config.numbers.clone() {
        started.recv().map_err(io::Error::other)?;
    }
    Ok(runtime)
}
