//! A worker process: one HTTP service, the same under every strategy, on one thread or, where
//! all workers of a fleet are threads of one process, on one thread for each of them.

mod answer;
mod apart;
mod connections;
mod identity;
mod intake;
mod occupation;
mod service;
mod serving;
mod stealing;
mod work;

use std::io;
use std::num::NonZeroUsize;

use nix::sys::prctl;

use crate::dispatch::wake_up::{WAKE_UP, WakeUps};
use crate::launch::{ChildError, Inherited, SCOREBOARD, Scheduling, WorkerConfig, child_setup};
use crate::view::Scoreboard;
use apart::Workers;
use connections::Tally;
use stealing::Pool;

pub(crate) use answer::body;
pub(crate) use intake::ACCEPT_MUTEX;
pub use work::{Work, WorkError};

/// The response field that names the worker that answered, by its number from 0.
pub const WORKER_FIELD: &str = "x-evenkeel-worker";

/// The response field that says for how many nanoseconds a request of `/spin` or `/block` has
/// taken its worker up: since the worker woke for it, or was done with the work before it, until
/// its work was done.
pub const WORK_FIELD: &str = "x-evenkeel-work";

/// Descriptors that a connection takes here: its socket, and a timer for `/sleep`.
const DESCRIPTORS_EACH: u64 = 2;

/// The `worker` subcommand: serves until SIGTERM, then drains.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are not as a parent leaves
/// them, or the operating system refuses something.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: WorkerConfig = serde_json::from_str(config)?;
    let child_setup = &config.child_setup;
    match config.scheduling {
        Scheduling::Apart => {
            let prepare = |inherited: &mut Inherited| Workers::prepare(&config, inherited);
            child_setup::run(child_setup, prepare, |workers, _control| workers.run())
        }
        Scheduling::WorkStealing => {
            let prepare = |inherited: &mut Inherited| Pool::prepare(&config, inherited);
            child_setup::run(child_setup, prepare, |pool, _control| pool.run())
        }
    }
}

impl WorkerConfig {
    /// Where the workers count. Threads that are started from now on keep time as it is wanted
    /// here.
    fn tally(&self, inherited: &mut Inherited) -> io::Result<Tally> {
        // By default the kernel may wake a sleeper up to 50 microseconds late, to save power;
        // `/block` and `/sleep` promise better.
        prctl::set_timerslack(1)?;
        let workers = NonZeroUsize::new(self.workers)
            .ok_or_else(|| io::Error::other("a fleet without workers"))?;
        let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, workers)?;
        Ok(Tally::new(scoreboard, WakeUps::new(inherited.all(WAKE_UP))))
    }
}
