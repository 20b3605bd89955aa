//! Stalled workers: how a master finds them, and what it does about them.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use super::event::FleetEventKind;
use super::thread::MasterThread;
use crate::defence::{Finding, Stall, StallWatch};
use crate::view::Life;

/// What a master knows of the event loops of its workers.
#[derive(Debug)]
pub(super) struct Stalls {
    stall: Stall,
    /// Workers that serve.
    watched: BTreeMap<Life, StallWatch>,
    /// When it looks at them again.
    next: Instant,
    /// Connections that ill workers have not taken in, and the workers. Nobody has them so far.
    unplaced: VecDeque<(Life, OwnedFd)>,
    /// How many connections were given to others.
    given: usize,
}

impl Stalls {
    pub(super) fn new(stall: Stall) -> Self {
        Self {
            stall,
            watched: BTreeMap::new(),
            next: Instant::now(),
            unplaced: VecDeque::new(),
            given: 0,
        }
    }

    pub(super) fn next(&self) -> Instant {
        self.next
    }

    fn is_stalled(&self, life: Life) -> bool {
        self.watched.get(&life).is_some_and(StallWatch::is_stalled)
    }
}

impl MasterThread {
    /// Looks at all workers, if it is time.
    pub(super) fn look_for_stalls(&mut self) {
        let now = Instant::now();
        let serving = self.serving();
        let Some(stalls) = self.stalls.as_mut().filter(|it| it.next <= now) else {
            return;
        };
        stalls.next = now + stalls.stall.every();
        stalls.watched.retain(|life, _| serving.contains(life));
        for life in serving {
            self.look_at(life, now);
        }
        self.hand_on();
    }

    /// Returns the workers that may be chosen, as far as processes are concerned.
    fn serving(&self) -> Vec<Life> {
        let serve = self.processes.iter();
        let serve = serve.filter(|it| !it.is_starting && !it.is_retired);
        let workers = serve.flat_map(|it| {
            let numbers = it.numbers.clone();
            numbers.map(|place| Life { place, ..it.life })
        });
        workers.collect()
    }

    fn look_at(&mut self, life: Life, now: Instant) {
        // An earlier build, and a program of the user, show none.
        let heartbeat = self.starter.scoreboard.life(life).heartbeat();
        let (Some(stalls), Some(heartbeat)) = (&mut self.stalls, heartbeat) else {
            return;
        };
        let watch = stalls.watched.entry(life);
        let watch = watch.or_insert_with(|| StallWatch::new(heartbeat, now));
        let is_awaited = || self.fabric.is_awaited(life);
        let finding = watch.look(heartbeat, is_awaited, now, stalls.stall.after);
        let is_stalled = watch.is_stalled();
        match finding {
            Some(Finding::Stalled) => self.suspend(life),
            Some(Finding::Recovered) => {
                self.note_of_worker(life, FleetEventKind::Recovered);
                report(self.fabric.resume(life), life);
            }
            None => {}
        }
        if is_stalled {
            self.rescue(life);
        }
    }

    fn suspend(&mut self, life: Life) {
        self.note_of_worker(life, FleetEventKind::Stalled);
        // The kernel may move what is left, and does not say how much.
        self.take_waiting(life);
        let rescued = self.rescued_of(life);
        report(self.fabric.suspend(life), life);
        self.note_rescued(life, rescued);
    }

    /// Gives what waits at the intake of an ill worker to others, if the fleet rescues.
    pub(super) fn rescue(&mut self, life: Life) {
        self.take_waiting(life);
        self.hand_on();
    }

    fn take_waiting(&mut self, life: Life) {
        if let Some(stalls) = self.stalls.as_mut().filter(|it| it.stall.rescue) {
            let waiting = self.fabric.take_waiting(life).into_iter();
            stalls.unplaced.extend(waiting.map(|it| (life, it)));
        }
    }

    /// Gives connections that ill workers have not taken in to healthy ones, in turn. Without any, they wait.
    fn hand_on(&mut self) {
        if self.stalls.as_ref().is_none_or(|it| it.unplaced.is_empty()) {
            return;
        }
        let mut healthy = self.healthy();
        let messages = &self.starter.messages;
        let Some(stalls) = self.stalls.as_mut().filter(|_| !healthy.is_empty()) else {
            return;
        };
        let turn = stalls.given % healthy.len();
        healthy.rotate_left(turn);
        let mut rescued = BTreeMap::new();
        while let Some((life, connection)) = stalls.unplaced.pop_front() {
            healthy.rotate_left(1);
            if !(healthy.iter()).any(|it| messages.give(it.place, &connection).is_ok()) {
                stalls.unplaced.push_front((life, connection));
                break;
            }
            stalls.given += 1;
            *rescued.entry(life).or_default() += 1;
        }
        for (life, connections) in rescued {
            let before = self.rescued_of(life);
            self.starter.scoreboard.life(life).rescue(connections);
            self.note_rescued(life, before);
        }
    }

    /// Returns the workers that can serve what an ill one has not taken in.
    fn healthy(&self) -> Vec<Life> {
        let is_healthy = |life: &Life| {
            let is_stalled = self.stalls.as_ref().is_some_and(|it| it.is_stalled(*life));
            let slot = self.starter.scoreboard.life(*life);
            !is_stalled && slot.heartbeat().is_some()
        };
        self.serving().into_iter().filter(is_healthy).collect()
    }

    /// Returns how many connections were rescued from a worker so far.
    pub(super) fn rescued_of(&self, life: Life) -> u64 {
        self.starter.scoreboard.life(life).connections_rescued()
    }

    /// Notes how many connections were rescued from a worker since there were this many.
    pub(super) fn note_rescued(&self, life: Life, before: u64) {
        let connections = self.rescued_of(life) - before;
        if connections > 0 {
            self.note_of_worker(life, FleetEventKind::Rescued { connections });
        }
    }

    fn note_of_worker(&self, life: Life, what: FleetEventKind) {
        let process = self.processes.iter();
        let process = process.filter(|it| it.numbers.contains(&life.place));
        let process = process
            .map(|it| it.life)
            .find(|it| it.generation == life.generation);
        let process = process.unwrap_or(life);
        self.roster.note_of_worker(life, self.role(process), what);
    }
}

/// Says what could not be done about an ill worker. The fleet goes on without.
fn report(outcome: io::Result<()>, life: Life) {
    if let Err(error) = outcome {
        eprintln!("evenkeel: {life} is ill, and the fleet cannot follow: {error}");
    }
}
