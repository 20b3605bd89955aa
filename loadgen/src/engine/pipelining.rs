//! Connections with several requests in flight, in the closed loop.

use rustix::event::epoll::EventFlags;

use super::Engine;
use super::answers::{MAX_READS, is_farewell, is_unasked};
use super::wire::ENDED;
use crate::connection::{Cause, Ended, Request, State};
use crate::http1::{Answer, Malformed, Parsed, is_nothing};
use crate::outcome::ErrorClass;

impl Engine<'_> {
    /// Opens the connection, or sends as many requests as may be in flight.
    pub(super) fn start_pipeline(&mut self, place: usize, now: u64) {
        if self.pool[place].socket.is_none() {
            self.open(place, now);
        } else {
            self.fill_pipeline(place, now, now);
        }
    }

    /// The connection is open. If requests open it, they are intended since it began to connect.
    pub(super) fn open_pipeline(&mut self, place: usize, now: u64) {
        let began = self.pool[place].since;
        self.pool[place].enter(State::Idle, now);
        let intended = if self.pool.is_on_demand(place) {
            began
        } else {
            now
        };
        self.fill_pipeline(place, intended, now);
    }

    /// Sends as many requests as may be in flight.
    fn fill_pipeline(&mut self, place: usize, intended: u64, now: u64) {
        while self.has_room(place) {
            let Some(request) = self.next_request(place, intended, now) else {
                break;
            };
            let connection = &mut self.pool[place];
            connection.begun += 1;
            let most = self.spec.requests_per_connection;
            let request = Request {
                is_last: most.is_some_and(|most| connection.begun == most.get()),
                is_written: true,
                ..request
            };
            if let Some(pipeline) = &mut connection.pipeline {
                let bytes = self.wire.prepared.bytes(request.draw, request.is_last);
                pipeline.push(request, bytes);
            }
        }
        self.bring_to_front(place, now);
        self.continue_writing(place, now);
    }

    fn has_room(&self, place: usize) -> bool {
        let connection = &self.pool[place];
        let pipeline = connection.pipeline.as_ref();
        let most = self.spec.requests_per_connection;
        pipeline
            .is_some_and(|pipeline| pipeline.in_flight.len() < self.spec.pipeline.get() as usize)
            && most.is_none_or(|most| connection.begun < most.get())
    }

    /// Returns the next request to send: one that an earlier connection has left unanswered, or a new
    /// one, if another is allowed.
    fn next_request(&mut self, place: usize, intended: u64, now: u64) -> Option<Request> {
        let connection = &mut self.pool[place];
        if let Some(again) = connection.pipeline.as_mut()?.again.pop_front() {
            return Some(again);
        }
        if !self.window.claim(now) {
            return None;
        }
        (self.tally).count_sent(intended, connection.since, now, &self.window);
        Some(Request {
            intended,
            draw: self.arrivals.work.next(),
            number: self.arrivals.number(),
            ..Request::default()
        })
    }

    /// Prepares for the next answer, which belongs to the first request in flight.
    fn bring_to_front(&mut self, place: usize, now: u64) {
        let connection = &mut self.pool[place];
        let pipeline = connection.pipeline.as_ref();
        let Some(request) = pipeline.and_then(|pipeline| pipeline.in_flight.front()) else {
            return connection.enter(State::Idle, now);
        };
        connection.request = *request;
        let is_head = self.wire.prepared.is_head(request.draw);
        connection.parser.expect_head(is_head);
        connection.enter(State::Busy, connection.request.intended);
    }

    /// Reads the answers that have arrived, in the order of their requests.
    pub(super) fn read_pipelined(&mut self, place: usize, flags: EventFlags) {
        for _ in 0..MAX_READS {
            let bytes = match self.receive(place) {
                Ok(0) => return self.on_pipeline_end(place),
                Ok(bytes) => bytes,
                Err(error) if error.must_wait() => return,
                Err(error) => {
                    return self.end_early(place, &Cause::of_transfer(error), self.clock.now());
                }
            };
            let now = self.clock.now();
            if !self.take_answers(place, bytes, now) {
                return;
            }
            if flags.intersects(ENDED) {
                continue;
            }
            self.fill_pipeline(place, now, now);
            let connection = &self.pool[place];
            let has_ended = connection.socket.is_none() || connection.is_opening();
            if has_ended || self.wire.is_drained_by(bytes) {
                return;
            }
        }
        self.look_again(place);
    }

    /// Takes the answers from the bytes that were read; false if the connection has ended with them.
    fn take_answers(&mut self, place: usize, bytes: usize, now: u64) -> bool {
        let mut at = 0;
        while at < bytes {
            let connection = &mut self.pool[place];
            let pipeline = connection.pipeline.as_ref();
            let is_last = pipeline.is_none_or(|pipeline| pipeline.in_flight.len() < 2);
            match connection.parser.feed(&self.wire.buffer[at..bytes]) {
                // Messages of WebSockets are not pipelined.
                Ok(Parsed::Incomplete | Parsed::Closed) => return true,
                Ok(Parsed::Complete { mut answer, used }) => {
                    at += used;
                    if is_last && answer.keep_alive {
                        let rest = &self.wire.buffer[at..bytes];
                        answer.keep_alive = !is_farewell(rest);
                        if answer.keep_alive && !is_nothing(rest) {
                            self.on_malformed(place, Malformed::Surplus, bytes, now);
                            return false;
                        }
                        at = bytes;
                    }
                    if !self.on_pipelined_answer(place, &answer, now) {
                        return false;
                    }
                }
                Err(error) => {
                    self.on_malformed(place, error, bytes, now);
                    return false;
                }
            }
        }
        true
    }

    /// The first request in flight is answered; false if the connection ends with the answer.
    fn on_pipelined_answer(&mut self, place: usize, answer: &Answer, now: u64) -> bool {
        if is_unasked(answer) && self.may_repeat(place) {
            if let Some(pipeline) = &mut self.pool[place].pipeline {
                pipeline.would_end(ErrorClass::Status(answer.status));
            }
            self.replace_pipeline(place, &Cause::EndedBefore, now);
            return false;
        }
        self.complete(place, answer, now);
        let connection = &mut self.pool[place];
        if let Some(pipeline) = &mut connection.pipeline {
            pipeline.pop();
        }
        if answer.keep_alive && !connection.request.is_last {
            self.bring_to_front(place, now);
            return true;
        }
        self.replace_pipeline(place, &Cause::EndedBefore, now);
        false
    }

    /// The server has closed the connection. It may do so between answers.
    fn on_pipeline_end(&mut self, place: usize) {
        let now = self.clock.now();
        let connection = &mut self.pool[place];
        let received = connection.parser.received;
        let answer = connection.parser.finish();
        match answer.filter(|_| connection.ends_gracefully()) {
            Some(answer) => {
                self.on_pipelined_answer(place, &answer, now);
            }
            None if self.pool[place].state == State::Idle => {
                self.replace_pipeline(place, &Cause::ClosedEarly(0), now);
            }
            None => self.end_early(place, &Cause::ClosedEarly(received), now),
        }
    }

    /// Continues with another connection, which carries the requests in flight, if they may be sent
    /// again; otherwise they fail.
    pub(super) fn replace_pipeline(&mut self, place: usize, cause: &Cause, now: u64) {
        let connection = &mut self.pool[place];
        let ended = connection.take_ended(cause);
        if let Some(pipeline) = (connection.pipeline.as_mut()).filter(|_| self.spec.repeat) {
            pipeline.carry_over(ended.into_iter().map(Ended::repeated));
        } else {
            for ended in &ended {
                (self.tally).count_failure(ended, cause, now, &self.window);
            }
        }
        connection.close();
        self.renew(place, now);
    }
}
