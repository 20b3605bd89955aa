//! The thread of a master: it tells places what happens, and carries out what they decide.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use super::change::{ChangeError, Overlap};
use super::decision::{Act, AfterEnd, Replacement, Rules};
use super::event::FleetEventKind;
use super::{Grouping, Roster, Starter, changes::Changes, inbox::Inbox};
use super::{place::Place, process::Process};
use crate::launch::child::Child;
use crate::launch::control::{NotReady, ParentControl};
use crate::launch::messages::ToWorker;
use crate::launch::share::Share;
use crate::launch::{CLEAN_UP, error::LaunchError, fabric::Fabric};
use crate::view::{Life, Notice, Waiting};

/// The parts of a master.
#[derive(Debug)]
pub(in crate::launch) struct MasterThread {
    starter: Starter,
    fabric: Box<dyn Fabric>,
    grouping: Grouping,
    roster: Arc<Roster>,
    places: Vec<Place>,
    processes: Vec<Process>,
    changes: Changes,
}

impl MasterThread {
    /// Creates a master of workers that serve already.
    pub(in crate::launch) fn new(
        starter: Starter,
        fabric: Box<dyn Fabric>,
        grouping: Grouping,
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
        Self {
            places: (0..places).map(place).collect(),
            starter,
            fabric,
            grouping,
            roster,
            processes: Vec::new(),
            changes: Changes::default(),
        }
    }

    /// Adds a process of workers that serve already.
    pub(in crate::launch) fn watch(
        &mut self,
        place: usize,
        pid: Pid,
        control: ParentControl,
    ) -> io::Result<()> {
        let numbers = self.grouping.numbers(place);
        let mut process = Process::new(Life::first(place), numbers, pid, control)?;
        process.is_starting = false;
        self.starter.messages.admit(process.life);
        self.processes.push(process);
        Ok(())
    }

    /// Works until the fleet is to end.
    pub(super) fn run(mut self, inbox: &Inbox) {
        let drain_within = self.starter.spec.drain_within;
        while let Ok(orders) = inbox.take() {
            for order in orders {
                self.changes.take(order);
            }
            self.notice_reports();
            self.notice_ends();
            while self.carry_out_next() || self.advance(drain_within) {}
            self.wait(inbox);
        }
    }

    fn advance(&mut self, drain_within: Duration) -> bool {
        let (places, grouping) = (&mut self.places, &mut self.grouping);
        self.changes.advance(places, grouping, drain_within)
    }

    /// Waits until something happens, or a place has a time limit.
    fn wait(&self, inbox: &Inbox) {
        let deadlines = self.places.iter().filter_map(Place::deadline);
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
        let has_ended = |it: &mut Process| {
            let role = self.grouping.role(it.life.place);
            let may_have_ended = !it.is_starting && it.has_news();
            may_have_ended && self.roster.has_ended(role, it.life.generation)
        };
        let ended: Vec<_> = self.processes.extract_if(.., has_ended).collect();
        for Process {
            life, is_retired, ..
        } in ended
        {
            self.note_end(life, is_retired);
        }
    }

