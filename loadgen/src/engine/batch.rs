//! Requests and answers that pass the kernel's door together.
//!
//! In the closed loop answers come in batches (see [`coalesce`](super::coalesce)), and each makes
//! room for a request. Received one after the other in one system call, and sent in another, they
//! cost less than one by one: the way into the kernel is paid for once, and its code and ours
//! each find the processor's caches as they left them. The kernel handles a batch in its order, so
//! each transfer is stamped with its share of the time that the call took.
//!
//! Not so where time is the question (the open loop), nor where there is more to a transfer than
//! bytes: TLS, pipelines, connections of one request, large messages. Where io_uring is not to be
//! had, requests and answers pass one by one.

use std::mem::take;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::epoll;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;

use super::Engine;
use super::transport::{ALWAYS_WRITABLE, ENDED};
use crate::connection::{Connection, State};
use crate::failure::Cause;
use crate::http1::Fed;
use crate::socket::WireError;
use crate::spec::LoadSpec;
use crate::sys::{MOST, Ring};

/// Room for an answer. One that does not fit is read on like any other, and no more like it are
/// received in a batch.
const SLOT_BYTES: usize = 4_096;

/// What one thread exchanges with the kernel in batches.
pub(super) struct Batch {
    ring: Ring,
    slots: Vec<u8>,
    /// Places whose answer is about to be received.
    inbox: Vec<usize>,
    /// Places whose request is about to be sent.
    outbox: Vec<usize>,
    /// The bytes of those requests, and where each of them ends.
    requests: Vec<u8>,
    ends: Vec<usize>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (formatter.debug_struct("Batch"))
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}

impl Batch {
    /// `None` where this load is not for batches, or the kernel is not.
    pub(super) fn new(spec: &LoadSpec, longest_request: usize, places: usize) -> Option<Self> {
        let is_plain = spec.target.tls.is_none() && spec.pipeline.get() == 1;
        let keeps = spec
            .requests_per_connection
            .is_none_or(|most| most.get() > 1);
        let fits = longest_request <= ALWAYS_WRITABLE;
        if spec.offer.is_open() || !is_plain || !keeps || !fits || !spec.io_uring {
            return None;
        }
        Some(Self {
            ring: Ring::new().ok()?,
            slots: vec![0; MOST * SLOT_BYTES],
            inbox: Vec::with_capacity(MOST),
            outbox: Vec::with_capacity(places),
            requests: Vec::with_capacity(MOST * longest_request),
            ends: Vec::with_capacity(MOST),
        })
    }
}

