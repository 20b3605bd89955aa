//! The thread of a master: it tells places what happens.

use std::io;
use std::ops::Range;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use super::change::Overlap;
use super::decision::{AfterEnd, Replacement, Rules};
use super::event::FleetEventKind;
use super::{DispatcherParts, Grouping, Roster, Starter, changes::Changes, inbox::Inbox};
use super::{place::Place, process::Process, stalls::Stalls};
use crate::launch::control::ParentControl;
use crate::launch::{CLEAN_UP, child::Role, fabric::Fabric};
use crate::view::Life;

/// The parts of a master.
#[derive(Debug)]
pub(in crate::launch) struct MasterThread {
    pub(super) starter: Starter,
    pub(super) fabric: Box<dyn Fabric>,
    pub(super) grouping: Grouping,
    pub(super) roster: Arc<Roster>,
    /// First those of workers, then those of dispatchers.
    pub(super) places: Vec<Place>,
    /// Number of places of workers.
    of_workers: usize,
    /// What every life of each dispatcher begins with.
    pub(super) parts: Vec<DispatcherParts>,
    pub(super) processes: Vec<Process>,
    pub(super) changes: Changes,
    /// `None` if the fleet does not look for stalls.
    pub(super) stalls: Option<Stalls>,
}

impl MasterThread {
    /// Creates a master of workers and dispatchers that serve already.
    pub(in crate::launch) fn new(
        starter: Starter,
        fabric: Box<dyn Fabric>,
        grouping: Grouping,
        parts: Vec<DispatcherParts>,
        roster: Arc<Roster>,
    ) -> Self {
        let rules = Rules {
            ready_within: starter.spec.ready_within,
            clean_up: CLEAN_UP,
            respawn: starter.spec.respawn,
        };
        let replacement = Replacement {
            overlap: Overlap::default(),
            drain_within: starter.spec.drain_within,
        };
        let (workers, places) = match grouping {
            Grouping::Processes => (starter.size.workers.get(), starter.size.places.get()),
            Grouping::Threads { .. } => (1, 1),
        };
        let place = |number| match number < workers {
            true => Place::served(rules, replacement),
            false => Place::vacant(rules, replacement),
        };
        // A successor needs what its predecessor has, so a dispatcher that has crashed has none.
        let rules_of_dispatchers = Rules {
            respawn: None,
            ..rules
        };
        let dispatcher = |_: &DispatcherParts| Place::served(rules_of_dispatchers, replacement);
        let all = (0..places).map(place);
        Self {
            stalls: starter.spec.defences.stall.map(Stalls::new),
            places: all.chain(parts.iter().map(dispatcher)).collect(),
            of_workers: places,
            starter,
            fabric,
            grouping,
            roster,
            parts,
            processes: Vec::new(),
            changes: Changes::default(),
        }
    }

    /// Adds a process that serves already.
    pub(in crate::launch) fn watch(
        &mut self,
        role: Role,
        pid: Pid,
        control: ParentControl,
    ) -> io::Result<()> {
        let place = match role {
            Role::Dispatcher(number) => self.of_workers + number,
            Role::Worker(number) => number,
            Role::Server | Role::Supervisor => 0,
        };
        let life = Life::first(place);
        let mut process = Process::new(life, self.numbers(life), pid, control)?;
        process.is_starting = false;
        if self.dispatcher(life).is_none() {
            self.starter.messages.admit(life);
        }
        self.processes.push(process);
        Ok(())
    }

    /// Works until the fleet is to end. Returns the control channels of the dispatchers.
    pub(super) fn run(mut self, inbox: &Inbox) -> Vec<ParentControl> {
        let drain_within = self.starter.spec.drain_within;
        while let Ok(orders) = inbox.take() {
            for order in orders {
                self.changes.take(order);
            }
            self.notice_reports();
            self.notice_ends();
            while self.carry_out_next() || self.advance(drain_within) {}
            self.look_for_stalls();
            self.wait(inbox);
        }
        let of_workers = self.of_workers;
        let dispatchers = self.processes.into_iter();
        let dispatchers = dispatchers.filter(|it| it.life.place >= of_workers && !it.is_starting);
        dispatchers.map(|it| it.control).collect()
    }

    fn advance(&mut self, drain_within: Duration) -> bool {
        let (places, dispatchers) = (&mut self.places, self.parts.len());
        (self.changes).advance(places, dispatchers, &mut self.grouping, drain_within)
    }

    /// Returns the number of the dispatcher in a place, if it is that of one.
    pub(super) fn dispatcher(&self, life: Life) -> Option<usize> {
        life.place.checked_sub(self.of_workers)
    }

