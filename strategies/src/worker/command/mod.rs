//! A worker process that runs a program of the user, in place of evenkeel's own service.
//!
//! The process is the *keeper* of the program: it starts the program with its socket or its port, waits until
//! the program serves, passes the request to end on, and ends as the program ends. As a
//! [subreaper](crate::subreaper) it leaves no process of the program behind, whatever that starts. If the
//! keeper itself is killed, the kernel kills the program, and the launching process what is left of the
//! process group.

mod contract;
mod output;
mod program;
mod readiness;

use std::io;
use std::process::{ExitStatus, exit};
use std::time::Duration;

use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, raise};
use nix::unistd::getppid;

use crate::launch::child::describe;
use crate::launch::{Inherited, LISTENER, WorkerCommand, WorkerConfig};
use crate::subreaper::{Event, Events, end_gracefully, kill_all};
use crate::view::Scoreboard;
use contract::Contract;
use program::Program;
use readiness::Readiness;

/// The keeper of a program. Dropping it ends the program and all of its processes.
pub(super) struct Keeper {
    events: Events,
    parent: i32,
    /// Where the master says how long the program may take to drain, if not as long as usual.
    scoreboard: Scoreboard,
    number: usize,
    drain_within: Duration,
    program: Option<Program>,
}

impl Keeper {
    /// Starts the program, and waits until it serves.
    pub(super) fn prepare(
        config: &WorkerConfig,
        command: &WorkerCommand,
        inherited: &mut Inherited,
    ) -> io::Result<Self> {
        let mut keeper = Self {
            events: begin()?,
            parent: config.child_setup.parent,
            scoreboard: config.counters(inherited)?.scoreboard,
            number: config.numbers.start,
            drain_within: config.drain_within,
            program: None,
        };
        let socket = inherited.one(LISTENER)?;
        let contract = Contract::of(&socket)?;
        let readiness = Readiness { command, contract };
        let program = Program::start(command, socket, contract)?;
        let program = keeper.program.insert(program);
        let Err(problem) = readiness.wait(program, &keeper.events) else {
            return Ok(keeper);
        };
        Err(io::Error::other(format!(
            "{problem}; {}",
            keeper.last_lines()
        )))
    }

    /// Waits until the program ends, or is asked to.
    pub(super) fn run(mut self) -> io::Result<()> {
        loop {
            match self.events.next_signal(None)? {
                Event::StopSignal => {
                    self.stop();
                    return Ok(());
                }
                Event::ChildEnded => {
                    if let Some(status) = self.program.as_mut().and_then(Program::ended) {
                        self.end_like_the_program(status);
                    }
                }
                Event::Abandoned | Event::Message | Event::None => {}
            }
        }
    }

    fn stop(&self) {
        // The signal of the kernel at the death of the parent looks like any other.
        if getppid().as_raw() != self.parent {
            return;
        }
        let notice = self.scoreboard.slot(self.number).notice();
        let within = notice.map_or(self.drain_within, |notice| notice.drain_within);
        end_gracefully(Signal::SIGTERM, within, |deadline| {
            self.events.next_signal(Some(deadline))
        });
    }

    fn end_like_the_program(mut self, status: ExitStatus) -> ! {
        let (how, last_lines) = (describe(status), self.last_lines());
        if let Some(program) = &self.program {
            eprintln!("evenkeel: `{}` {how}; {last_lines}", program.name);
        }
        if let Some(code) = status.code() {
            exit(code);
        }
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        if let Some(Ok(signal)) = signal.map(Signal::try_from) {
            let _unblocked = SigSet::from(signal).thread_unblock();
            let _raised = raise(signal);
        }
        exit(1)
    }

    /// Ends all processes of the program, and returns the last lines of its output.
    fn last_lines(&mut self) -> String {
        kill_all(&self.events);
        let program = self.program.as_mut();
        program.map_or_else(String::new, |program| program.output.last_lines())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        kill_all(&self.events);
    }
}

/// Makes this process own what it starts. The kernel sends it a signal when its parent dies, rather than
/// killing it, so that it can end the program.
fn begin() -> io::Result<Events> {
    prctl::set_child_subreaper(true)?;
    // A signal that the program sends to its process group must not end its keeper.
    SigSet::all().thread_block()?;
    let events = Events::listen()?;
    prctl::set_pdeathsig(Signal::SIGHUP)?;
    Ok(events)
}