impl Engine<'_> {
    /// Handles events, and sends the requests that they made room for.
    pub(super) fn handle(&mut self, events: &[epoll::Event]) {
        for events in events.chunks(MOST) {
            self.receive_batch(events);
            self.replace_ended();
            self.send_batch();
        }
    }

    /// Has the request of this place sent with others; false if there is no batch.
    pub(super) fn defer(&mut self, place: usize) -> bool {
        let Some(batch) = &mut self.batch else {
            return false;
        };
        batch.outbox.push(place);
        true
    }

    fn receive_batch(&mut self, events: &[epoll::Event]) {
        let mut inbox = (self.batch.as_mut()).map_or_else(Vec::new, |batch| take(&mut batch.inbox));
        let batches = self.batch.is_some() && self.last_bytes <= SLOT_BYTES as u64;
        for event in events {
            let place = event.data.u64() as usize;
            if batches && self.is_answered(place, event.flags) {
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
        if let Some(batch) = &mut self.batch {
            inbox.clear();
            batch.inbox = inbox;
        }
    }

    /// Whether an event tells of an answer and of nothing else to be done.
    fn is_answered(&self, place: usize, flags: EventFlags) -> bool {
        let connection = &self.connections[place];
        connection.state == State::Busy
            && !connection.has_unwritten()
            && flags.contains(EventFlags::IN)
            && !flags.intersects(ENDED)
    }

    fn receive_all(&mut self, places: &[usize]) {
        let Some(batch) = &mut self.batch else { return };
        let connections = &self.connections;
        let sockets = places.iter().map(|place| socket(&connections[*place]));
        let begun = self.clock.now();
        (batch.ring).receive(sockets, &mut batch.slots, SLOT_BYTES);
        let took = self.clock.now() - begun;
        for (number, place) in places.iter().enumerate() {
            let now = begun + share(took, number + 1, places.len());
            self.on_received(*place, number, now);
        }
    }

    fn on_received(&mut self, place: usize, number: usize, now: u64) {
        let Some(batch) = &self.batch else { return };
        let bytes = match batch.ring.result(number) {
            Ok(0) => return self.on_end(place),
            Ok(bytes) => bytes,
            Err(Errno::AGAIN) => return,
            Err(error) => {
                return self.fail(place, &Cause::of_transfer(WireError::Kernel(error)), now);
            }
        };
        let slot = &batch.slots[number * SLOT_BYTES..][..bytes];
        let parser = &mut self.connections[place].parser;
        let fed = parser.feed_unless_known(slot, &mut self.known);
        if let Ok(Fed::Whole { answer, used }) = &fed
            && *used == bytes
        {
            return self.on_answer(place, answer, false, now);
        }
        // Where the rest of it will be read to.
        self.buffer[..bytes].copy_from_slice(slot);
        let is_drained = bytes < SLOT_BYTES;
        if self
            .digest(place, fed, bytes, is_drained, now)
            .is_continue()
        {
            self.on_event(place, EventFlags::IN);
        }
    }

    fn send_batch(&mut self) {
        let Some(batch) = &mut self.batch else { return };
        let mut outbox = take(&mut batch.outbox);
        // Others have failed since: the server closed the connection as soon as it was open.
        outbox.retain(|place| self.connections[*place].state == State::Busy);
        for places in outbox.chunks(MOST) {
            match places {
                [only] => self.send_alone(*only),
                places => self.send_all(places),
            }
        }
        outbox.clear();
        if let Some(batch) = &mut self.batch {
            batch.outbox = outbox;
        }
    }

    fn send_alone(&mut self, place: usize) {
        let now = self.clock.now();
        self.stamp(place, now);
        self.continue_writing(place, now);
    }

    fn send_all(&mut self, places: &[usize]) {
        let Some(batch) = &mut self.batch else { return };
        batch.requests.clear();
        batch.ends.clear();
        for place in places {
            let request = self.connections[*place].request;
            let (head, body) = self.prepared.bytes(request.draw, request.last);
            batch.requests.extend_from_slice(head);
            batch.requests.extend_from_slice(body);
            batch.ends.push(batch.requests.len());
        }
        let connections = &self.connections;
        let sockets = places.iter().map(|place| socket(&connections[*place]));
        let mut rest = batch.requests.as_slice();
        let mut start = 0;
        let requests = batch.ends.iter().map(|end| {
            let (request, others) = rest.split_at(end - start);
            (rest, start) = (others, *end);
            request
        });
        let begun = self.clock.now();
        batch.ring.send(sockets.zip(requests));
        let took = self.clock.now() - begun;
        for (number, place) in places.iter().enumerate() {
            let sent = begun + share(took, number, places.len());
            self.on_sent(*place, number, sent);
        }
    }

    fn on_sent(&mut self, place: usize, number: usize, sent: u64) {
        self.stamp(place, sent);
        let Some(batch) = &self.batch else { return };
        let start = number.checked_sub(1).map_or(0, |before| batch.ends[before]);
        let length = batch.ends[number] - start;
        match batch.ring.result(number) {
            Ok(bytes) if bytes == length => {
                let request = &mut self.connections[place].request;
                (request.written, request.whole) = (bytes, true);
            }
            Ok(bytes) => {
                self.connections[place].request.written = bytes;
                self.continue_writing(place, sent);
            }
            Err(Errno::AGAIN) => self.continue_writing(place, sent),
            Err(error) => self.fail(place, &Cause::of_transfer(WireError::Kernel(error)), sent),
        }
    }

    /// The request of this place was sent at this time; in the closed loop it was due then.
    fn stamp(&mut self, place: usize, sent: u64) {
        let connection = &mut self.connections[place];
        // What was not counted as a request of the window does not come into it by waiting for
        // others.
        let before = connection.request.intended < self.window.begin;
        let latest = if before {
            self.window.begin - 1
        } else {
            u64::MAX
        };
        let sent = sent.min(latest);
        connection.request.intended = sent;
        connection.since = sent;
    }
}

fn socket(connection: &Connection) -> BorrowedFd<'_> {
    let socket = connection.socket.as_ref();
    socket.expect("a busy place has a socket").as_fd()
}

/// So many of the equal parts of a time.
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
