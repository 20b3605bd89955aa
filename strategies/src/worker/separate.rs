//! Workers with separate runtimes and intakes: a process with one worker, or with a thread for each of
//! several workers.

use std::io;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};

use super::{DESCRIPTORS_EACH, identity, service_time};
use super::{counters::Counters, intake::Intake, server::Server};
use crate::launch::{Inherited, WorkerConfig, descriptors::room_for_connections};

/// The workers of a process. The first one runs on the main thread.
pub(super) struct Workers {
    first: Worker,
    others: Vec<JoinHandle<()>>,
    /// All threads wait here twice: until all are ready, and until all may serve.
    barrier: Arc<Barrier>,
}

impl Workers {
    pub(super) fn prepare(config: &WorkerConfig, inherited: &mut Inherited) -> io::Result<Self> {
        let counters = Arc::new(config.counters(inherited)?);
        let mut workers = Worker::several(config, inherited, &counters)?.into_iter();
        let first = workers
            .next()
            .ok_or_else(|| io::Error::other("a process without workers"))?;
        let barrier = Arc::new(Barrier::new(1 + workers.len()));
        let others = workers.map(|worker| worker.start(&counters, &barrier));
        let others = others.collect::<io::Result<_>>()?;
        identity::set_current(first.number, &counters.scoreboard);
        barrier.wait();
        Ok(Self {
            first,
            others,
            barrier,
        })
    }

    pub(super) fn run(self) -> io::Result<()> {
        self.barrier.wait();
        self.first.run()?;
        for other in self.others {
            other
                .join()
                .map_err(|_| io::Error::other("the thread of a worker has panicked"))?;
        }
        Ok(())
    }
}

/// A worker that can be moved to its thread.
struct Worker {
    number: usize,
    runtime: Runtime,
    server: Server,
}

impl Worker {
    /// Creates all workers of the process. They share its descriptors evenly.
    fn several(
        config: &WorkerConfig,
        inherited: &mut Inherited,
        counters: &Arc<Counters>,
    ) -> io::Result<Vec<Self>> {
        let numbers = config.numbers.clone();
        let opened: Vec<_> = numbers
            .clone()
            .map(|_| open(config, inherited))
            .collect::<io::Result<_>>()?;
        let reserve = opened.iter().map(|(_, intake)| intake.reserve()).sum();
        let room = room_for_connections(DESCRIPTORS_EACH, reserve)? / opened.len().max(1);
        let worker = |(number, (runtime, intake)): (usize, (Runtime, Intake))| {
            let server = {
                let _within = runtime.enter();
                Server::new(config, intake, counters, room.max(1))?
            };
            Ok(Self {
                number,
                runtime,
                server,
            })
        };
        let workers = numbers.zip(opened).map(worker);
        let mut workers: Vec<Self> = workers.collect::<io::Result<_>>()?;
        let connections = workers.iter().map(|worker| worker.server.watched());
        let connections = connections.collect();
        if let Some(first) = workers.first_mut() {
            let _within = first.runtime.enter();
            first.server.take_messages(connections)?;
        }
        Ok(workers)
    }

    /// Moves the worker to its own thread, which waits at the barrier.
    fn start(self, counters: &Arc<Counters>, barrier: &Arc<Barrier>) -> io::Result<JoinHandle<()>> {
        let (counters, barrier) = (Arc::clone(counters), Arc::clone(barrier));
        let thread = thread::Builder::new().name(format!("worker {}", self.number));
        thread.spawn(move || {
            identity::set_current(self.number, &counters.scoreboard);
            barrier.wait();
            barrier.wait();
            let number = self.number;
            if let Err(error) = self.run() {
                // The loss of a worker must be visible, so the process ends.
                eprintln!("evenkeel: worker {number}: {error}");
                std::process::exit(1);
            }
        })
    }

    fn run(self) -> io::Result<()> {
        self.runtime.block_on(self.server.run_single_threaded())
    }
}

/// Creates a single-threaded runtime with an intake. The service time starts when the runtime wakes.
fn open(config: &WorkerConfig, inherited: &mut Inherited) -> io::Result<(Runtime, Intake)> {
    let on_turn = Intake::on_turn(config.source);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_unpark(move || {
            service_time::start();
            if let Some(on_turn) = on_turn {
                on_turn();
            }
        })
        .build()?;
    let intake = {
        let _within = runtime.enter();
        Intake::inherit(inherited, config)?
    };
    Ok((runtime, intake))
}
