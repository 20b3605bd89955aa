//! A place of a worker or dispatcher: a state machine that decides what happens next.
//!
//! It is told what happened, and when. It says what must be done. It does nothing itself, so a table of
//! events and decisions tests it.

mod next;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use super::change::Overlap;
use super::decision::{AfterEnd, Replacement, Rules};
use super::respawn::Crashes;
use crate::share::Share;

/// The place of a worker or dispatcher. Two lives may share it for a while: the old one drains while the new one serves.
#[derive(Debug)]
pub(super) struct Place {
    rules: Rules,
    /// The lives that have not ended, the oldest first.
    lives: Vec<Occupant>,
    next_generation: u32,
    goal: Goal,
    replacement: Replacement,
    /// When the next life may start, if one is missing. `None`: never.
    start_from: Option<Instant>,
    crashes: Crashes,
    /// The share of its connections that the life that serves is to end.
    to_close: Option<Share>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// No life is left.
    Vacant,
    /// A life of at least this generation serves, and no other is left.
    Served { since: u32 },
}

#[derive(Clone, Copy, Debug)]
struct Occupant {
    generation: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Starting {
        until: Instant,
    },
    /// It could serve, and waits to be admitted.
    Ready,
    Serving,
    Draining {
        until: Instant,
    },
    /// It was killed, and has not ended yet.
    Killed,
}

impl Place {
    /// Creates a place without a life.
    pub(super) fn vacant(rules: Rules, replacement: Replacement) -> Self {
        Self {
            rules,
            lives: Vec::new(),
            next_generation: 0,
            goal: Goal::Vacant,
            replacement,
            start_from: None,
            crashes: Crashes::default(),
            to_close: None,
        }
    }

    /// Creates a place whose first life serves.
    pub(super) fn served(rules: Rules, replacement: Replacement) -> Self {
        let first = Occupant {
            generation: 0,
            state: State::Serving,
        };
        Self {
            lives: vec![first],
            next_generation: 1,
            goal: Goal::Served { since: 0 },
            ..Self::vacant(rules, replacement)
        }
    }

    /// Whether the place is to have a worker.
    pub(super) fn is_wanted(&self) -> bool {
        self.goal != Goal::Vacant
    }

    /// Returns the drain time of the life that is replaced.
    pub(super) fn drain_within(&self) -> Duration {
        self.replacement.drain_within
    }

    /// From now on a new life is to serve, instead of those that there are.
    pub(super) fn renew(&mut self, replacement: Replacement, now: Instant) {
        self.replacement = replacement;
        self.goal = Goal::Served {
            since: self.next_generation,
        };
        self.start_from = Some(now);
    }

    /// From now on nobody is to serve.
    pub(super) fn vacate(&mut self, replacement: Replacement) {
        self.replacement = replacement;
        self.goal = Goal::Vacant;
    }

    /// The life that serves is to end a share of its connections.
    pub(super) fn close(&mut self, share: Share) {
        self.to_close = Some(share);
    }

    /// Whether everything is as it is to be, or nothing more can be done for it.
    pub(super) fn is_settled(&self) -> bool {
        if self.to_close.is_some() {
            return false;
        }
        match (self.goal, &self.lives[..]) {
            (Goal::Vacant, lives) => lives.is_empty(),
            (Goal::Served { since }, [only]) => {
                only.generation >= since && only.state == State::Serving
            }
            (Goal::Served { .. }, lives) => lives.is_empty() && self.start_from.is_none(),
        }
    }

    /// Whether no life is left and none will start, unless the place is asked for one.
    pub(super) fn is_deserted(&self) -> bool {
        self.lives.is_empty() && (!self.is_wanted() || self.start_from.is_none())
    }

    /// Returns when [`next`](Self::next) must be called again, whatever happens until then.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let limits = self.lives.iter().filter_map(|life| match life.state {
            State::Starting { until } | State::Draining { until } => Some(until),
            State::Ready | State::Serving | State::Killed => None,
        });
        let start = self.start_from.filter(|_| self.may_start());
        limits.chain(start).min()
    }

    /// Notes that a life is ready.
    pub(super) fn ready(&mut self, generation: u32) {
        if let Some(life) = self.life(generation)
            && matches!(life.state, State::Starting { .. })
        {
            life.state = State::Ready;
        }
    }

    /// Notes that a life was killed, since it cannot serve.
    pub(super) fn failed(&mut self, generation: u32) {
        if let Some(life) = self.life(generation) {
            life.state = State::Killed;
            self.fall_back(generation);
        }
    }

    /// Notes the end of a life.
    pub(super) fn ended(&mut self, generation: u32, now: Instant) -> AfterEnd {
        self.lives.retain(|life| life.generation != generation);
        match self.goal {
            Goal::Served { since } if generation >= since => {
                self.fall_back(generation);
                match self.is_served() {
                    true => AfterEnd::Nothing,
                    false => self.respawn(now),
                }
            }
            _ => AfterEnd::Nothing,
        }
    }

    fn life(&mut self, generation: u32) -> Option<&mut Occupant> {
        let mut lives = self.lives.iter_mut();
        lives.find(|life| life.generation == generation)
    }

    /// Whether a life is missing and there is room for it. Each place has counters for two lives.
    fn may_start(&self) -> bool {
        let Goal::Served { since } = self.goal else {
            return false;
        };
        let is_missing = self.lives.iter().all(|life| life.generation < since);
        let room = match self.replacement.overlap {
            Overlap::StartThenDrain => 2,
            Overlap::DrainThenStart => 1,
        };
        is_missing && self.lives.len() < room
    }

    /// Whether a life that is to serve does.
    fn is_served(&self) -> bool {
        let Goal::Served { since } = self.goal else {
            return false;
        };
        let mut lives = self.lives.iter();
        lives.any(|life| life.generation >= since && life.state == State::Serving)
    }

    /// After the newest life has failed: if an old one still serves, it goes on.
    fn fall_back(&mut self, failed: u32) {
        let serving = self.lives.iter().find(|life| life.state == State::Serving);
        if let (Some(serving), Goal::Served { since }) = (serving, self.goal)
            && failed >= since
        {
            let since = serving.generation;
            self.goal = Goal::Served { since };
        }
    }

    fn respawn(&mut self, now: Instant) -> AfterEnd {
        let Some(policy) = &self.rules.respawn else {
            self.start_from = None;
            return AfterEnd::Lost;
        };
        let Some(after) = self.crashes.add(now, policy) else {
            self.start_from = None;
            return AfterEnd::GaveUp;
        };
        self.start_from = Some(now + after);
        AfterEnd::Respawn(after)
    }
}
