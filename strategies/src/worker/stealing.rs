//! Workers that are the threads of one runtime with one intake: whoever is free takes up what
//! comes next, also from the queue of another (work stealing).

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};

use tokio::runtime::{self, Runtime};

use super::connections::Tally;
use super::intake::Intake;
use super::serving::Serving;
use super::{DESCRIPTORS_EACH, identity, occupation};
use crate::launch::{Inherited, WorkerConfig, descriptors::room_for_connections};

/// The workers of a process, which share a runtime.
pub(super) struct Pool {
    runtime: Runtime,
    serving: Serving,
}

impl Pool {
    /// Workers that are ready to go.
    pub(super) fn prepare(config: &WorkerConfig, inherited: &mut Inherited) -> io::Result<Self> {
        let tally = Arc::new(config.tally(inherited)?.among_threads());
        let runtime = start(config, &tally)?;
        let serving = {
            let _within = runtime.enter();
            let intake = Intake::inherit(inherited, config.taking)?;
            let room = room_for_connections(DESCRIPTORS_EACH, intake.may_bring())?;
            Serving::new(config, intake, &tally, room)?
        };
        Ok(Self { runtime, serving })
    }

    /// Serves until SIGTERM, then drains.
    ///
    /// Connections are accepted by workers, as whatever else there is to do: a future that is
    /// not spawned would run on the thread that waits here, which is no worker.
    pub(super) fn run(self) -> io::Result<()> {
        let Self { runtime, serving } = self;
        let serving = runtime.spawn(serving.on_several_threads());
        let outcome = runtime.block_on(serving).map_err(io::Error::other);
        // Whoever is still at work by now is beyond its time.
        runtime.shutdown_background();
        outcome?
    }
}

/// A runtime whose threads are the workers, all of them there.
fn start(config: &WorkerConfig, tally: &Arc<Tally>) -> io::Result<Runtime> {
    let (begun, all_begun) = mpsc::channel();
    let tally = Arc::clone(tally);
    let next = AtomicUsize::new(config.crew.start);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(config.crew.len())
        .thread_name("worker")
        .enable_all()
        // There are no other threads, as nothing here is given to the runtime's blocking pool.
        .on_thread_start(move || {
            identity::assume(next.fetch_add(1, Relaxed), tally.scoreboard());
            // Nobody waits any more only where the runtime could not be built.
            let _waited_for = begun.send(());
        })
        .on_thread_unpark(occupation::begin)
        .build()?;
    for _ in config.crew.clone() {
        all_begun.recv().map_err(io::Error::other)?;
    }
    Ok(runtime)
}
