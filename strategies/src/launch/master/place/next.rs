//! What is done next in a place.

use std::time::Instant;

use super::{Goal, Occupant, Place, State};
use crate::launch::master::change::Overlap;
use crate::launch::master::decision::Act;

impl Place {
    /// Decides what to do next. It assumes that this is done, and answers `None` when nothing is left.
    pub(in crate::launch::master) fn next(&mut self, now: Instant) -> Option<Act> {
        self.kill_late(now)
            .or_else(|| self.admit())
            .or_else(|| self.end_superseded(now))
            .or_else(|| self.start(now))
            .or_else(|| self.close_share())
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

    /// Whether the next generation would share its line of the scoreboard with a life that has not ended, as
    /// happens after one that failed. It is left out then.
    fn is_line_taken(&self) -> bool {
        let mut lives = self.lives.iter();
        lives.any(|life| life.generation % 2 == self.next_generation % 2)
    }
}
