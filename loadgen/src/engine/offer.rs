//! When requests are sent: the closed and the open loop.

use super::Engine;
use crate::connection::{Request, State};
use crate::failure::{Cause, ErrorClass};
use crate::http1::Answer;
use crate::ledger::Served;

/// How long a place rests after a failure. Short enough to be back soon after
/// a server is, long enough that a refusing server is not asked in a busy loop.
const BACK_OFF_NS: u64 = 10_000_000;

impl Engine<'_> {
    /// Puts a place without a socket to use.
    pub(super) fn renew(&mut self, place: usize, now: u64) {
        if place >= self.on_demand_from {
            self.make_available(place, now);
        } else {
            self.open(place, now);
        }
    }

    /// A place is free to carry the next request.
    pub(super) fn make_available(&mut self, place: usize, now: u64) {
        let open = self.connections[place].socket.is_some();
        let state = if open { State::Idle } else { State::Vacant };
        self.connections[place].enter(state, now);
        if self.pipelines() {
            return self.start_pipeline(place, now);
        }
        if self.schedule.is_none() {
            if self.claim(now) {
                self.start(place, now, now);
            }
            return;
        }
        if open {
            self.idle.push_back(place);
        } else {
            self.vacant.push(place);
        }
        self.issue_due(now);
    }

    /// Sends what is due, as far as there are places for it. In the closed
    /// loop nothing is ever due.
    pub(super) fn issue_due(&mut self, mut now: u64) {
        while let Some(due) = self.next_arrival().filter(|due| *due <= now) {
            let Some(place) = self.idle.pop_front().or_else(|| self.vacant.pop()) else {
                return;
            };
            if let Some(schedule) = &mut self.schedule {
                schedule.take();
            }
            self.start(place, due, now);
            now = self.clock.now();
        }
    }

    /// When the next arrival is due that has a place; `None` if there is no
    /// place, or no arrival before the window closes.
    pub(super) fn next_arrival(&self) -> Option<u64> {
        if self.idle.is_empty() && self.vacant.is_empty() {
            return None;
        }
        let due = self.schedule.as_ref()?.peek();
        (due < self.window.end).then_some(due)
    }

    fn start(&mut self, place: usize, intended: u64, now: u64) {
        self.note_arrival(place, intended, now);
        let connection = &mut self.connections[place];
        connection.begun += 1;
        connection.request = Request {
            intended,
            draw: self.work.next(),
            turn: self.begun,
            last: (self.spec.requests_per_connection)
                .is_some_and(|most| connection.begun == most.get()),
            sent: 0,
            written: 0,
            whole: false,
        };
        self.begun += 1;
        let asks_for_head = self.prepared.asks_for_head(connection.request.draw);
        connection.parser.expect_head(asks_for_head);
        if connection.socket.is_none() {
            self.open(place, now);
        } else {
            connection.enter(State::Busy, now);
            if !self.defer(place) {
                self.continue_writing(place, now);
            }
        }
    }

    /// Notes a request that is about to be sent, and by how much the generator
    /// is late with it.
    pub(super) fn note_arrival(&mut self, place: usize, intended: u64, now: u64) {
        if !self.counts_by_intent() || !self.window.contains(intended) {
            return;
        }
        self.outstanding += 1;
        if self.schedule.is_none() {
            return;
        }
        let free_since = self.connections[place].since;
        self.recorder
            .lag
            .saturating_record(now.saturating_sub(intended.max(free_since)));
        self.sends.count(intended, free_since, now, self.window);
        if self.sample.len() < self.sample.capacity() {
            self.sample.push(intended);
        }
    }

    /// The request of this place is answered.
    pub(super) fn complete(&mut self, place: usize, answer: &Answer, now: u64) {
        self.answered += 1;
        self.last_bytes = answer.bytes;
        let renumbered = self.names.as_ref().map(|names| names.renumber(answer));
        let answer = renumbered.as_ref().unwrap_or(answer);
        let connection = &self.connections[place];
        let request = connection.request;
        let intended = request.intended;
        let service = now.saturating_sub(connection.since);
        if let Some(ledger) = &mut self.ledger {
            ledger.write(request.turn, Served::by(answer, request.sent, now));
        }
        if self.settle(Some(intended), now) {
            if answer.status >= 400 {
                self.keep_status_example(place, answer.status);
            }
            let response = now.saturating_sub(intended);
            self.recorder.answered(answer, response, service);
        }
    }

    fn keep_status_example(&mut self, place: usize, status: u16) {
        let draw = self.connections[place].request.draw;
        let prepared = &mut self.prepared;
        self.recorder.example(ErrorClass::Status(status), || {
            format!("the answer to `{}`", prepared.request_line(draw))
        });
    }

    /// The request or the connection of this place has failed.
    pub(super) fn fail(&mut self, place: usize, cause: &Cause, now: u64) {
        let connection = &mut self.connections[place];
        let carries = match connection.state {
            State::Busy => true,
            State::Connecting | State::ShakingHands => connection.begun > 0,
            State::Vacant | State::Cooling | State::Idle => false,
        };
        let intended = carries.then_some(connection.request.intended);
        let behind = connection.take_behind();
        connection.close();
        connection.enter(State::Cooling, now);
        self.cooling.push_back((now + BACK_OFF_NS, place));
        self.count_failure(intended, cause, now);
        for request in behind {
            self.count_failure(Some(request.intended), cause, now);
        }
    }

    fn count_failure(&mut self, intended: Option<u64>, cause: &Cause, now: u64) {
        self.failures += 1;
        if self.settle(intended, now) {
            let class = cause.class();
            self.recorder.failed(class, 1);
            self.recorder.example(class, || cause.to_string());
        }
    }

    /// Whether what has just ended belongs to the window. A request that does
    /// by when it was to be sent is no longer outstanding.
    fn settle(&mut self, intended: Option<u64>, now: u64) -> bool {
        match intended {
            Some(intended) if self.counts_by_intent() => {
                let belongs = self.window.contains(intended);
                self.outstanding -= u64::from(belongs);
                // The closed loop does not wait for answers after its window.
                belongs && (self.schedule.is_some() || now < self.window.end)
            }
            Some(_) => self.window.contains(now),
            None => self.window.contains(now) && self.claim(now),
        }
    }

    /// Uses places again that have rested after a failure.
    pub(super) fn retry(&mut self, now: u64) {
        while let Some((at, place)) = self.cooling.front().copied() {
            if at > now {
                return;
            }
            self.cooling.pop_front();
            self.renew(place, now);
        }
    }
}
