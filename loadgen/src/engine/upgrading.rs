//! Turns connections into WebSockets, before their first message.

use super::Engine;
use super::answers::MAX_READS;
use crate::connection::{Cause, State};
use crate::http1::{Malformed, Parsed};

/// The status with which a server switches protocols.
const SWITCHING_PROTOCOLS: u16 = 101;

impl Engine<'_> {
    /// The connection can carry HTTP. Asks the server for a WebSocket if requests are messages.
    pub(super) fn on_connected(&mut self, place: usize, now: u64) {
        let Some(request) = &self.wire.upgrade else {
            return self.on_opened(place, now);
        };
        let connection = &mut self.pool[place];
        connection.state = State::Upgrading;
        if let Err(error) = connection.send(request) {
            self.fail(place, &Cause::of_opening(error), now);
        }
    }

    /// Reads the answer of the server.
    pub(super) fn read_upgrade(&mut self, place: usize) {
        for _ in 0..MAX_READS {
            let received = self.receive(place);
            let now = self.clock.now();
            let bytes = match received {
                Ok(0) => return self.fail(place, &Cause::ClosedEarly(0), now),
                Ok(bytes) => bytes,
                Err(error) if error.must_wait() => return,
                Err(error) => return self.fail(place, &Cause::of_transfer(error), now),
            };
            let connection = &mut self.pool[place];
            match connection.parser.feed(&self.wire.buffer[..bytes]) {
                Ok(Parsed::Incomplete) => {}
                Ok(Parsed::Complete { answer, used })
                    if answer.status == SWITCHING_PROTOCOLS && used == bytes =>
                {
                    connection.worker = answer.worker;
                    connection.parser.begin_messages(&answer);
                    return self.on_opened(place, now);
                }
                Ok(Parsed::Complete { answer, .. }) if answer.status != SWITCHING_PROTOCOLS => {
                    return self.fail(place, &Cause::NotUpgraded(answer.status), now);
                }
                // A server that speaks first does not answer messages.
                Ok(Parsed::Complete { .. } | Parsed::Closed) => {
                    return self.on_malformed(place, Malformed::Surplus, bytes, now);
                }
                Err(error) => return self.on_malformed(place, error, bytes, now),
            }
        }
        self.look_again(place);
    }
}
