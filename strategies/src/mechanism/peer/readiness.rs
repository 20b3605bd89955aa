//! When a peer is ready: all commands have run, its workers exist, and it answers.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::roster::Rule;
use super::{PeerError, recipe::WorkerRule};
use crate::launch::status_of;
use crate::mechanism::peer::supervisor::Supervisor;
use crate::subreaper::{Process, descendants};

/// The conditions under which a peer is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Readiness<'a> {
    /// The address on which it must answer.
    pub(super) address: SocketAddr,
    /// How its workers are recognised.
    pub(super) rule: &'a Rule,
    /// How many there must be, unless it is a balancer.
    pub(super) requested: usize,
    pub(super) within: Duration,
}

/// Why a peer is not ready yet.
enum Unmet<'a> {
    /// A command that should end is still running.
    Commands,
    Workers {
        found: usize,
        requested: usize,
        rule: &'a WorkerRule,
    },
    /// What happened to the request, as the end of a sentence.
    Answer(String),
}

/// Short compared with the start of these systems, and long compared with the cost of a check.
const CHECK_EVERY: Duration = Duration::from_millis(20);

impl<'a> Readiness<'a> {
    /// Waits until the peer is ready, and returns its processes.
    pub(super) fn wait(self, supervisor: &mut Supervisor) -> Result<Vec<Process>, PeerError> {
        let deadline = Instant::now() + self.within;
        loop {
            if let Some(reason) = supervisor.gave_up() {
                return Err(PeerError::GaveUp(reason));
            }
            match self.check(supervisor) {
                Ok(processes) => return Ok(processes),
                Err(unmet) if Instant::now() >= deadline => {
                    return Err(self.timed_out(unmet, supervisor.last_lines()));
                }
                Err(_) => sleep(CHECK_EVERY),
            }
        }
    }

    fn check(&self, supervisor: &Supervisor) -> Result<Vec<Process>, Unmet<'a>> {
        // A command that starts a daemon may run longer than the daemon needs to become ready.
        if !supervisor.has_run_all {
            return Err(Unmet::Commands);
        }
        self.count_workers(supervisor)?;
        self.check_answer()?;
        self.count_workers(supervisor)
    }

    fn count_workers(&self, supervisor: &Supervisor) -> Result<Vec<Process>, Unmet<'a>> {
        let processes = descendants(supervisor.pid());
        let workers = processes.iter().filter(|it| self.rule.is_worker(it));
        let (found, requested) = (workers.count(), self.requested);
        match &self.rule.workers {
            Some(rule) if found != requested => Err(Unmet::Workers {
                found,
                requested,
                rule,
            }),
            _ => Ok(processes),
        }
    }

    fn check_answer(&self) -> Result<(), Unmet<'a>> {
        match status_of(self.address, "/") {
            Ok(200) => Ok(()),
            Ok(status) => Err(Unmet::Answer(format!("was answered with {status}"))),
            Err(error) => Err(Unmet::Answer(format!("was not answered ({error})"))),
        }
    }

    fn timed_out(self, unmet: Unmet<'_>, last_lines: String) -> PeerError {
        let (waited, address) = (self.within, self.address);
        match unmet {
            Unmet::Commands => PeerError::StillRunning { waited, last_lines },
            Unmet::Workers {
                found,
                requested,
                rule,
            } => PeerError::Workers {
                found,
                requested,
                named: rule.named.clone(),
                waited,
                last_lines,
            },
            Unmet::Answer(answer) => PeerError::Unanswered {
                waited,
                address,
                answer,
                last_lines,
            },
        }
    }
}
