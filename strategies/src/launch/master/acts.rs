//! Carrying out what places have decided.

use std::io;
use std::time::{Duration, Instant};

use super::change::ChangeError;
use super::decision::Act;
use super::event::FleetEventKind;
use super::{Started, place::Place, process::Process, thread::MasterThread};
use crate::launch::control::NotReady;
use crate::launch::messages::ToWorker;
use crate::launch::{child::Child, error::LaunchError};
use crate::share::Share;
use crate::view::{Life, Notice, Waiting};

impl MasterThread {
    /// Does the next thing that a place has decided. Returns whether there was one.
    pub(super) fn carry_out_next(&mut self) -> bool {
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
        let started = match self.dispatcher(life) {
            Some(number) => self.start_dispatcher(number, life),
            None => self.start_workers(life),
        };
        if let Err(error) = started.and_then(|started| self.join(life, started)) {
            self.changes.blame(error.into());
            self.note_end(life, false);
        }
    }

    fn start_workers(&mut self, life: Life) -> Result<Started, LaunchError> {
        for worker in self.grouping.workers_of(life) {
            self.starter.scoreboard.life(worker).renew();
        }
        let intake = self.grouping.intake(&mut *self.fabric, life)?;
        (self.roster).note_fork(self.role(life), life.generation);
        (self.starter).start_workers(self.grouping, life, intake)
    }

    fn join(&mut self, life: Life, started: Started) -> Result<(), LaunchError> {
        let pid = started.child.pid();
        let control = started.join(&self.roster);
        let process = Process::new(life, self.numbers(life), pid, control)?;
        self.processes.push(process);
        Ok(())
    }

    fn admit(&mut self, life: Life) {
        let Some(process) = self.processes.iter_mut().find(|it| it.life == life) else {
            return;
        };
        let numbers = process.numbers.clone();
        let mut workers = numbers.map(|place| Life { place, ..life });
        let released = process.control.release();
        let admitted = released.and_then(|()| match self.dispatcher(life) {
            Some(number) => self.hand_over(number, life),
            None => {
                workers.try_for_each(|it| self.fabric.admit(it))?;
                self.starter.messages.admit(life);
                Ok(())
            }
        });
        match admitted {
            Ok(()) => self.note(life, FleetEventKind::Admitted),
            Err(source) => {
                self.blame_fabric(life, source);
                self.give_up_on(life);
            }
        }
    }

    fn retire(&mut self, life: Life, drain_within: Duration) {
        // A dispatcher drains since it has handed over.
        let is_dispatcher = self.dispatcher(life).is_some();
        if !is_dispatcher {
            self.retire_workers(life, drain_within);
        }
        self.note(life, FleetEventKind::Draining);
        self.end(life, Child::terminate);
        if is_dispatcher {
            self.note_desertion();
        }
    }

    fn retire_workers(&mut self, life: Life, drain_within: Duration) {
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
    }

    /// Gives one worker of a process nothing new. `successor` says whether the process has one.
    pub(super) fn retire_worker(&mut self, worker: Life, successor: bool) -> io::Result<Waiting> {
        let rescued = self.rescued_of(worker);
        let successor = successor && self.grouping.has(worker.place);
        let waiting = self.fabric.retire(worker, successor);
        self.note_rescued(worker, rescued);
        waiting
    }

    /// Lets a life end a share of its connections.
    fn close_share(&mut self, life: Life, share: Share) {
        let lives = self.grouping.workers_of(life);
        let open = lives.map(|it| self.starter.scoreboard.life(it).connections_open());
        let what = FleetEventKind::Closing {
            share,
            open: open.sum(),
        };
        let message = ToWorker::CloseShare(share);
        match self.starter.messages.send(life.place, &message) {
            Ok(()) => self.note(life, what),
            Err(error) => self.changes.blame(error.into()),
        }
    }

    /// Ends a life that is not ready. The change that it belongs to has failed.
    pub(super) fn fail(&mut self, life: Life, reason: NotReady) {
        let role = self.role(life);
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
        self.roster.kill(self.role(life), life.generation);
    }

    /// Asks or forces a life to end.
    fn end(&mut self, life: Life, signal: fn(&mut Child)) {
        for process in self.processes.iter_mut().filter(|it| it.life == life) {
            process.is_starting = false;
        }
        let role = self.role(life);
        self.roster.end(role, life.generation, signal);
    }

    fn blame_fabric(&mut self, life: Life, source: io::Error) {
        let role = self.role(life);
        self.changes.blame(match self.dispatcher(life) {
            Some(_) => ChangeError::Succession { role, source },
            None => ChangeError::Fabric { role, source },
        });
    }
}
