//! How requests get to the server, and answers back.
//!
//! Each socket is registered with epoll once, edge-triggered. An event is
//! handled by reading until the socket is known to be empty, which as a rule
//! is after one read that did not fill the buffer. A batch of events holds at
//! most one event per socket, and a socket is only replaced while its own
//! event is handled or between batches, so no event is ever taken for one of
//! its place's next socket.

use std::mem::take;
use std::num::NonZeroU64;
use std::ops::ControlFlow;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::sockopt;

use super::Engine;
use crate::connection::{Connection, State};
use crate::failure::{Cause, Excerpt};
use crate::http1::{Answer, Fed, Malformed};
use crate::introduction::Introduction;
use crate::socket::{WireError, begin_connect};

/// The smallest send buffer that Linux gives a TCP socket is larger than this:
/// a request up to here is always written whole to a socket that has nothing
/// else to send.
pub(super) const ALWAYS_WRITABLE: usize = 4_096;

/// After so many reads, a megabyte, other connections have their turn: a server
/// that sends without end would take the thread for itself.
pub(super) const MOST_READS: usize = 16;

/// The server has sent its last byte.
pub(super) const ENDED: EventFlags = EventFlags::RDHUP
    .union(EventFlags::HUP)
    .union(EventFlags::ERR);
const READABLE: EventFlags = EventFlags::IN.union(ENDED);

