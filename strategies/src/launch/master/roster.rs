//! The processes of a fleet, and what has happened to them.

use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

use super::counted::Counted;
use super::event::{FleetEvent, FleetEventKind};
use crate::defence::Entry;
use crate::launch::child::{Child, Role, describe};
use crate::launch::spec::FleetSpec;
use crate::usage::CpuTime;
use crate::view::Life;

/// All processes of a fleet and their events. The master adds to it, and other threads read it.
#[derive(Debug)]
pub(in crate::launch) struct Roster {
    /// Whether workers that crash are replaced.
    respawns: bool,
    /// Whether each worker keeps a program of the user.
    keeps_programs: bool,
    lists: Mutex<Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    /// In the order of their starts. Dispatchers come first, and are so dropped first, since they report an
    /// error when workers are gone.
    members: Vec<Member>,
    events: Vec<FleetEvent>,
}

/// A process that was started.
#[derive(Debug)]
pub(in crate::launch) struct Member {
    pub(in crate::launch) role: Role,
    pub(in crate::launch) generation: u32,
    child: Child,
    /// Whether it was asked to end.
    is_to_end: bool,
    /// How it ended, and the CPU time that it had used.
    end: Option<(ExitStatus, Option<CpuTime>)>,
    is_reported: bool,
}

impl Member {
    pub(in crate::launch) fn new(child: Child, generation: u32) -> Self {
        Self {
            role: child.role,
            generation,
            child,
            is_to_end: false,
            end: None,
            is_reported: false,
        }
    }

    pub(in crate::launch) fn pid(&self) -> Pid {
        self.child.pid()
    }

    fn has_crashed(&self) -> bool {
        self.end.is_some() && !self.is_to_end
    }

    /// Returns the CPU time that counts for it, up to its end. `None` if it is not known.
    fn cpu(&self, counted: Counted) -> Option<CpuTime> {
        match &self.end {
            Some((_, cpu)) => *cpu,
            None => counted.cpu(self.pid()),
        }
    }

    fn event(&self, what: FleetEventKind) -> FleetEvent {
        FleetEvent {
            at: Instant::now(),
            role: self.role,
            generation: self.generation,
            pid: Some(self.pid().as_raw()),
            what,
        }
    }

    /// Reaps it if it has ended. Returns the event.
    fn reap(&mut self, counted: Counted) -> Option<FleetEvent> {
        if self.end.is_some() {
            return None;
        }
        let (status, cpu) = self.child.end(|pid| counted.cpu(pid))?;
        self.end = Some((status, cpu));
        Some(self.event(FleetEventKind::Exit {
            how: Some(status.into()),
            intended: self.is_to_end,
        }))
    }
}

