//! Receives and sends batches: see [`batch`](super::batch).

use std::mem::take;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::epoll::{self, EventFlags};
use rustix::io::Errno;

use super::Engine;
use super::batch::SLOT_BYTES;
use super::wire::ENDED;
use crate::connection::{Cause, Connection, State};
use crate::http1::{Parsed, is_nothing};
use crate::sys::MAX_TRANSFERS;

impl Engine<'_> {
    /// Handles events, and sends the requests for which they made room.
    pub(super) fn handle(&mut self, events: &[epoll::Event]) {
        for events in events.chunks(MAX_TRANSFERS) {
            self.receive_batch(events);
            self.replace_ended();
            self.send_batch();
        }
    }

    fn receive_batch(&mut self, events: &[epoll::Event]) {
        let batch = self.wire.batch.as_mut();
        let has_batch = batch.is_some() && self.tally.last_bytes <= SLOT_BYTES as u64;
        let mut inbox = batch.map_or_else(Vec::new, |batch| take(&mut batch.inbox));
        for event in events {
            let place = event.data.u64() as usize;
            if has_batch && self.is_answered(place, event.flags) {
                inbox.push(place);
            } else {
                self.on_event(place, event.flags);
            }
        }
        match inbox.as_slice() {
            [] => {}
            [only] => self.on_event(*only, EventFlags::IN),
            places => self.receive_all(places),
        }
        if let Some(batch) = &mut self.wire.batch {
            inbox.clear();
            batch.inbox = inbox;
        }
    }

    /// Whether an event only means that an answer has arrived.
    fn is_answered(&self, place: usize, flags: EventFlags) -> bool {
        let connection = &self.pool[place];
        connection.state == State::Busy
            && !connection.has_unwritten()
            && flags.contains(EventFlags::IN)
            && !flags.intersects(ENDED)
    }

    fn receive_all(&mut self, places: &[usize]) {
        let Some(batch) = &mut self.wire.batch else {
            return;
        };
        let sockets = places.iter().map(|place| socket(&self.pool[*place]));
        let begun = self.clock.now();
        batch.receive(sockets);
        let took = self.clock.now() - begun;
        for (number, place) in places.iter().enumerate() {
            let now = begun + share(took, number + 1, places.len());
            self.on_received(*place, number, now);
        }
    }

    fn on_received(&mut self, place: usize, number: usize, now: u64) {
        let Some(batch) = &self.wire.batch else {
            return;
        };
        let bytes = match batch.ring.results[number] {
            Ok(0) => return self.on_end(place),
            Ok(bytes) => bytes,
            Err(Errno::AGAIN) => return,
            Err(error) => return self.end_early(place, &Cause::Transfer(error), now),
        };
        let slot = batch.slot(number, bytes);
        let parser = &mut self.pool[place].parser;
        let parsed = parser.feed_cached(slot, &mut self.wire.answer_cache);
        if let Ok(Parsed::Complete { answer, used }) = &parsed
            && is_nothing(&slot[*used..])
        {
            return self.on_answer(place, answer, false, now);
        }
        // The rest of the answer is read into the same buffer.
        self.wire.buffer[..bytes].copy_from_slice(slot);
        let is_drained = bytes < SLOT_BYTES;
        let next = self.on_other_bytes(place, parsed, bytes, is_drained, now);
        if next.is_continue() {
            self.on_event(place, EventFlags::IN);
        }
    }

    fn send_batch(&mut self) {
        let Some(batch) = &mut self.wire.batch else {
            return;
        };
        let mut outbox = take(&mut batch.outbox);
        // The server closed the other connections as soon as they were open: their requests have
        // failed, or were sent on another connection.
        outbox.retain(|place| self.pool[*place].is_unsent());
        for places in outbox.chunks(MAX_TRANSFERS) {
            match places {
                [only] => self.send_alone(*only),
                places => self.send_all(places),
            }
        }
        outbox.clear();
        if let Some(batch) = &mut self.wire.batch {
            batch.outbox = outbox;
        }
    }

    fn send_alone(&mut self, place: usize) {
        let now = self.clock.now();
        self.stamp(place, now);
        self.continue_writing(place, now);
    }

    fn send_all(&mut self, places: &[usize]) {
        let Some(batch) = &mut self.wire.batch else {
            return;
        };
        batch.clear_requests();
        for place in places {
            let request = self.pool[*place].request;
            batch.push_request(self.wire.prepared.bytes(request.draw, request.is_last));
        }
        let sockets = places.iter().map(|place| socket(&self.pool[*place]));
        let begun = self.clock.now();
        batch.send(sockets);
        let took = self.clock.now() - begun;
        for (number, place) in places.iter().enumerate() {
            let sent = begun + share(took, number, places.len());
            self.on_sent(*place, number, sent);
        }
    }

    fn on_sent(&mut self, place: usize, number: usize, sent: u64) {
        self.stamp(place, sent);
        let Some(batch) = &self.wire.batch else {
            return;
        };
        let request = &mut self.pool[place].request;
        match batch.ring.results[number] {
            Ok(bytes) => {
                request.written = bytes;
                request.is_written = bytes == batch.request_length(number);
                if !request.is_written {
                    self.continue_writing(place, sent);
                }
            }
            Err(Errno::AGAIN) => self.continue_writing(place, sent),
            Err(error) => self.end_early(place, &Cause::Transfer(error), sent),
        }
    }

    /// Notes when a request was sent, which is its intended time in the closed loop. A request that
    /// was begun before the window does not enter it by waiting for the batch.
    fn stamp(&mut self, place: usize, sent: u64) {
        let connection = &mut self.pool[place];
        let begin = self.window.bounds.begin;
        let is_early = connection.request.intended < begin;
        let sent = if is_early { sent.min(begin - 1) } else { sent };
        connection.request.intended = sent;
        connection.since = sent;
    }
}

fn socket(connection: &Connection) -> BorrowedFd<'_> {
    let socket = connection.socket.as_ref();
    socket.expect("a busy place has a socket").as_fd()
}

/// Returns `parts` of the `of` equal parts of a time.
fn share(time: u64, parts: usize, of: usize) -> u64 {
    time * parts as u64 / of as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transfers_of_a_call_share_its_time() {
        let stamps: Vec<_> = (0..=4).map(|number| share(100, number, 4)).collect();
        assert_eq!(stamps, [0, 25, 50, 75, 100]);
    }
}
