//! The worker process: an HTTP service that is the same under every strategy. It has one thread, or
//! one thread per worker if all workers of a fleet are threads of one process.

mod command;
mod connections;
mod counters;
mod handed_on;
mod health;
mod heartbeat;
mod identity;
mod intake;
mod introduction;
mod mailbox;
mod request_counter;
mod response_body;
mod separate;
mod server;
mod service;
mod service_time;
mod slow;
mod stream;
mod websocket;
mod work;
mod work_stealing;

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use nix::sys::prctl;

use crate::dispatch::wake_up::WAKE_UP;
use crate::launch::{
    ChildError, Inherited, SCOREBOARD, Scheduling, WorkerConfig, WorkerEnd, child_setup,
};
use crate::view::Scoreboard;
use command::Keeper;
use counters::Counters;
use health::HealthOfAll;
use request_counter::RequestCounter;
use separate::Workers;
use work_stealing::Pool;

pub(crate) use intake::ACCEPT_MUTEX;
pub(crate) use response_body::body;
pub use websocket::WEBSOCKET_TARGET;
pub use work::{Work, WorkError};

/// The response field with the number of the worker that answered, from 0.
pub const WORKER_FIELD: &str = "x-evenkeel-worker";

/// The response field with the generation of the worker, from 1, in its first answer; of a worker that replaced
/// none, no answer has it.
pub const GENERATION_FIELD: &str = "x-evenkeel-generation";

/// The response field with the service time of a request for `/spin` or `/block` in nanoseconds: from
/// when the worker woke for it, or had finished the previous work, until its work was done.
pub const WORK_FIELD: &str = "x-evenkeel-work";

/// Descriptors per connection: its socket, and a timer for `/sleep`.
const DESCRIPTORS_EACH: u64 = 2;

/// The `worker` subcommand: serves until SIGTERM, then drains.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are invalid, or the operating system
/// reports an error.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: WorkerConfig = serde_json::from_str(config)?;
    let child_setup = &config.child_setup;
    if let Some(command) = &config.command {
        let prepare = |inherited: &mut Inherited| Keeper::prepare(&config, command, inherited);
        return child_setup::run(child_setup, prepare, |keeper, _control| keeper.run());
    }
    match config.scheduling {
        Scheduling::Separate => {
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
    /// Opens the counters of the workers. It also sets the timer slack of this thread, which later
    /// threads inherit.
    fn counters(&self, inherited: &mut Inherited) -> io::Result<Counters> {
        // By default the kernel may wake a thread up to 50 microseconds late to save power, which is
        // too inaccurate for `/block` and `/sleep`.
        prctl::set_timerslack(1)?;
        let workers = NonZeroUsize::new(self.workers)
            .ok_or_else(|| io::Error::other("a fleet without workers"))?;
        let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, workers)?;
        let scoreboard = scoreboard.of_generation(self.generation);
        let wake_ups = inherited.all(WAKE_UP);
        let messages = WorkerEnd::inherit(inherited).map(Arc::new);
        let requests = RequestCounter::new(self.counter, messages.as_ref())?;
        Ok(Counters {
            scoreboard,
            heartbeat: self.heartbeat,
            wake_ups,
            messages,
            requests,
            health: HealthOfAll::new(self.numbers.clone()),
        })
    }
}
