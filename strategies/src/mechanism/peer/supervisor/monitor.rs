//! A supervisor's normal operation: it runs the commands and watches their processes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::os::fd::AsFd;
use std::path::Path;

use nix::unistd::Pid;

use super::children;
use super::link::{Command, Instructions, Link, Message};
use crate::launch::child::describe;
use crate::subreaper::{Ended, Event, Events, reap};

/// Why a supervisor stops.
#[derive(Debug)]
pub(super) enum StopReason {
    /// A signal requested it.
    Signal,
    /// The process that launched the supervisor is gone.
    Abandoned,
    /// The supervisor cannot follow its instructions. One sentence.
    Failed(String),
}

/// Runs the commands and watches their processes.
pub(super) struct Monitor<'a> {
    events: &'a Events,
    link: &'a mut Link,
    folder: &'a Path,
    /// Commands of the recipe that were started and have not ended.
    running: BTreeMap<Pid, &'a Command>,
    /// Commands that were requested later, and have not ended.
    requested: BTreeMap<Pid, Command>,
    /// How the last command that ended did so.
    last_end: Option<String>,
    has_children: bool,
}

impl<'a> Monitor<'a> {
    pub(super) fn new(events: &'a Events, link: &'a mut Link, folder: &'a Path) -> Self {
        Self {
            events,
            link,
            folder,
            running: BTreeMap::new(),
            requested: BTreeMap::new(),
            last_end: None,
            has_children: false,
        }
    }

    /// Starts all commands. Returns when all processes must end, with the reason.
    pub(super) fn run(mut self, instructions: &'a Instructions) -> StopReason {
        let Err(reason) = self.run_until_error(instructions);
        reason
    }

    fn run_until_error(
        &mut self,
        instructions: &'a Instructions,
    ) -> Result<Infallible, StopReason> {
        for command in &instructions.commands {
            self.start(command)?;
        }
        // If this fails, the launching process is gone, which is the next event.
        let _sent = self.link.send(&Message::AllRun);
        while self.has_children {
            self.wait()?;
        }
        let last = self.last_end.take().unwrap_or_default();
        Err(StopReason::Failed(format!(
            "{last}, and no process is left"
        )))
    }

    /// Starts a command, and waits for its end if the next command requires that.
    fn start(&mut self, command: &'a Command) -> Result<(), StopReason> {
        let started = children::start(command, self.folder);
        let pid = started
            .map_err(|error| StopReason::Failed(format!("`{command}` cannot be run: {error}")))?;
        self.running.insert(pid, command);
        self.has_children = true;
        while command.ends && self.running.contains_key(&pid) {
            self.wait()?;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<(), StopReason> {
        let event = self.events.next(self.link.as_fd());
        match event.map_err(|error| StopReason::Failed(error.to_string()))? {
            Event::StopSignal => Err(StopReason::Signal),
            Event::Abandoned => Err(StopReason::Abandoned),
            Event::None => Ok(()),
            Event::ChildEnded => self.reap(),
            Event::Message => self.run_requested(),
        }
    }

    /// Starts a command that the launching process requests.
    fn run_requested(&mut self) -> Result<(), StopReason> {
        let request = self.link.receive::<Command>();
        let request = request.map_err(|error| StopReason::Failed(error.to_string()))?;
        let command = request.ok_or(StopReason::Abandoned)?;
        match children::start(&command, self.folder) {
            Ok(pid) => {
                self.requested.insert(pid, command);
            }
            Err(error) => self.tell(Err(format!("`{command}` cannot be run: {error}"))),
        }
        Ok(())
    }

    /// Tells the launching process how a requested command has ended.
    fn tell(&self, end: Result<(), String>) {
        // If this fails, the launching process is gone, which is the next event.
        let _sent = self.link.send(&Message::HasEnded(end));
    }

    /// Reaps the processes that have ended. Fails if one of the commands did.
    fn reap(&mut self) -> Result<(), StopReason> {
        let (mut failed, mut requested) = (None, Vec::new());
        self.has_children = reap(|Ended { pid, status }| {
            let end = |command: &Command| format!("`{command}` {}", describe(status));
            if let Some(command) = self.running.remove(&pid) {
                let end = end(command);
                failed = failed.take().or((!status.success()).then(|| end.clone()));
                self.last_end = Some(end);
            }
            if let Some(command) = self.requested.remove(&pid) {
                let failed = (!status.success()).then(|| end(&command));
                requested.push(failed.map_or(Ok(()), Err));
            }
        });
        requested.into_iter().for_each(|end| self.tell(end));
        failed.map_or(Ok(()), |end| Err(StopReason::Failed(end)))
    }
}
