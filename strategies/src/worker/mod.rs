//! A worker process: one HTTP service on one thread, the same under every strategy.

mod answer;
mod connections;
mod intake;
mod service;
mod work;

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

use nix::sys::prctl;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::yield_now;

use crate::bell::{BELL, Bells};
use crate::bootstrap::{self, ChildError, Upbringing};
use crate::descriptors::room_for_connections;
use crate::fleet::SCOREBOARD;
use crate::inherited::Inherited;
use crate::scoreboard::Scoreboard;
use connections::Connections;
use intake::Intake;

pub(crate) use intake::{ACCEPT_MUTEX, Accept, Taking};
pub use work::{Work, WorkError};

/// The response field that names the worker that answered, by its number from 0.
pub const WORKER_FIELD: &str = "x-evenkeel-worker";

/// What a worker process is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerConfig {
    pub(crate) upbringing: Upbringing,
    /// The worker's number, from 0.
    pub(crate) worker: usize,
    /// Workers of the fleet.
    pub(crate) workers: usize,
    /// How it gets its connections.
    pub(crate) taking: Taking,
    pub(crate) drain_within: Duration,
}

/// The `worker` subcommand: serves until SIGTERM, then drains.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are not as a parent leaves
/// them, or the operating system refuses something.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: WorkerConfig = serde_json::from_str(config)?;
    let prepare = |inherited: &mut Inherited| prepare(&config, inherited);
    bootstrap::run(
        &config.upbringing,
        prepare,
        |(runtime, intake, connections)| runtime.block_on(serve(&config, intake, connections)),
    )
}

fn prepare(
    config: &WorkerConfig,
    inherited: &mut Inherited,
) -> io::Result<(tokio::runtime::Runtime, Intake, Connections)> {
    let workers = NonZeroUsize::new(config.workers)
        .ok_or_else(|| io::Error::other("a fleet without workers"))?;
    let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, workers)?;
    // By default the kernel may wake a sleeper up to 50 microseconds late, to save power;
    // `/block` and `/sleep` promise better.
    prctl::set_timerslack(1)?;
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Intake::prepare(config.taking, &mut builder);
    let runtime = builder.enable_all().build()?;
    let intake = {
        let _within = runtime.enter();
        Intake::inherit(inherited, config.taking)?
    };
    let bells = Bells::new(inherited.all(BELL));
    let room = room_for_connections()?;
    let connections = Connections::new(config.worker, scoreboard, bells, room);
    Ok((runtime, intake, connections))
}

async fn serve(
    config: &WorkerConfig,
    mut intake: Intake,
    connections: Connections,
) -> io::Result<()> {
    let mut asked_to_end = signal(SignalKind::terminate())?;
    loop {
        let next = async {
            connections.have_room().await;
            intake.next().await
        };
        let next = tokio::select! {
            _ = asked_to_end.recv() => break,
            next = next => next?,
        };
        let Some(connection) = next else { break };
        connections.serve(connection);
        // One connection a turn: the event loop goes round before the next one, so that a
        // worker with requests to answer does not hoard what an idle sibling could have had.
        yield_now().await;
    }
    intake
        .close()?
        .into_iter()
        .for_each(|late| connections.serve(late));
    connections.drain(config.drain_within).await;
    Ok(())
}