    pub(super) fn role(&self, life: Life) -> Role {
        match self.dispatcher(life) {
            Some(number) => Role::Dispatcher(number),
            None => self.grouping.role(life.place),
        }
    }

    /// Returns the numbers of the workers that a process has, or is about to have.
    pub(super) fn numbers(&self, life: Life) -> Range<usize> {
        match self.dispatcher(life) {
            Some(_) => 0..0,
            None => self.grouping.numbers(life.place),
        }
    }

    /// Waits until something happens, or a place has a time limit.
    fn wait(&self, inbox: &Inbox) {
        let deadlines = self.places.iter().filter_map(Place::deadline);
        let deadlines = deadlines.chain(self.stalls.as_ref().map(Stalls::next));
        let timeout = deadlines.min().map_or(PollTimeout::NONE, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            // Rounded up, so that the time is over when the wait ends.
            PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        });
        let processes = self.processes.iter().map(Process::awaited);
        let awaited = processes.chain([inbox.wake_up.as_fd()]);
        let mut awaited: Vec<_> = awaited
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        // After an error everything is looked at, too.
        let _woken = poll(&mut awaited, timeout);
    }

    /// Reads what processes that start report.
    fn notice_reports(&mut self) {
        let deadline = Instant::now() + self.starter.spec.ready_within;
        let mut reports = Vec::new();
        for process in self.processes.iter_mut().filter(|it| it.is_starting) {
            if process.has_news() {
                process.is_starting = false;
                reports.push((process.life, process.control.wait_ready(deadline)));
            }
        }
        for (life, report) in reports {
            match report {
                Ok(()) => {
                    self.note(life, FleetEventKind::Listening);
                    self.places[life.place].ready(life.generation);
                }
                Err(reason) => self.fail(life, reason),
            }
        }
    }

    /// Notices processes that have ended, whether they were to or not.
    fn notice_ends(&mut self) {
        let have_news = self.processes.iter();
        let have_news = have_news.filter(|it| !it.is_starting && it.has_news());
        let has_ended = |life: &Life| self.roster.has_ended(self.role(*life), life.generation);
        let ended: Vec<Life> = have_news.map(|it| it.life).filter(has_ended).collect();
        for life in ended {
            let position = self.processes.iter().position(|it| it.life == life);
            let process = position.map(|at| self.processes.remove(at));
            self.note_end(life, process.is_some_and(|it| it.is_retired));
        }
    }

    /// Tells the place, the fabric and the roster that a life has ended.
    pub(super) fn note_end(&mut self, life: Life, is_retired: bool) {
        let place = &mut self.places[life.place];
        let after_end = place.ended(life.generation, Instant::now());
        let is_missing = matches!(after_end, AfterEnd::Lost | AfterEnd::GaveUp);
        let successor = place.is_wanted() && !is_missing;
        match self.dispatcher(life) {
            Some(number) if is_missing => self.parts[number].close_listener(),
            Some(_) => {}
            None => self.note_end_of_workers(life, is_retired, successor),
        }
        self.note_after_end(life, after_end);
        if self.dispatcher(life).is_none() {
            self.note_desertion();
        }
    }

    /// Lets dispatchers know if no worker is left, and none will come unless a change brings one.
    pub(super) fn note_desertion(&mut self) {
        let of_workers = &self.places[..self.of_workers];
        if of_workers.iter().all(Place::is_deserted) {
            // If it fails, clients wait until their own time limits.
            let _told = self.fabric.deserted();
        }
    }

    fn note_end_of_workers(&mut self, life: Life, is_retired: bool, successor: bool) {
        let mut others = self
            .processes
            .iter()
            .filter(|it| it.life.place == life.place);
        if let Some(stays) = others.rfind(|it| !it.is_retired) {
            self.grouping.stay(&stays.numbers);
        }
        if !is_retired {
            for worker in self.grouping.workers_of(life) {
                self.rescue(worker);
                // If it fails, nothing is left to be done for a life that has ended.
                let _waiting = self.retire_worker(worker, successor);
            }
        }
    }

    fn note_after_end(&self, life: Life, after_end: AfterEnd) {
        match (after_end, &self.starter.spec.respawn) {
            (AfterEnd::Respawn(after), _) => self.note(life, FleetEventKind::Respawn { after }),
            (AfterEnd::GaveUp, Some(policy)) => {
                let reason = format!(
                    "it was started again {} times within {:?}, and ended each time",
                    policy.at_most, policy.within
                );
                self.note(life, FleetEventKind::GaveUp { reason });
            }
            _ => {}
        }
    }

    pub(super) fn note(&self, life: Life, what: FleetEventKind) {
        self.roster.note_of(self.role(life), life.generation, what);
    }
}
