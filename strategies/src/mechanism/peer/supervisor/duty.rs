//! What a supervisor does until it is to end.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use nix::unistd::Pid;

use super::children::{self, Ended, reap};
use super::events::{Event, Events};
use super::link::{Command, Link, Orders, Word};
use crate::launch::child::describe;

/// Why a supervisor ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// A signal asked for it.
    Asked,
    /// Nobody is there any more for whom it works.
    Abandoned,
    /// It cannot do what it was ordered to, one sentence.
    GivesUp(String),
}

/// Runs the commands and watches over what becomes of them.
pub(super) struct Duty<'a> {
    events: &'a Events,
    link: &'a Link,
    folder: &'a Path,
    /// What it has started and what has not ended.
    running: BTreeMap<Pid, &'a Command>,
    /// How the command ended that was the last to.
    last: Option<String>,
    has_children: bool,
}

impl<'a> Duty<'a> {
    pub(super) fn new(events: &'a Events, link: &'a Link, folder: &'a Path) -> Self {
        Self {
            events,
            link,
            folder,
            running: BTreeMap::new(),
            last: None,
            has_children: false,
        }
    }

    /// Starts everything, and comes back when all is to end.
    pub(super) fn fulfil(mut self, orders: &'a Orders) -> Ending {
        match self.keep_on(orders) {
            Err(ending) => ending,
        }
    }

    fn keep_on(&mut self, orders: &'a Orders) -> Result<Infallible, Ending> {
        for command in &orders.commands {
            self.start(command)?;
        }
        // If nobody hears it, there is nobody to work for, which shows as the next event.
        let _told = self.link.say(&Word::AllRun);
        while self.has_children {
            self.look()?;
        }
        let last = self.last.take().unwrap_or_default();
        Err(Ending::GivesUp(format!("{last}, and no process is left")))
    }

    /// Starts a command. One that ends by itself has ended when this comes back.
    fn start(&mut self, command: &'a Command) -> Result<(), Ending> {
        let started = children::start(command, self.folder);
        let pid = started
            .map_err(|error| Ending::GivesUp(format!("`{command}` cannot be run: {error}")))?;
        self.running.insert(pid, command);
        self.has_children = true;
        while command.ends && self.running.contains_key(&pid) {
            self.look()?;
        }
        Ok(())
    }

    /// Waits until something has happened.
    fn look(&mut self) -> Result<(), Ending> {
        let event = self.events.next(self.link, None);
        match event.map_err(|error| Ending::GivesUp(error.to_string()))? {
            Event::AskedToEnd => Err(Ending::Asked),
            Event::Abandoned => Err(Ending::Abandoned),
            Event::Nothing => Ok(()),
            Event::ChildEnded => self.take_in(),
        }
    }

    /// Takes in who has ended. No command may fail.
    fn take_in(&mut self) -> Result<(), Ending> {
        let mut failed = None;
        self.has_children = reap(|Ended { pid, status }| {
            if let Some(command) = self.running.remove(&pid) {
                let how = format!("`{command}` {}", describe(status));
                failed = failed.take().or((!status.success()).then(|| how.clone()));
                self.last = Some(how);
            }
        });
        failed.map_or(Ok(()), |how| Err(Ending::GivesUp(how)))
    }
}
