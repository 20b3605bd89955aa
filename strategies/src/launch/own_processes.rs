//! The stage of our own processes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::child::Role;
use super::counter::Counter;
use super::fault::Misbehaviour;
use super::host::UnmetRequirement;
use super::master::{Change, ChangeError, FleetEvent, Grouping, Master, Roster};
use super::messages::{Ends, Reader};
use super::stage::{FOREIGN, Stage};
use super::{CLEAN_UP, snapshot::WorkerSnapshot, spec::FleetSpec};
use crate::defence::{DefenceCounts, Journal};
use crate::subreaper::descendants;
use crate::usage::CpuTime;
use crate::view::{Scoreboard, Slot};

/// Our own dispatchers and workers, their master and their scoreboard. Dropping it kills and reaps them.
#[derive(Debug)]
pub(crate) struct OwnProcesses {
    /// Dropped before the processes, so that it starts no more of them.
    master: Master,
    messages: Reader,
    roster: Arc<Roster>,
    /// Number of dispatchers.
    dispatchers: usize,
    scoreboard: Scoreboard,
    grouping: Grouping,
    can_change: Result<(), UnmetRequirement>,
    can_refuse: Result<(), UnmetRequirement>,
    /// Whether each worker runs a program of the user, which is a descendant of its process.
    runs_command: bool,
    counter: Counter,
    /// What its defences have done, if any is on.
    journal: Option<Journal>,
}

impl OwnProcesses {
    pub(crate) fn new(
        roster: Arc<Roster>,
        master: Master,
        messages: Reader,
        dispatchers: usize,
        scoreboard: Scoreboard,
        grouping: Grouping,
        can_change: Result<(), UnmetRequirement>,
    ) -> Self {
        Self {
            master,
            messages,
            roster,
            dispatchers,
            scoreboard,
            grouping,
            can_change,
            can_refuse: Ok(()),
            runs_command: false,
            counter: Counter::None,
            journal: None,
        }
    }

    /// Says whether a worker has a listener that it can close.
    pub(crate) fn refusing(self, can_refuse: Result<(), UnmetRequirement>) -> Self {
        Self { can_refuse, ..self }
    }

    /// Says what workers run, and how they count.
    pub(crate) fn running(self, spec: &FleetSpec) -> Self {
        Self {
            runs_command: spec.command.is_some(),
            counter: spec.counter,
            ..self
        }
    }

    pub(crate) fn defended(self, journal: Option<Journal>) -> Self {
        Self { journal, ..self }
    }

    /// Returns the figures of a worker: sums over all its lives.
    fn worker(&self, number: usize) -> WorkerSnapshot {
        let lives = self.scoreboard.lives(number);
        let connections = lives.map(Slot::connections_accepted);
        let requests = lives.map(Slot::requests_served);
        WorkerSnapshot {
            // A program of the user does not tell them.
            connections_accepted: (!self.runs_command).then(|| connections.iter().sum()),
            requests_served: (!self.runs_command).then(|| requests.iter().sum()),
            cpu: self.cpu_of_worker(number),
        }
    }

    fn cpu_of_worker(&self, number: usize) -> Option<CpuTime> {
        match self.grouping {
            Grouping::Processes => self.roster.cpu(Role::Worker(number)),
            // That of threads of processes that have ended is not known.
            Grouping::Threads { .. } => {
                let [process] = self.roster.launched()[..] else {
                    return None;
                };
                let lives = self.scoreboard.lives(number).into_iter();
                let mut threads = lives.filter_map(Slot::thread);
                threads.find_map(|thread| CpuTime::of_thread(process.1, thread))
            }
        }
    }
}

const ENDS_BY_ITSELF: &str = "a program of the user ends its connections itself, so it cannot be asked to close a \
                              share of them";

const NO_DISPATCHER: &str =
    "no dispatcher of evenkeel is in front of its workers, so there is none to replace";

impl Stage for OwnProcesses {
    fn launched(&self) -> Vec<(Role, Pid)> {
        self.roster.launched()
    }

    fn present(&self) -> Vec<(Role, Pid)> {
        let launched = self.launched();
        if !self.runs_command {
            return launched;
        }
        let processes = launched.into_iter().flat_map(|(role, pid)| {
            let program = descendants(pid).into_iter().map(|process| process.pid);
            let own = role.is_dispatcher().then_some(pid);
            own.into_iter().chain(program).map(move |pid| (role, pid))
        });
        processes.collect()
    }