    /// Tells the place, the fabric and the roster that a life has ended.
    fn note_end(&mut self, life: Life, is_retired: bool) {
        let place = &mut self.places[life.place];
        let after_end = place.ended(life.generation, Instant::now());
        let is_missing = matches!(after_end, AfterEnd::Lost | AfterEnd::GaveUp);
        let successor = place.is_wanted() && !is_missing;
        let mut others = self
            .processes
            .iter()
            .filter(|it| it.life.place == life.place);
        if let Some(stays) = others.rfind(|it| !it.is_retired) {
            self.grouping.stay(&stays.numbers);
        }
        if !is_retired {
            for worker in self.grouping.workers_of(life) {
                // If it fails, nothing is left to be done for a life that has ended.
                let _waiting = self.retire_worker(worker, successor);
            }
        }
        self.note_after_end(life, after_end);
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

    /// Does the next thing that a place has decided. Returns whether there was one.
    fn carry_out_next(&mut self) -> bool {
        let now = Instant::now();
        let next = |(place, it): (usize, &mut Place)| Some((place, it.next(now)?));
        let Some((place, act)) = self.places.iter_mut().enumerate().find_map(next) else {
            return false;
        };
        let life = |generation| Life { place, generation };
        match act {
            Act::Start(generation) => self.start(life(generation)),
            Act::Admit(generation) => self.admit(life(generation)),
            Act::Retire(generation, within) => self.retire(life(generation), within),
            Act::CloseShare(generation, share) => self.close_share(life(generation), share),
            Act::Kill(generation) => self.end(life(generation), Child::kill),
            Act::KillLate(generation) => self.fail(life(generation), NotReady::Silent),
        }
        true
    }

    fn start(&mut self, life: Life) {
        for worker in self.grouping.workers_of(life) {
            self.starter.scoreboard.life(worker).renew();
        }
        if let Err(error) = self.try_start(life) {
            self.changes.blame(error.into());
            self.note_end(life, false);
        }
    }

    fn try_start(&mut self, life: Life) -> Result<(), LaunchError> {
        let intake = self.grouping.intake(&mut *self.fabric, life)?;
        self.roster
            .note_fork(self.grouping.role(life.place), life.generation);
        let started = self.starter.start_workers(self.grouping, life, intake)?;
        let pid = started.child.pid();
        let control = started.join(&self.roster);
        let numbers = self.grouping.numbers(life.place);
        self.processes
            .push(Process::new(life, numbers, pid, control)?);
        Ok(())
    }

    fn admit(&mut self, life: Life) {
        let Some(process) = self.processes.iter_mut().find(|it| it.life == life) else {
            return;
        };
        let numbers = process.numbers.clone();
        let mut workers = numbers.map(|place| Life { place, ..life });
        let released = process.control.release();
        match released.and_then(|()| workers.try_for_each(|it| self.fabric.admit(it))) {
            Ok(()) => {
                self.starter.messages.admit(life);
                self.note(life, FleetEventKind::Admitted);
            }
            Err(source) => {
                self.blame_fabric(life, source);
                self.give_up_on(life);
            }
        }
    }

    fn retire(&mut self, life: Life, drain_within: Duration) {
        let successor = self.places[life.place].is_wanted();
        for worker in self.grouping.workers_of(life) {
            let waiting = self.retire_worker(worker, successor);
            let notice = Notice {
                drain_within,
                waiting: waiting.unwrap_or_else(|source| {
                    self.blame_fabric(life, source);
                    Waiting::Taken
                }),
            };
            self.starter.scoreboard.life(worker).retire(notice);
        }
        self.starter.messages.retire(life);
        for process in self.processes.iter_mut().filter(|it| it.life == life) {
            process.is_retired = true;
        }
        self.note(life, FleetEventKind::Draining);
        self.end(life, Child::terminate);
    }

    /// Lets a life end a share of its connections.
    fn close_share(&mut self, life: Life, share: Share) {
        let message = ToWorker::CloseShare(share);
        if let Err(error) = self.starter.messages.send(life.place, &message) {
            self.changes.blame(error.into());
        }
    }

    /// Ends a life that is not ready. The change that it belongs to has failed.
    fn fail(&mut self, life: Life, reason: NotReady) {
        let role = self.grouping.role(life.place);
        let reason = self
            .starter
            .spec
            .explain(reason, || "closed its socket".to_owned());
        self.changes
            .blame(LaunchError::NotReady { role, reason }.into());
        self.give_up_on(life);
    }

    /// Kills a life that cannot serve. It was not asked to end, so this counts as a crash.
    fn give_up_on(&mut self, life: Life) {
        self.places[life.place].failed(life.generation);
        for process in self.processes.iter_mut().filter(|it| it.life == life) {
            process.is_starting = false;
        }
        self.roster
            .kill(self.grouping.role(life.place), life.generation);
    }

    /// Asks or forces a life to end.
    fn end(&mut self, life: Life, signal: fn(&mut Child)) {
        for process in self.processes.iter_mut().filter(|it| it.life == life) {
            process.is_starting = false;
        }
        let role = self.grouping.role(life.place);
        self.roster.end(role, life.generation, signal);
    }

    /// Gives one worker of a process nothing new. `successor` says whether the process has one.
    fn retire_worker(&mut self, worker: Life, successor: bool) -> io::Result<Waiting> {
        self.fabric
            .retire(worker, successor && self.grouping.has(worker.place))
    }

    fn note(&self, life: Life, what: FleetEventKind) {
        let role = self.grouping.role(life.place);
        self.roster.note_of(role, life.generation, what);
    }

    fn blame_fabric(&mut self, life: Life, source: io::Error) {
        let role = self.grouping.role(life.place);
        self.changes.blame(ChangeError::Fabric { role, source });
    }
}
