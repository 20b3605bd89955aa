//! A worker process: one HTTP service on one thread, the same under every strategy.

mod answer;
mod connections;
mod intake;
mod occupation;
mod service;
mod work;

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::prctl;
use serde::{Deserialize, Serialize};
use tokio::runtime::{self, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::yield_now;

use crate::bell::{BELL, Bells};
use crate::bootstrap::{self, ChildError, Upbringing};
use crate::descriptors::room_for_connections;
use crate::fleet::SCOREBOARD;
use crate::inherited::Inherited;
use crate::scoreboard::Scoreboard;
use connections::{Connections, Tally};
use intake::Intake;
use occupation::Occupation;

pub(crate) use intake::{ACCEPT_MUTEX, Accept, Taking};
pub use work::{Work, WorkError};

/// The response field that names the worker that answered, by its number from 0.
pub const WORKER_FIELD: &str = "x-evenkeel-worker";

/// The response field that says for how many nanoseconds a request of `/spin` or `/block` has
/// taken its worker up: since the worker woke for it, or was done with the work before it, until
/// its work was done.
pub const WORK_FIELD: &str = "x-evenkeel-work";

/// Descriptors that a connection takes here: its socket, and a timer for `/sleep`.
const DESCRIPTORS_EACH: u64 = 2;

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
    /// For how long it waits for the PROXY header with which connections begin, if they do.
    pub(crate) header_within: Option<Duration>,
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
        |(runtime, intake, connections), _control| {
            runtime.block_on(serve(&config, intake, connections))
        },
    )
}

fn prepare(
    config: &WorkerConfig,
    inherited: &mut Inherited,
) -> io::Result<(Runtime, Intake, Connections)> {
    let workers = NonZeroUsize::new(config.workers)
        .ok_or_else(|| io::Error::other("a fleet without workers"))?;
    let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, workers)?;
    // By default the kernel may wake a sleeper up to 50 microseconds late, to save power;
    // `/block` and `/sleep` promise better.
    prctl::set_timerslack(1)?;
    let occupation = Arc::new(Occupation::new());
    let runtime = build_runtime(Arc::clone(&occupation), Intake::at_each_turn(config.taking))?;
    let intake = {
        let _within = runtime.enter();
        Intake::inherit(inherited, config.taking)?
    };
    let bells = Bells::new(inherited.all(BELL));
    let room = room_for_connections(DESCRIPTORS_EACH)?;
    let tally = Tally::new(config.worker, scoreboard, bells);
    let connections = Connections::new(tally, occupation, config.header_within, room);
    Ok((runtime, intake, connections))
}

/// The runtime, which says when it wakes.
fn build_runtime(occupation: Arc<Occupation>, turn: Option<fn()>) -> io::Result<Runtime> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_unpark(move || {
            occupation.begin();
            if let Some(turn) = turn {
                turn();
            }
        })
        .build()
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
        // One connection at a time, so that a worker with requests to answer does not hoard what
        // an idle sibling could have had. The event loop goes round twice before the next one: in
        // the first round it hears that the request is there already, which it is if the
        // connection had to wait, and in the second the request is served.
        yield_now().await;
        yield_now().await;
    }
    intake
        .close()?
        .into_iter()
        .for_each(|late| connections.serve(late));
    connections.drain(config.drain_within).await;
    Ok(())
}
