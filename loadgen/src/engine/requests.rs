//! The life of a request: begun on a free place, sent, answered or failed.

use super::Engine;
use super::answers::REQUEST_TIMEOUT;
use crate::connection::{Cause, Request, State};
use crate::http1::Answer;
use crate::outcome::ErrorClass;

impl Engine<'_> {
    /// Uses a place without a socket.
    pub(super) fn renew(&mut self, place: usize, now: u64) {
        if self.pool.is_on_demand(place) {
            self.make_available(place, now);
        } else {
            self.open(place, now);
        }
    }

    /// Makes a place available for the next request.
    pub(super) fn make_available(&mut self, place: usize, now: u64) {
        let is_open = self.pool[place].socket.is_some();
        let state = if is_open { State::Idle } else { State::Vacant };
        self.pool[place].enter(state, now);
        if self.spec.pipelines() {
            return self.start_pipeline(place, now);
        }
        if self.arrivals.is_open() {
            self.pool.release(place);
            self.send_due(now);
        } else if self.window.claim(now) {
            self.start(place, now, now);
        }
    }

    /// Sends the requests that are due, as long as places are free. In the closed loop none are ever
    /// due.
    pub(super) fn send_due(&mut self, mut now: u64) {
        while let Some(due) = self.next_arrival().filter(|due| *due <= now) {
            let Some(place) = self.pool.acquire() else {
                return;
            };
            self.arrivals.take();
            self.start(place, due, now);
            now = self.clock.now();
        }
    }

    /// When the next arrival is due for which a place is free; `None` if no place is free, or no
    /// arrival is left in the window.
    pub(super) fn next_arrival(&self) -> Option<u64> {
        if !self.pool.has_free() {
            return None;
        }
        self.arrivals.next_due(self.window.bounds.end)
    }

    fn start(&mut self, place: usize, intended: u64, now: u64) {
        let free_since = self.pool.free_since;
        (self.tally).count_sent(intended, free_since, now, &self.window);
        let connection = &mut self.pool[place];
        connection.begun += 1;
        let is_on_kept =
            connection.socket.is_some() && (connection.begun > 1 || connection.since < now);
        connection.request = Request {
            intended,
            draw: self.arrivals.work.next(),
            number: self.arrivals.number(),
            is_last: (self.spec.requests_per_connection)
                .is_some_and(|most| connection.begun == most.get()),
            is_on_kept,
            ..Request::default()
        };
        let is_head = self.wire.prepared.is_head(connection.request.draw);
        connection.parser.expect_head(is_head);
        if connection.socket.is_none() {
            self.open(place, now);
        } else {
            connection.enter(State::Busy, now);
            match &mut self.wire.batch {
                Some(batch) => batch.outbox.push(place),
                None => self.continue_writing(place, now),
            }
        }
    }

    pub(super) fn continue_writing(&mut self, place: usize, now: u64) {
        match self.pool[place].write(&mut self.wire.prepared) {
            Ok(()) => self.note_sent(place),
            Err(error) => self.end_early(place, &Cause::of_transfer(error), now),
        }
    }

    /// Notes for the request log when the last byte so far was written.
    pub(super) fn note_sent(&mut self, place: usize) {
        if self.tally.request_log.is_some() {
            self.pool[place].request.sent = self.clock.now();
        }
    }

    /// The request of this place is answered.
    pub(super) fn complete(&mut self, place: usize, answer: &Answer, now: u64) {
        let connection = &mut self.pool[place];
        connection.worker = answer.worker.or(connection.worker);
        let prepared = &mut self.wire.prepared;
        let request_line = || prepared.request_line(connection.request.draw);
        (self.tally).count_answer(connection, answer, now, &self.window, request_line);
    }

    /// The connection of this place has ended, and its request is not answered.
    pub(super) fn end_early(&mut self, place: usize, cause: &Cause, now: u64) {
        if !(cause.is_silent_end() && self.may_repeat(place)) {
            self.fail(place, cause, now);
        } else if self.spec.pipelines() {
            self.replace_pipeline(place, cause, now);
        } else if let Some(ended) = self.pool[place].take_ended(cause).pop() {
            self.repeat(place, ended.class, now);
        }
    }

    /// Whether the requests of this place may be sent again: the server may have closed its connection
    /// before they arrived, and has sent nothing since the last answer, or a 408 (RFC 9112, sections
    /// 9.3.1 and 9.3.2).
    pub(super) fn may_repeat(&self, place: usize) -> bool {
        let connection = &self.pool[place];
        let request = &connection.request;
        let is_on_kept = match &connection.pipeline {
            Some(pipeline) => pipeline.answered,
            None => request.is_on_kept && self.wire.prepared.is_idempotent(request.draw),
        };
        let parser = &connection.parser;
        let is_unanswered = parser.received == 0 || parser.status() == Some(REQUEST_TIMEOUT);
        self.spec.repeat && is_on_kept && connection.state == State::Busy && is_unanswered
    }

    /// Sends the request of this place again, on a new connection, instead of letting it fail in this
    /// class. If that connection ends before an answer, it fails.
    pub(super) fn repeat(&mut self, place: usize, instead_of: ErrorClass, now: u64) {
        self.pool[place].take_back(instead_of);
        self.open(place, now);
    }

    /// The requests of this place have failed, or the attempt to open its connection, or both.
    pub(super) fn fail(&mut self, place: usize, cause: &Cause, now: u64) {
        let connection = &mut self.pool[place];
        let is_opening = connection.is_opening();
        let ended = connection.take_ended(cause);
        self.pool.cool_down(place, now);
        if is_opening {
            (self.tally).count_failed_connect(!ended.is_empty(), cause, now, &self.window);
        }
        for ended in &ended {
            (self.tally).count_failure(ended, cause, now, &self.window);
        }
    }
}