impl Roster {
    pub(in crate::launch) fn new(spec: &FleetSpec) -> Self {
        Self {
            respawns: spec.respawn.is_some(),
            keeps_programs: spec.command.is_some(),
            lists: Mutex::default(),
        }
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose CPU time counts for a process with this role.
    fn counted(&self, role: Role) -> Counted {
        match role {
            Role::Worker(_) if self.keeps_programs => Counted::Program,
            _ => Counted::Process,
        }
    }

    pub(in crate::launch) fn add(&self, member: Member) {
        self.lists().members.push(member);
    }

    pub(in crate::launch) fn note(&self, event: FleetEvent) {
        self.lists().events.push(event);
    }

    /// Notes that a process is about to be created.
    pub(super) fn note_fork(&self, role: Role, generation: u32) {
        let mut lists = self.lists();
        lists.events.push(FleetEvent {
            at: Instant::now(),
            role,
            generation,
            pid: None,
            what: FleetEventKind::Fork,
        });
    }

    /// Notes what happens to the last process with this role and generation.
    pub(in crate::launch) fn note_of(&self, role: Role, generation: u32, what: FleetEventKind) {
        let mut lists = self.lists();
        let Some(member) = lists.member(role, generation) else {
            return;
        };
        let event = member.event(what);
        lists.events.push(event);
    }

    /// Notes what happens to a worker of the process with this role and generation.
    pub(super) fn note_of_worker(&self, worker: Life, process: Role, what: FleetEventKind) {
        let mut lists = self.lists();
        let Some(member) = lists.member(process, worker.generation) else {
            return;
        };
        let event = FleetEvent {
            role: Role::Worker(worker.place),
            ..member.event(what)
        };
        lists.events.push(event);
    }

    /// Returns the event of an entry in the journal of defences.
    pub(in crate::launch) fn event_of(&self, entry: Entry) -> FleetEvent {
        let Life { place, generation } = entry.life;
        let role = Role::Worker(place);
        FleetEvent {
            at: entry.at,
            role,
            generation,
            pid: (self.lists().member(role, generation)).map(|member| member.pid().as_raw()),
            what: entry.into(),
        }
    }

    /// Returns all events in the order of their times.
    pub(in crate::launch) fn events(&self) -> Vec<FleetEvent> {
        self.reap();
        let mut events = self.lists().events.clone();
        events.sort_by_key(|event| event.at);
        events
    }

    /// Reaps all processes that have ended.
    pub(in crate::launch) fn reap(&self) {
        let mut lists = self.lists();
        let members = lists.members.iter_mut();
        let ends = members.filter_map(|member| member.reap(self.counted(member.role)));
        let ends: Vec<_> = ends.collect();
        lists.events.extend(ends);
    }

    /// Whether a process has ended. It is reaped then.
    pub(super) fn has_ended(&self, role: Role, generation: u32) -> bool {
        self.reap();
        let mut lists = self.lists();
        let member = lists.member(role, generation);
        member.is_none_or(|member| member.end.is_some())
    }

    /// Lets a function signal a process that has not ended, which is asked to end by that.
    pub(super) fn end(&self, role: Role, generation: u32, signal: fn(&mut Child)) {
        self.reap();
        if let Some(member) = self.lists().member(role, generation)
            && member.end.is_none()
        {
            member.is_to_end = true;
            signal(&mut member.child);
        }
    }

    /// From now on the end of the running process with this role is not reported as a death.
    pub(in crate::launch) fn expect_end(&self, role: Role) {
        let mut lists = self.lists();
        let members = lists.members.iter_mut();
        for member in members.filter(|it| it.role == role && it.end.is_none()) {
            member.is_reported = true;
        }
    }

    /// Kills a process that was not asked to end.
    pub(super) fn kill(&self, role: Role, generation: u32) {
        if let Some(member) = self.lists().member(role, generation) {
            member.child.kill();
        }
    }

    /// Asks all processes with a chosen role to end.
    pub(in crate::launch) fn terminate(&self, chosen: fn(Role) -> bool) {
        self.reap();
        let mut lists = self.lists();
        let members = lists.members.iter_mut();
        for member in members.filter(|it| chosen(it.role) && it.end.is_none()) {
            member.is_to_end = true;
            member.child.terminate();
        }
    }

    /// Waits until all processes have ended, or until the deadline.
    pub(in crate::launch) fn wait_until(&self, deadline: Instant) {
        for member in &mut self.lists().members {
            member.child.wait_until(deadline);
        }
        self.reap();
    }

    /// Returns the processes, except for those that have ended and were to end, or have a successor.
    pub(in crate::launch) fn launched(&self) -> Vec<(Role, Pid)> {
        let lists = self.lists();
        let members = lists.members.iter();
        let current = members.filter(|it| it.end.is_none() || lists.is_missing(it));
        current.map(|it| (it.role, it.pid())).collect()
    }

    /// Returns the roles of the processes that have not ended, and of workers that will be respawned.
    pub(in crate::launch) fn alive(&self) -> Vec<Role> {
        self.reap();
        let lists = self.lists();
        let members = lists.members.iter();
        let is_respawned = |it: &&Member| {
            let may_be = self.respawns && !it.role.is_dispatcher();
            may_be && lists.is_missing(it) && !lists.gave_up(it.role)
        };
        let alive = members.filter(|it| it.end.is_none() || is_respawned(it));
        alive.map(|it| it.role).collect()
    }

    /// Returns one sentence for each crash since the last call.
    pub(in crate::launch) fn deaths(&self) -> Vec<String> {
        self.reap();
        let mut lists = self.lists();
        let unreported = lists
            .members
            .iter_mut()
            .filter(|it| it.has_crashed() && !it.is_reported);
        let death = |member: &mut Member| {
            member.is_reported = true;
            let (role, pid, (status, _)) = (member.role, member.pid(), member.end?);
            Some(format!("{role} (process {pid}) {}", describe(status)))
        };
        unreported.filter_map(death).collect()
    }

    /// Returns the sum of the CPU times of all processes with a role, up to their ends. `None` if the last one
    /// has crashed, or a figure is missing.
    pub(in crate::launch) fn cpu(&self, role: Role) -> Option<CpuTime> {
        let lists = self.lists();
        let members = || lists.members.iter().filter(|it| it.role == role);
        if members().any(|it| lists.is_missing(it)) {
            return None;
        }
        members().map(|it| it.cpu(self.counted(role))).sum()
    }

    /// Returns the sum of what all processes used that are known, up to their ends.
    pub(in crate::launch) fn cpu_of_all(&self) -> Duration {
        let lists = self.lists();
        let members = lists.members.iter();
        let times = members.map(|it| match &it.end {
            Some((_, cpu)) => cpu.map_or(Duration::ZERO, |cpu| cpu.total),
            None => self.counted(it.role).total(it.pid()),
        });
        times.sum()
    }
}

impl Lists {
    fn member(&mut self, role: Role, generation: u32) -> Option<&mut Member> {
        let mut members = self.members.iter_mut();
        members.find(|it| it.role == role && it.generation == generation)
    }

    /// Whether it has crashed and nobody has its place.
    fn is_missing(&self, member: &Member) -> bool {
        let has_the_place = |other: &Member| {
            let is_newer = other.generation > member.generation;
            other.role == member.role && (is_newer || other.end.is_none())
        };
        member.has_crashed() && !self.members.iter().any(has_the_place)
    }

    fn gave_up(&self, role: Role) -> bool {
        let gives_up =
            |it: &FleetEvent| it.role == role && matches!(it.what, FleetEventKind::GaveUp { .. });
        self.events.iter().any(gives_up)
    }
}
