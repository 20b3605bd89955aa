//! A place of a worker or dispatcher: a state machine that decides what happens next.
//!
//! It is told what happened, and when. It says what must be done. It does nothing itself, so a table of
//! events and decisions tests it.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use super::change::Overlap;
use super::decision::{Act, AfterEnd, Replacement, Rules};
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

    /// Decides what to do next. It assumes that this is done, and answers `None` when nothing is left.
    pub(super) fn next(&mut self, now: Instant) -> Option<Act> {
        self.kill_late(now)
            .or_else(|| self.admit())
            .or_else(|| self.end_superseded(now))
            .or_else(|| self.start(now))
            .or_else(|| self.close_share())
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

    fn kill_late(&mut self, now: Instant) -> Option<Act> {
        let is_late = |life: &&mut Occupant| match life.state {
            State::Starting { until } | State::Draining { until } => until <= now,
            State::Ready | State::Serving | State::Killed => false,
        };
        let late = self.lives.iter_mut().find(is_late)?;
        let generation = late.generation;
        let was = std::mem::replace(&mut late.state, State::Killed);
        if matches!(was, State::Draining { .. }) {
            return Some(Act::Kill(generation));
        }
        self.fall_back(generation);
        Some(Act::KillLate(generation))
    }

    fn admit(&mut self) -> Option<Act> {
        let Goal::Served { since } = self.goal else {
            return None;
        };
        let mut lives = self.lives.iter_mut();
        let ready = lives.find(|life| life.state == State::Ready && life.generation >= since)?;
        ready.state = State::Serving;
        Some(Act::Admit(ready.generation))
    }

    /// Ends lives that are not to serve: at once those that do not serve yet, the others when their
    /// successor serves or they are to end first.
    fn end_superseded(&mut self, now: Instant) -> Option<Act> {
        let since = match self.goal {
            Goal::Vacant => u32::MAX,
            Goal::Served { since } => since,
        };
        let drains_first = self.replacement.overlap == Overlap::DrainThenStart || !self.is_wanted();
        let may_drain = drains_first || self.is_served();
        let (within, clean_up) = (self.replacement.drain_within, self.rules.clean_up);
        let old = self.lives.iter_mut().filter(|life| life.generation < since);
        for life in old {
            match life.state {
                State::Starting { .. } | State::Ready => {
                    life.state = State::Killed;
                    return Some(Act::Kill(life.generation));
                }
                State::Serving if may_drain => {
                    let until = now + within + clean_up;
                    life.state = State::Draining { until };
                    return Some(Act::Retire(life.generation, within));
                }
                _ => {}
            }
        }
        None
    }

    fn start(&mut self, now: Instant) -> Option<Act> {
        if !self.may_start() || self.start_from.is_none_or(|from| from > now) {
            return None;
        }
        let generation = self.next_generation + u32::from(self.is_line_taken());
        self.next_generation = generation + 1;
        let until = now + self.rules.ready_within;
        let state = State::Starting { until };
        self.lives.push(Occupant { generation, state });
        Some(Act::Start(generation))
    }

    fn close_share(&mut self) -> Option<Act> {
        let share = self.to_close.take()?;
        let mut lives = self.lives.iter();
        let serving = lives.find(|life| life.state == State::Serving)?;
        Some(Act::CloseShare(serving.generation, share))
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

    /// Whether the next generation would share its line of the scoreboard with a life that has not ended, as
    /// happens after one that failed. It is left out then.
    fn is_line_taken(&self) -> bool {
        let mut lives = self.lives.iter();
        lives.any(|life| life.generation % 2 == self.next_generation % 2)
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