impl Engine<'_> {
    /// Opens a connection; with its request at once where it is opened by one.
    pub(super) fn open(&mut self, place: usize, now: u64) {
        let (target, source) = (&self.spec.target.address, self.clients.next());
        let socket = begin_connect(target, source, !self.sends_once());
        let connection = &mut self.connections[place];
        let version = self.spec.proxy_header;
        connection.introduction = version.map(|it| Introduction::new(it, source, target));
        let carries_request = connection.begun > 0;
        connection.enter(State::Connecting, now);
        match socket {
            Ok(socket) => connection.socket = Some(socket),
            Err(error) => return self.fail(place, &Cause::Connect(error), now),
        }
        if carries_request && self.tls.is_none() && !self.write_first(place, now) {
            return;
        }
        if let Err(error) = self.register(place) {
            self.fail(place, &Cause::Connect(error), now);
        }
    }

    /// Whether all that is ever sent on a connection goes out in one call.
    fn sends_once(&self) -> bool {
        let one = self.spec.requests_per_connection == Some(NonZeroU64::MIN);
        let alone = self.tls.is_none() && self.spec.proxy_header.is_none();
        one && alone && self.prepared.longest() <= ALWAYS_WRITABLE
    }

    /// Writes to a connection that may not be established yet; false if it has
    /// failed.
    fn write_first(&mut self, place: usize, now: u64) -> bool {
        let connected = self.clock.now();
        let connection = &mut self.connections[place];
        match connection.introduce() {
            Ok(()) => {}
            // It is told when it is established.
            Err(error) if error.must_wait() => return true,
            Err(error) => {
                self.fail(place, &Cause::of_opening(error), now);
                return false;
            }
        }
        if let Err(error) = connection.write(&mut self.prepared) {
            self.fail(place, &Cause::of_opening(error), now);
            return false;
        }
        self.note_sent(place);
        let connection = &mut self.connections[place];
        if connection.request.written > 0 {
            connection.state = State::Busy;
            self.note_connected(place, connected);
        }
        true
    }

    fn note_connected(&mut self, place: usize, now: u64) {
        if self.window.contains(now) {
            let took = now.saturating_sub(self.connections[place].since);
            self.recorder.connect.saturating_record(took);
        }
    }

    /// Writability is only asked for where it is needed: a fresh socket is
    /// writable, and would wake us at once to say so.
    fn register(&self, place: usize) -> Result<(), Errno> {
        let connection = &self.connections[place];
        let Some(socket) = &connection.socket else {
            return Ok(());
        };
        let data = EventData::new_u64(place as u64);
        epoll::add(&self.epoll, socket, data, self.interest(connection))
    }

    /// Has what is left in a socket reported as if it had just arrived: the
    /// turn of its connection is over, others wait.
    pub(super) fn look_again(&mut self, place: usize) {
        let connection = &self.connections[place];
        let Some(socket) = &connection.socket else {
            return;
        };
        let data = EventData::new_u64(place as u64);
        let modified = epoll::modify(&self.epoll, socket, data, self.interest(connection));
        if let Err(error) = modified {
            self.fail(place, &Cause::Transfer(error), self.clock.now());
        }
    }

    fn interest(&self, connection: &Connection) -> EventFlags {
        let mut flags = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
        let may_block =
            self.tls.is_some() || self.pipelines() || self.prepared.longest() > ALWAYS_WRITABLE;
        if connection.state == State::Connecting || may_block {
            flags |= EventFlags::OUT;
        }
        flags
    }

    pub(super) fn on_event(&mut self, place: usize, flags: EventFlags) {
        if self.connections[place].state == State::Connecting {
            self.on_connecting(place, flags);
        } else if self.connections[place].state == State::ShakingHands {
            self.shake_hands(place);
        } else if flags.contains(EventFlags::OUT) {
            let connection = &self.connections[place];
            if connection.state == State::Busy && connection.has_unwritten() {
                self.continue_writing(place, self.clock.now());
            }
        }
        if flags.intersects(READABLE) {
            match self.connections[place].state {
                State::Busy => self.read(place, flags),
                State::Idle => self.on_idle(place),
                State::Vacant | State::Cooling | State::Connecting | State::ShakingHands => {}
            }
        }
    }

    fn on_connecting(&mut self, place: usize, flags: EventFlags) {
        let now = self.clock.now();
        if flags.intersects(EventFlags::ERR | EventFlags::HUP) {
            let cause = self.pending_error(place);
            self.fail(place, &cause, now);
        } else if flags.contains(EventFlags::OUT) {
            self.note_connected(place, now);
            if let Err(error) = self.connections[place].introduce() {
                return self.fail(place, &Cause::of_opening(error), now);
            }
            if self.tls.is_some() {
                self.begin_tls(place, now);
            } else {
                self.on_opened(place, now);
            }
        }
    }

    fn begin_tls(&mut self, place: usize, now: u64) {
        let Some(client) = &self.tls else { return };
        match client.begin(now) {
            Ok(session) => {
                self.connections[place].tls = Some(Box::new(session));
                self.connections[place].state = State::ShakingHands;
                self.shake_hands(place);
            }
            Err(error) => self.fail(place, &Cause::of_opening(error.into()), now),
        }
    }

    fn shake_hands(&mut self, place: usize) {
        let connection = &mut self.connections[place];
        let (Some(session), Some(socket)) = (&mut connection.tls, &connection.socket) else {
            return;
        };
        let began = session.began;
        let shaken = session.shake_hands(socket);
        let now = self.clock.now();
        match shaken {
            Ok(()) => {
                if self.window.contains(now) {
                    self.recorder.handshake.saturating_record(now - began);
                }
                self.on_opened(place, now);
            }
            Err(error) if error.must_wait() => {}
            Err(error) => self.fail(place, &Cause::of_opening(error), now),
        }
    }

    /// The connection is ready for its first request.
    fn on_opened(&mut self, place: usize, now: u64) {
        if self.pipelines() {
            self.open_pipeline(place, now);
        } else if self.connections[place].begun > 0 {
            self.connections[place].state = State::Busy;
            self.continue_writing(place, now);
        } else {
            self.make_available(place, now);
        }
    }

    /// Why a connect has failed; without an error, the server hung up.
    fn pending_error(&self, place: usize) -> Cause {
        let socket = self.connections[place].socket.as_ref();
        match socket.map(sockopt::socket_error) {
            Some(Ok(Err(error)) | Err(error)) => Cause::Connect(error),
            Some(Ok(Ok(()))) | None => Cause::ClosedEarly(0),
        }
    }

    pub(super) fn continue_writing(&mut self, place: usize, now: u64) {
        if self.pipelines() {
            return self.write_pipeline(place, now);
        }
        match self.connections[place].write(&mut self.prepared) {
            Ok(()) => self.note_sent(place),
            Err(error) => self.fail(place, &Cause::of_transfer(error), now),
        }
    }

    /// The last byte of a request that was written so far has just been; a ledger wants to know.
    fn note_sent(&mut self, place: usize) {
        if self.ledger.is_some() {
            self.connections[place].request.sent = self.clock.now();
        }
    }

    pub(super) fn receive(&mut self, place: usize) -> Result<usize, WireError> {
        self.connections[place].receive(&mut self.buffer)
    }

    /// Reads the answer to the request of this place, as far as it is there.
    fn read(&mut self, place: usize, flags: EventFlags) {
        if self.pipelines() {
            return self.read_pipelined(place, flags);
        }
        for _ in 0..MOST_READS {
            let bytes = match self.receive(place) {
                Ok(0) => return self.on_end(place),
                Ok(bytes) => bytes,
                Err(error) if error.must_wait() => return,
                Err(error) => {
                    return self.fail(place, &Cause::of_transfer(error), self.clock.now());
                }
            };
            let now = self.clock.now();
            let input = &self.buffer[..bytes];
            let parser = &mut self.connections[place].parser;
            let fed = parser.feed_unless_known(input, &mut self.known);
            if let Ok(Fed::Whole { answer, used }) = &fed
                && *used == bytes
            {
                return self.on_answer(place, answer, flags.intersects(ENDED), now);
            }
            let is_drained = self.is_drained_by(place, bytes) && !flags.intersects(ENDED);
            if self.digest(place, fed, bytes, is_drained, now).is_break() {
                return;
            }
        }
        self.look_again(place);
    }

    /// Takes in what came of bytes that were not one whole answer; breaks off if nothing is left
    /// to be read.
    pub(super) fn digest(
        &mut self,
        place: usize,
        fed: Result<Fed, Malformed>,
        bytes: usize,
        is_drained: bool,
        now: u64,
    ) -> ControlFlow<()> {
        match fed {
            Ok(Fed::More) if is_drained => return ControlFlow::Break(()),
            Ok(Fed::More) => return ControlFlow::Continue(()),
            Ok(Fed::Whole { .. }) => self.on_malformed(place, Malformed::Surplus, bytes, now),
            Err(error) => self.on_malformed(place, error, bytes, now),
        }
        ControlFlow::Break(())
    }

    /// Whether a read of so many bytes has taken all there was.
    pub(super) fn is_drained_by(&self, place: usize, bytes: usize) -> bool {
        bytes < self.buffer.len() && self.connections[place].reads_all_there_is()
    }

    /// The answer is whole; `ended` if the server has closed after it.
    pub(super) fn on_answer(&mut self, place: usize, answer: &Answer, ended: bool, now: u64) {
        self.complete(place, answer, now);
        let connection = &self.connections[place];
        let request = connection.request;
        let ended = ended || connection.tls.as_ref().is_some_and(|tls| tls.is_closed());
        if answer.keep_alive && request.whole && !request.last && !ended {
            self.make_available(place, now);
        } else if self.schedule.is_none() {
            self.ended.push(place);
        } else {
            self.connections[place].close();
            self.renew(place, now);
        }
    }

    /// Closes the connections that have ended, then opens others in their places. Done in bulk,
    /// each of the two finds the kernel's code for it in the processor's caches; in turns it costs
    /// a fifth more.
    pub(super) fn replace_ended(&mut self) {
        let mut ended = take(&mut self.ended);
        for place in &ended {
            self.connections[*place].close();
        }
        for place in ended.drain(..) {
            self.renew(place, self.clock.now());
        }
        self.ended = ended;
    }

    /// The server has closed while an answer was awaited.
    pub(super) fn on_end(&mut self, place: usize) {
        let connection = &mut self.connections[place];
        let received = connection.parser.received();
        let answer = connection.parser.finish();
        match answer.filter(|_| connection.ends_in_due_form()) {
            Some(answer) => self.on_answer(place, &answer, true, self.clock.now()),
            None => self.fail(place, &Cause::ClosedEarly(received), self.clock.now()),
        }
    }

    pub(super) fn on_malformed(&mut self, place: usize, error: Malformed, bytes: usize, now: u64) {
        let start = Excerpt::of(&self.buffer[..bytes]);
        let cause = Cause::Malformed { error, start };
        self.fail(place, &cause, now);
    }

    /// Something happened on a connection without a request: as a rule the
    /// server closes it, which it may, once it has served.
    fn on_idle(&mut self, place: usize) {
        let received = self.receive(place);
        if received.as_ref().is_err_and(WireError::must_wait) {
            return;
        }
        self.idle.retain(|idle| *idle != place);
        match received {
            Ok(bytes) if bytes > 0 => {
                self.on_malformed(place, Malformed::Surplus, bytes, self.clock.now());
            }
            _ if self.connections[place].begun == 0 => {
                self.fail(place, &Cause::ClosedEarly(0), self.clock.now());
            }
            _ => {
                self.connections[place].close();
                self.renew(place, self.clock.now());
            }
        }
    }
}