    /// Of a worker with a program of the user that is the program: its keeper is well.
    fn processes_with(&self, role: Role) -> Vec<Pid> {
        let present = self.present().into_iter();
        present
            .filter(|(its, _)| *its == role)
            .map(|(_, pid)| pid)
            .collect()
    }

    fn expect_end(&self, role: Role) {
        self.roster.expect_end(role);
    }

    fn can_misbehave(&self, how: &Misbehaviour) -> Result<(), UnmetRequirement> {
        match how {
            _ if self.runs_command => Err(UnmetRequirement(FOREIGN.to_owned())),
            Misbehaviour::Refuse => self.can_refuse.clone(),
            _ => Ok(()),
        }
    }

    fn cpu_time(&self) -> Duration {
        self.roster.cpu_of_all()
    }

    fn alive(&mut self) -> Vec<Role> {
        self.roster.alive()
    }

    fn dispatcher_cpu(&self) -> Option<CpuTime> {
        let cpu = |number| self.roster.cpu(Role::Dispatcher(number));
        let times: Option<Vec<_>> = (0..self.dispatchers).map(cpu).collect();
        times
            .filter(|all| !all.is_empty())
            .map(|all| all.into_iter().sum())
    }

    fn workers(&self) -> Vec<WorkerSnapshot> {
        let numbers = 0..self.scoreboard.workers();
        numbers.map(|number| self.worker(number)).collect()
    }

    fn workers_cpu(&self) -> Option<CpuTime> {
        match self.grouping {
            Grouping::Processes => None,
            Grouping::Threads { .. } => self.roster.cpu(Role::Server),
        }
    }

    fn master_cpu(&self) -> Option<CpuTime> {
        let is_busy = self.counter == Counter::Messages;
        is_busy.then(|| self.messages.cpu())?
    }

    fn choosers(&self) -> usize {
        self.dispatchers
    }

    fn deaths(&mut self) -> Vec<String> {
        self.roster.deaths()
    }

    /// Asks dispatchers to end first, since they need workers for what they have, and then workers. Both may
    /// take `drain_within`.
    fn stop(self: Box<Self>, drain_within: Duration) {
        let Self { master, roster, .. } = *self;
        let dispatchers = master.end();
        // A process observes the drain time itself. The rest is for its clean-up.
        let deadline = || Instant::now() + drain_within + CLEAN_UP;
        roster.terminate(Role::is_dispatcher);
        let first = deadline();
        // A dispatcher closes its end when it gives nothing more to workers.
        for dispatcher in &dispatchers {
            dispatcher.wait_closed(first);
        }
        roster.terminate(|role| !role.is_dispatcher());
        roster.wait_until(deadline());
    }

    fn scoreboard(&self) -> Option<&Scoreboard> {
        Some(&self.scoreboard)
    }

    fn messages(&self) -> Option<&Arc<Ends>> {
        (!self.runs_command).then_some(&self.messages.ends)
    }

    fn can_change(&self, change: &Change) -> Result<(), UnmetRequirement> {
        if self.runs_command && matches!(change, Change::Scale { close: Some(_), .. }) {
            return Err(UnmetRequirement(ENDS_BY_ITSELF.to_owned()));
        }
        if self.dispatchers == 0 && matches!(change, Change::ReplaceDispatcher { .. }) {
            return Err(UnmetRequirement(NO_DISPATCHER.to_owned()));
        }
        self.can_change.clone()
    }

    fn change(&self, change: &Change) -> Result<(), ChangeError> {
        Stage::can_change(self, change)?;
        self.master.change(change)
    }

    fn abandon_changes(&self) {
        self.master.abandon_changes();
    }

    fn defences(&self) -> Option<DefenceCounts> {
        let places = 0..self.scoreboard.workers();
        let lives = places.flat_map(|place| self.scoreboard.lives(place));
        self.journal.as_ref().map(|journal| DefenceCounts {
            rescued: lives.map(Slot::connections_rescued).sum(),
            ..journal.counts()
        })
    }

    fn events(&self) -> Vec<FleetEvent> {
        let entries = self.journal.as_ref().map(Journal::events);
        let entries = entries.unwrap_or_default().into_iter();
        let mut events = self.roster.events();
        events.extend(entries.map(|entry| self.roster.event_of(entry)));
        events.sort_by_key(|event| event.at);
        events
    }
}
