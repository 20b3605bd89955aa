//! When a program of the user is ready.

use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::contract::Contract;
use super::program::Program;
use crate::launch::child::describe;
use crate::launch::{WorkerCommand, connect, status_of};
use crate::subreaper::{Event, Events, Process, descendants};

/// Short compared with the start of an interpreter, and long compared with a check.
const CHECK_EVERY: Duration = Duration::from_millis(10);

/// The number of checks in a row that must find a program asleep, once its socket answers: 50 ms. Starting
/// programs rarely sleep that long.
const SETTLED_AFTER: u32 = 5;

/// The conditions under which a program is ready.
pub(super) struct Readiness<'a> {
    pub(super) command: &'a WorkerCommand,
    pub(super) contract: Contract,
}

impl Readiness<'_> {
    /// Waits until the program is ready. Otherwise returns why it is not, one sentence without a full stop.
    pub(super) fn wait(&self, program: &mut Program, events: &Events) -> Result<(), String> {
        let deadline = Instant::now() + self.command.ready_within;
        let (mut unmet, mut asleep) = (Some(String::new()), 0);
        loop {
            if unmet.is_some() {
                unmet = self.check().err();
            } else {
                asleep = if is_asleep() { asleep + 1 } else { 0 };
            }
            if unmet.is_none() && (!self.contract.inherits_socket || asleep == SETTLED_AFTER) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(self.timed_out(unmet.as_deref()));
            }
            match events.next_signal(Some(Instant::now() + CHECK_EVERY)) {
                Ok(Event::ChildEnded) => {
                    if let Some(status) = program.ended() {
                        return Err(self.ended(status));
                    }
                }
                Ok(Event::StopSignal) => return Err("it was asked to end".to_owned()),
                Ok(Event::Abandoned | Event::Message | Event::None) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Checks whether the program answers. If not, returns what happened, as the end of a sentence.
    fn check(&self) -> Result<(), String> {
        let not_answered = |error: io::Error| format!("was not answered ({error})");
        let target = match self.command.health.as_deref() {
            Some(target) => target,
            None if self.contract.inherits_socket => "/",
            // The program itself has opened the socket that accepts this.
            None => {
                return connect(self.contract.address)
                    .map(drop)
                    .map_err(|error| error.to_string());
            }
        };
        let status = status_of(self.contract.address, target);
        let status = status.map_err(|error| format!("`GET {target}` {}", not_answered(error)))?;
        // Without a health target an application may have nothing at `/`.
        match self.command.health.is_none() || (200..300).contains(&status) {
            true => Ok(()),
            false => Err(format!("`GET {target}` was answered with {status}")),
        }
    }

    fn ended(&self, status: ExitStatus) -> String {
        let how = format!(
            "`{}` {} before it was ready",
            self.command,
            describe(status)
        );
        match descendants(Pid::this()).len() {
            0 => how,
            _ => format!(
                "{how} and left processes in the background; a worker command stays in the foreground until \
                 it is asked to end: leave out what makes it a daemon"
            ),
        }
    }

    fn timed_out(&self, unmet: Option<&str>) -> String {
        let (command, address) = (self.command, self.contract.address);
        let waited = command.ready_within;
        let Some(unmet) = unmet else {
            return format!(
                "`{command}` answers, but is still busy after {waited:?}; if it starts slowly, give it more \
                 time by `--worker-ready-within`"
            );
        };
        let contract = match self.contract.inherits_socket {
            true => {
                "its worker command must accept connections of descriptor 3, as under systemd's socket \
                 activation (`LISTEN_FDS`); under splice, proxy and nat it gets a port (`PORT`) instead"
            }
            false => "its worker command must listen on the port in the variable `PORT`",
        };
        format!(
            "`{command}` runs, but on {address} {unmet} within {waited:?}; {contract}; if it starts slowly, \
             give it more time by `--worker-ready-within`"
        )
    }
}

/// Whether no thread of the program runs, or waits for a CPU or a disk. While it starts, one does.
fn is_asleep() -> bool {
    descendants(Pid::this()).iter().all(Process::is_asleep)
}
