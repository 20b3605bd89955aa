//! Opens connections: connect, PROXY header, TLS handshake.

use rustix::event::epoll::EventFlags;
use rustix::net::sockopt;

use super::Engine;
use crate::connection::{Cause, State};

impl Engine<'_> {
    /// Opens a connection, and sends its request at once if a request opens it.
    pub(super) fn open(&mut self, place: usize, now: u64) {
        let source = self.arrivals.addresses.next();
        let connection = &mut self.pool[place];
        let carries_request = connection.begun > 0;
        connection.enter(State::Connecting, now);
        let connecting = connection.connect(
            &self.spec.target.address,
            source,
            self.spec.proxy_header,
            !self.wire.sends_once,
        );
        if let Err(error) = connecting {
            return self.fail(place, &Cause::Connect(error), now);
        }
        if carries_request && self.wire.sends_first() && !self.write_first(place, now) {
            return;
        }
        if let Err(error) = self.wire.register(place, &self.pool[place]) {
            self.fail(place, &Cause::Connect(error), now);
        }
    }

    /// Writes to a connection that may not be established yet; false if it has failed.
    fn write_first(&mut self, place: usize, now: u64) -> bool {
        let connected = self.clock.now();
        let connection = &mut self.pool[place];
        match connection.send_proxy_header() {
            Ok(()) => {}
            // It is sent when the connection is established.
            Err(error) if error.must_wait() => return true,
            Err(error) => {
                self.fail(place, &Cause::of_opening(error), now);
                return false;
            }
        }
        let written = connection.write(&mut self.wire.prepared);
        let has_begun = connection.request.written > 0;
        if has_begun {
            connection.state = State::Busy;
            (self.tally).count_connect(connection.since, connected, &self.window);
            self.tally.note_opened(connected, &self.window);
        }
        if let Err(error) = written {
            let cause = match has_begun {
                true => Cause::of_transfer(error),
                false => Cause::of_opening(error),
            };
            self.fail(place, &cause, now);
            return false;
        }
        self.note_sent(place);
        true
    }

    pub(super) fn on_connecting(&mut self, place: usize, flags: EventFlags) {
        let now = self.clock.now();
        if flags.intersects(EventFlags::ERR | EventFlags::HUP) {
            let cause = self.pending_error(place);
            self.fail(place, &cause, now);
        } else if flags.contains(EventFlags::OUT) {
            let connection = &mut self.pool[place];
            (self.tally).count_connect(connection.since, now, &self.window);
            if let Err(error) = connection.send_proxy_header() {
                return self.fail(place, &Cause::of_opening(error), now);
            }
            if self.wire.tls.is_some() {
                self.begin_tls(place, now);
            } else {
                self.on_connected(place, now);
            }
        }
    }

    /// Returns why a connect has failed; if the socket has no error, the server has hung up.
    fn pending_error(&self, place: usize) -> Cause {
        let socket = self.pool[place].socket.as_ref();
        match socket.map(sockopt::socket_error) {
            Some(Ok(Err(error)) | Err(error)) => Cause::Connect(error),
            Some(Ok(Ok(()))) | None => Cause::ClosedEarly(0),
        }
    }

    fn begin_tls(&mut self, place: usize, now: u64) {
        let Some(client) = &self.wire.tls else { return };
        let connection = &mut self.pool[place];
        match connection.begin_tls(client, now) {
            Ok(()) => {
                connection.state = State::ShakingHands;
                self.shake_hands(place);
            }
            Err(error) => self.fail(place, &Cause::of_opening(error), now),
        }
    }

    pub(super) fn shake_hands(&mut self, place: usize) {
        let connection = &mut self.pool[place];
        let (Some(session), Some(socket)) = (&mut connection.tls, &connection.socket) else {
            return;
        };
        let began = session.began;
        let shaken = session.shake_hands(socket);
        let now = self.clock.now();
        match shaken {
            Ok(()) => {
                self.tally.count_handshake(began, now, &self.window);
                self.on_connected(place, now);
            }
            Err(error) if error.must_wait() => {}
            Err(error) => self.fail(place, &Cause::of_opening(error), now),
        }
    }

    /// The connection is ready for its first request.
    pub(super) fn on_opened(&mut self, place: usize, now: u64) {
        self.tally.note_opened(now, &self.window);
        if self.spec.pipelines() {
            self.open_pipeline(place, now);
        } else if self.pool[place].begun > 0 {
            self.pool[place].state = State::Busy;
            self.continue_writing(place, now);
        } else {
            self.make_available(place, now);
        }
    }
}
