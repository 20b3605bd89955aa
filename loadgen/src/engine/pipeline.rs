//! Connections with several requests in flight: closed loop only.

use rustix::event::epoll::EventFlags;

use super::Engine;
use super::transport::{ENDED, MOST_READS};
use crate::connection::{Request, State};
use crate::failure::Cause;
use crate::http1::{Answer, Fed, Malformed};

impl Engine<'_> {
    /// Whether connections do not wait for one answer before the next request.
    pub(super) fn pipelines(&self) -> bool {
        self.spec.pipeline.get() > 1
    }

    /// Opens the connection, or sends as many requests as may be in flight.
    pub(super) fn start_pipeline(&mut self, place: usize, now: u64) {
        if self.connections[place].socket.is_none() {
            self.open(place, now);
        } else {
            self.fill_pipeline(place, now, now);
        }
    }

    /// The connection is open. Where requests open it, their time began when
    /// it did.
    pub(super) fn open_pipeline(&mut self, place: usize, now: u64) {
        let began = self.connections[place].since;
        self.connections[place].enter(State::Idle, now);
        let on_demand = place >= self.on_demand_from;
        self.fill_pipeline(place, if on_demand { began } else { now }, now);
    }

    /// Sends as many requests as may be in flight, each due at `intended`.
    fn fill_pipeline(&mut self, place: usize, intended: u64, now: u64) {
        while self.has_room(place) {
            let Some(request) = self.next_in_line(place, intended, now) else {
                break;
            };
            let connection = &mut self.connections[place];
            connection.begun += 1;
            let most = self.spec.requests_per_connection;
            let request = Request {
                last: most.is_some_and(|most| connection.begun == most.get()),
                whole: true,
                ..request
            };
            if let Some(pipeline) = &mut connection.pipeline {
                let bytes = self.prepared.bytes(request.draw, request.last);
                pipeline.push(request, bytes);
            }
        }
        self.bring_to_front(place, now);
        self.continue_writing(place, now);
    }

    fn has_room(&self, place: usize) -> bool {
        let connection = &self.connections[place];
        let pipeline = connection.pipeline.as_ref();
        let most = self.spec.requests_per_connection;
        pipeline.is_some_and(|all| all.len() < self.spec.pipeline.get() as usize)
            && most.is_none_or(|most| connection.begun < most.get())
    }

    /// The request to send next: one that an earlier connection has left over,
    /// or a new one, if there may be any more.
    fn next_in_line(&mut self, place: usize, intended: u64, now: u64) -> Option<Request> {
        let pipeline = self.connections[place].pipeline.as_mut()?;
        if let Some(again) = pipeline.take_again() {
            return Some(again);
        }
        if !self.claim(now) {
            return None;
        }
        self.note_arrival(place, intended, now);
        Some(Request {
            intended,
            draw: self.work.next(),
            ..Request::default()
        })
    }

    /// The next answer is for the first request in flight.
    fn bring_to_front(&mut self, place: usize, now: u64) {
        let connection = &mut self.connections[place];
        let Some(request) = connection.pipeline.as_ref().and_then(|all| all.front()) else {
            return connection.enter(State::Idle, now);
        };
        connection.request = *request;
        let asks_for_head = self.prepared.asks_for_head(request.draw);
        connection.parser.expect_head(asks_for_head);
        connection.enter(State::Busy, connection.request.intended);
    }

    pub(super) fn write_pipeline(&mut self, place: usize, now: u64) {
        if let Err(error) = self.connections[place].write_pipeline() {
            self.fail(place, &Cause::of_transfer(error), now);
        }
    }

    /// Reads the answers that are there, in the order of their requests.
    pub(super) fn read_pipelined(&mut self, place: usize, flags: EventFlags) {
        for _ in 0..MOST_READS {
            let bytes = match self.receive(place) {
                Ok(0) => return self.on_pipeline_end(place),
                Ok(bytes) => bytes,
                Err(error) if error.must_wait() => return,
                Err(error) => {
                    return self.fail(place, &Cause::of_transfer(error), self.clock.now());
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
            if self.is_drained_by(place, bytes) || self.connections[place].socket.is_none() {
                return;
            }
        }
        self.look_again(place);
    }

    /// Takes the answers out of so many bytes that were read; false if the
    /// connection is over with them.
    fn take_answers(&mut self, place: usize, bytes: usize, now: u64) -> bool {
        let mut at = 0;
        while at < bytes {
            let connection = &mut self.connections[place];
            if connection
                .pipeline
                .as_ref()
                .is_none_or(|all| all.len() == 0)
            {
                self.on_malformed(place, Malformed::Surplus, bytes, now);
                return false;
            }
            match connection.parser.feed(&self.buffer[at..bytes]) {
                Ok(Fed::More) => return true,
                Ok(Fed::Whole { answer, used }) => {
                    at += used;
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

    /// The first request in flight is answered; false if the connection ends
    /// with the answer.
    fn on_pipelined_answer(&mut self, place: usize, answer: &Answer, now: u64) -> bool {
        self.complete(place, answer, now);
        let connection = &mut self.connections[place];
        if let Some(pipeline) = &mut connection.pipeline {
            pipeline.pop();
        }
        if answer.keep_alive && !connection.request.last {
            self.bring_to_front(place, now);
            return true;
        }
        self.move_on(place, now);
        false
    }

    /// The server has closed. In between answers it may: what it has not
    /// answered is then sent again (RFC 9112, section 9.3.2).
    fn on_pipeline_end(&mut self, place: usize) {
        let now = self.clock.now();
        let connection = &mut self.connections[place];
        let received = connection.parser.received();
        let answer = connection.parser.finish();
        let answered = connection
            .pipeline
            .as_ref()
            .is_some_and(|all| all.has_answered());
        match answer.filter(|_| connection.ends_in_due_form()) {
            Some(answer) => {
                self.on_pipelined_answer(place, &answer, now);
            }
            None if received == 0 && answered => self.move_on(place, now),
            None => self.fail(place, &Cause::ClosedEarly(received), now),
        }
    }

    /// Goes on with another connection.
    fn move_on(&mut self, place: usize, now: u64) {
        let connection = &mut self.connections[place];
        if let Some(pipeline) = &mut connection.pipeline {
            pipeline.carry_over();
        }
        connection.close();
        self.renew(place, now);
    }
}
