//! Workers with separate runtimes and intakes: a process with one worker, or with a thread for each of
//! several workers.

use std::io;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};

use super::{DESCRIPTORS_EACH, heartbeat, identity, service_time};
use super::{counters::Counters, intake::Intake, mailbox::Mailbox, server::Server};
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
        identity::set_current(first.number, &counters);
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
            .map(|_| open(config, inherited, counters))
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
        let reach = workers.iter().map(|worker| worker.server.reach()).collect();
        let number = config.numbers.start;
        match &mut workers[..] {
            [_, _, ..] if config.heartbeat => Mailbox::start(counters, reach, number)?,
            [first, ..] => {
                let _within = first.runtime.enter();
                let mailbox = Mailbox::watch(counters, reach, number)?;
                first.server.take_messages(mailbox);
            }
            [] => {}
        }
        Ok(workers)
    }

    /// Moves the worker to its own thread, which waits at the barrier.
    fn start(self, counters: &Arc<Counters>, barrier: &Arc<Barrier>) -> io::Result<JoinHandle<()>> {
        let (counters, barrier) = (Arc::clone(counters), Arc::clone(barrier));
        let thread = thread::Builder::new().name(format!("worker {}", self.number));
        thread.spawn(move || {
            identity::set_current(self.number, &counters);
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
fn open(
    config: &WorkerConfig,
    inherited: &mut Inherited,
    counters: &Arc<Counters>,
) -> io::Result<(Runtime, Intake)> {
    let on_turn = Intake::on_turn(config.source);
    let mut runtime = runtime::Builder::new_current_thread();
    runtime.enable_all();
    heartbeat::show(&mut runtime, counters, move || {
        service_time::start();
        if let Some(on_turn) = on_turn {
            on_turn();
        }
    });
    let runtime = runtime.build()?;
    let intake = {
        let _within = runtime.enter();
        Intake::inherit(inherited, config)?
    };
    Ok((runtime, intake))
}
