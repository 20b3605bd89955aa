//! Events of connections, and the answers that they bring.

use std::mem::take;
use std::ops::ControlFlow;

use rustix::event::epoll::EventFlags;

use super::Engine;
use super::pool::BACK_OFF_NS;
use super::wire::{ENDED, READABLE};
use crate::connection::{Cause, State, WireError};
use crate::http1::{Answer, Malformed, Parsed, is_nothing};
use crate::outcome::ErrorClass;

/// After this number of reads, a megabyte, other connections have their turn: otherwise a server that
/// sends without end would keep the thread to itself.
pub(super) const MAX_READS: usize = 16;

/// The status of a server that has got no request in time (RFC 9110, section 15.5.9).
pub(super) const REQUEST_TIMEOUT: u16 = 408;

impl Engine<'_> {
    pub(super) fn on_event(&mut self, place: usize, flags: EventFlags) {
        match self.pool[place].state {
            State::Connecting => self.on_connecting(place, flags),
            State::ShakingHands => self.shake_hands(place),
            State::Busy if flags.contains(EventFlags::OUT) => {
                if self.pool[place].has_unwritten() {
                    self.continue_writing(place, self.clock.now());
                }
            }
            State::Busy | State::Idle | State::Vacant | State::Cooling | State::Upgrading => {}
        }
        if flags.intersects(READABLE) {
            match self.pool[place].state {
                State::Busy => self.read(place, flags),
                State::Idle => self.on_idle(place),
                State::Upgrading => self.read_upgrade(place),
                State::Vacant | State::Cooling | State::Connecting | State::ShakingHands => {}
            }
        }
    }

    pub(super) fn receive(&mut self, place: usize) -> Result<usize, WireError> {
        self.pool[place].receive(&mut self.wire.buffer)
    }

    /// Reads the answer to the request of this place, as far as it has arrived.
    fn read(&mut self, place: usize, flags: EventFlags) {
        if self.spec.pipelines() {
            return self.read_pipelined(place, flags);
        }
        let has_ended = flags.intersects(ENDED);
        for _ in 0..MAX_READS {
            let bytes = match self.receive(place) {
                Ok(0) => return self.on_end(place),
                Ok(bytes) => bytes,
                Err(error) if error.must_wait() => return,
                Err(error) => {
                    return self.end_early(place, &Cause::of_transfer(error), self.clock.now());
                }
            };
            let now = self.clock.now();
            let connection = &mut self.pool[place];
            let input = &self.wire.buffer[..bytes];
            let parsed = (connection.parser).feed_cached(input, &mut self.wire.answer_cache);
            if let Ok(Parsed::Complete { answer, used }) = &parsed
                && is_nothing(&input[*used..])
            {
                return self.on_answer(place, answer, has_ended, now);
            }
            let is_drained = !has_ended && self.wire.is_drained_by(bytes);
            let next = self.on_other_bytes(place, parsed, bytes, is_drained, now);
            if next.is_break() {
                return;
            }
        }
        self.look_again(place);
    }

    /// Handles bytes that were not one whole answer. Breaks if nothing is left to read.
    pub(super) fn on_other_bytes(
        &mut self,
        place: usize,
        parsed: Result<Parsed, Malformed>,
        bytes: usize,
        is_drained: bool,
        now: u64,
    ) -> ControlFlow<()> {
        match parsed {
            Ok(Parsed::Incomplete) if is_drained => return ControlFlow::Break(()),
            Ok(Parsed::Incomplete) => return ControlFlow::Continue(()),
            Ok(Parsed::Complete { answer, used })
                if is_farewell(&self.wire.buffer[used..bytes]) =>
            {
                self.on_answer(place, &answer, true, now);
            }
            Ok(Parsed::Closed) => self.end_early(place, &Cause::CloseFrame, now),
            Ok(Parsed::Complete { .. }) => {
                self.on_malformed(place, Malformed::Surplus, bytes, now);
            }
            Err(error) => self.on_malformed(place, error, bytes, now),
        }
        ControlFlow::Break(())
    }

    /// Continues with the rest of a socket after other connections have had their turn.
    pub(super) fn look_again(&mut self, place: usize) {
        if let Err(error) = self.wire.look_again(place, &self.pool[place]) {
            self.fail(place, &Cause::Transfer(error), self.clock.now());
        }
    }

    /// The answer is complete; `has_ended` if the server has closed the connection after it.
    pub(super) fn on_answer(&mut self, place: usize, answer: &Answer, has_ended: bool, now: u64) {
        if is_unasked(answer) && self.may_repeat(place) {
            return self.repeat(place, ErrorClass::Status(answer.status), now);
        }
        self.complete(place, answer, now);
        let connection = &mut self.pool[place];
        let request = connection.request;
        let has_ended = has_ended || connection.tls_is_closed();
        if answer.keep_alive && request.is_written && !request.is_last && !has_ended {
            self.make_available(place, now);
        } else if self.arrivals.is_open() {
            connection.close();
            self.renew(place, now);
        } else {
            self.pool.ended.push(place);
        }
    }

    /// Closes the connections that have ended, then opens others in their places. All closes, then
    /// all opens each find the kernel's code in the processor's caches; one by one they cost a fifth
    /// more.
    pub(super) fn replace_ended(&mut self) {
        let mut ended = take(&mut self.pool.ended);
        for place in &ended {
            self.pool[*place].close();
        }
        for place in ended.drain(..) {
            self.renew(place, self.clock.now());
        }
        self.pool.ended = ended;
    }

    /// The server has closed the connection while an answer was awaited.
    pub(super) fn on_end(&mut self, place: usize) {
        let connection = &mut self.pool[place];
        let received = connection.parser.received;
        let answer = connection.parser.finish();
        match answer.filter(|_| connection.ends_gracefully()) {
            Some(answer) => self.on_answer(place, &answer, true, self.clock.now()),
            None => self.end_early(place, &Cause::ClosedEarly(received), self.clock.now()),
        }
    }

    pub(super) fn on_malformed(&mut self, place: usize, error: Malformed, bytes: usize, now: u64) {
        let cause = Cause::malformed(error, &self.wire.buffer[..bytes]);
        self.fail(place, &cause, now);
    }

    /// Handles an event of a connection without a request. The server may close it at any time, and
    /// may say something before. That answers no request, and is no failure (RFC 9112, sections 9.2
    /// and 9.5).
    fn on_idle(&mut self, place: usize) {
        for _ in 0..MAX_READS {
            match self.receive(place) {
                Err(error) if error.must_wait() => return,
                Ok(bytes) if bytes > 0 => {
                    let input = &self.wire.buffer[..bytes];
                    if !self.pool[place].parser.is_nothing(input) {
                        break;
                    }
                }
                _ => break,
            }
        }
        self.pool.withdraw(place);
        let now = self.clock.now();
        let connection = &mut self.pool[place];
        let is_too_soon = now.saturating_sub(connection.since) < BACK_OFF_NS;
        if connection.begun == 0 && is_too_soon {
            // It would be opened and closed in a busy loop.
            return self.pool.cool_down(place, now);
        }
        connection.close();
        self.renew(place, now);
    }
}

/// Whether bytes after an answer begin a 408: the server has got no further request in time, and closes
/// the connection.
pub(super) fn is_farewell(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.1 408") || bytes.starts_with(b"HTTP/1.0 408")
}

/// Whether a server says before it closes a connection that it got no request in time. A request that it
/// gets afterwards seems to have this answer.
pub(super) fn is_unasked(answer: &Answer) -> bool {
    answer.status == REQUEST_TIMEOUT && !answer.keep_alive
}
