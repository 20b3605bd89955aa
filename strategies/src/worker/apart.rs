//! Workers that each have a runtime and an intake of their own: one as a process, or several as
//! the threads of one.

use std::io;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use tokio::runtime::{self, Runtime};

use super::connections::Tally;
use super::intake::Intake;
use super::serving::Serving;
use super::{DESCRIPTORS_EACH, identity, occupation};
use crate::launch::{ConnectionSource, Inherited, WorkerConfig, descriptors::room_for_connections};

/// The workers of a process. The first is the thread that the process began with.
pub(super) struct Workers {
    first: Worker,
    others: Vec<JoinHandle<()>>,
    /// Where they all meet: once when they are there, and once more when they may go.
    gate: Arc<Barrier>,
}

impl Workers {
    /// Workers that are ready to go.
    pub(super) fn prepare(config: &WorkerConfig, inherited: &mut Inherited) -> io::Result<Self> {
        let tally = Arc::new(config.tally(inherited)?);
        let mut workers = Worker::several(config, inherited, &tally)?.into_iter();
        let first = workers
            .next()
            .ok_or_else(|| io::Error::other("a process without workers"))?;
        let gate = Arc::new(Barrier::new(1 + workers.len()));
        let others = workers.map(|worker| worker.start(&tally, &gate));
        let others = others.collect::<io::Result<_>>()?;
        identity::assume(first.number, tally.scoreboard());
        gate.wait();
        Ok(Self {
            first,
            others,
            gate,
        })
    }

    /// Serves until SIGTERM, then drains.
    pub(super) fn run(self) -> io::Result<()> {
        self.gate.wait();
        self.first.run()?;
        for other in self.others {
            other
                .join()
                .map_err(|_| io::Error::other("a thread that serves has panicked"))?;
        }
        Ok(())
    }
}

/// A worker that is ready to be a thread.
struct Worker {
    number: usize,
    runtime: Runtime,
    serving: Serving,
}

impl Worker {
    /// As many as are ordered. They share the descriptors of the process evenly.
    fn several(
        config: &WorkerConfig,
        inherited: &mut Inherited,
        tally: &Arc<Tally>,
    ) -> io::Result<Vec<Self>> {
        let numbers = config.crew.clone();
        let opened: Vec<_> = numbers
            .clone()
            .map(|_| open(config.taking, inherited))
            .collect::<io::Result<_>>()?;
        let may_come = opened.iter().map(|(_, intake)| intake.may_bring()).sum();
        let room = room_for_connections(DESCRIPTORS_EACH, may_come)? / opened.len().max(1);
        let worker = |(number, (runtime, intake)): (usize, (Runtime, Intake))| {
            let serving = {
                let _within = runtime.enter();
                Serving::new(config, intake, tally, room.max(1))?
            };
            Ok(Self {
                number,
                runtime,
                serving,
            })
        };
        numbers.zip(opened).map(worker).collect()
    }

    /// Has a thread of its own begin, and wait at the gate.
    fn start(self, tally: &Arc<Tally>, gate: &Arc<Barrier>) -> io::Result<JoinHandle<()>> {
        let (tally, gate) = (Arc::clone(tally), Arc::clone(gate));
        let thread = thread::Builder::new().name(format!("worker {}", self.number));
        thread.spawn(move || {
            identity::assume(self.number, tally.scoreboard());
            gate.wait();
            gate.wait();
            let number = self.number;
            if let Err(error) = self.run() {
                // A fleet that has lost one of its workers is to be seen to have lost it.
                eprintln!("evenkeel: worker {number}: {error}");
                std::process::exit(1);
            }
        })
    }

    fn run(self) -> io::Result<()> {
        self.runtime.block_on(self.serving.on_one_thread())
    }
}

/// A runtime of one thread, which says when it wakes, and an intake in it.
fn open(taking: ConnectionSource, inherited: &mut Inherited) -> io::Result<(Runtime, Intake)> {
    let turn = Intake::at_each_turn(taking);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_unpark(move || {
            occupation::begin();
            if let Some(turn) = turn {
                turn();
            }
        })
        .build()?;
    let intake = {
        let _within = runtime.enter();
        Intake::inherit(inherited, taking)?
    };
    Ok((runtime, intake))
}
