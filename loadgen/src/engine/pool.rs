//! The connections of a thread, and which of them are free.

use std::collections::VecDeque;
use std::ops::{Index, IndexMut};

use crate::connection::{Connection, State};
use crate::spec::LoadSpec;

/// Pause of a place after a failure. It is short enough to continue soon after a server is back, and
/// long enough not to try a refusing server in a busy loop.
pub(super) const BACK_OFF_NS: u64 = 10_000_000;

/// A connection that has been opening for longer than this at an edge of the window is missing: a
/// handshake takes microseconds on loopback, and a few milliseconds in a data centre.
const SLOW_CONNECT_NS: u64 = 100_000_000;

/// The places for connections of one thread, by number.
pub(super) struct Pool {
    connections: Vec<Connection>,
    /// Places from this number on have no connection until a request needs one.
    on_demand_from: usize,
    /// Open connections without a request. The one that has been idle longest comes first, so that all
    /// of them carry the same share of the load.
    idle: VecDeque<usize>,
    /// Places in which a connection may be opened.
    vacant: Vec<usize>,
    /// Closed loop: places whose connection has ended and is to be replaced.
    pub(super) ended: Vec<usize>,
    /// Places whose connection failed, and when they are used again.
    cooling: VecDeque<(u64, usize)>,
    /// Since when some place has been free without a break, in nanoseconds since the load began.
    pub(super) free_since: u64,
}

impl Pool {
    /// Returns the part of `thread` out of `threads` of all places.
    pub(super) fn new(spec: &LoadSpec, thread: usize, threads: usize) -> Self {
        let share = |all: usize| all / threads + usize::from(thread < all % threads);
        let count = share(spec.most_connections());
        let pipelines = spec.pipelines();
        Self {
            connections: (0..count).map(|_| Connection::new(pipelines)).collect(),
            on_demand_from: match spec.requests_per_connection {
                None => share(spec.connections),
                Some(_) => 0,
            },
            idle: VecDeque::with_capacity(count),
            vacant: Vec::with_capacity(count),
            ended: Vec::with_capacity(count),
            cooling: VecDeque::with_capacity(count),
            free_since: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Whether the connection of this place is opened by a request.
    pub(super) fn is_on_demand(&self, place: usize) -> bool {
        place >= self.on_demand_from
    }

    /// Offers a place to the next arrival.
    pub(super) fn release(&mut self, place: usize) {
        if !self.has_free() {
            self.free_since = self.connections[place].since;
        }
        if self.connections[place].socket.is_some() {
            self.idle.push_back(place);
        } else {
            self.vacant.push(place);
        }
    }

    /// Takes a place for an arrival: an open connection if there is one.
    pub(super) fn acquire(&mut self) -> Option<usize> {
        self.idle.pop_front().or_else(|| self.vacant.pop())
    }

    pub(super) fn has_free(&self) -> bool {
        !self.idle.is_empty() || !self.vacant.is_empty()
    }

    /// Withdraws an idle place.
    pub(super) fn withdraw(&mut self, place: usize) {
        self.idle.retain(|idle| *idle != place);
    }

    /// Closes the connection of a place and pauses the place.
    pub(super) fn cool_down(&mut self, place: usize, now: u64) {
        let connection = &mut self.connections[place];
        connection.close();
        connection.enter(State::Cooling, now);
        self.cooling.push_back((now + BACK_OFF_NS, place));
    }

    /// When the next pause ends; `u64::MAX` if there is none.
    pub(super) fn next_retry(&self) -> u64 {
        self.cooling.front().map_or(u64::MAX, |(at, _)| *at)
    }

    /// Takes a place whose pause has ended.
    pub(super) fn take_rested(&mut self, now: u64) -> Option<usize> {
        let (at, place) = self.cooling.front().copied()?;
        if at > now {
            return None;
        }
        self.cooling.pop_front();
        Some(place)
    }

    /// Whether a connection is being opened.
    pub(super) fn is_opening(&self) -> bool {
        self.connections.iter().any(Connection::is_opening)
    }

    /// Returns the intended times of the requests that wait for an answer.
    pub(super) fn waiting(&self) -> impl Iterator<Item = u64> {
        let waiting = self.connections.iter().flat_map(Connection::waiting);
        waiting.map(|request| request.intended)
    }

    /// Number of connections that should be open now and are not.
    pub(super) fn missing(&self, now: u64) -> usize {
        let is_missing = |connection: &&Connection| match connection.state {
            State::Cooling => true,
            State::Connecting | State::ShakingHands | State::Upgrading => {
                now.saturating_sub(connection.since) > SLOW_CONNECT_NS
            }
            State::Vacant | State::Idle | State::Busy => false,
        };
        let kept = &self.connections[..self.on_demand_from];
        kept.iter().filter(is_missing).count()
    }
}

impl Index<usize> for Pool {
    type Output = Connection;

    fn index(&self, place: usize) -> &Connection {
        &self.connections[place]
    }
}

impl IndexMut<usize> for Pool {
    fn index_mut(&mut self, place: usize) -> &mut Connection {
        &mut self.connections[place]
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::num::NonZeroU64;

    use super::*;

    #[test]
    fn a_place_has_been_free_since_the_first_one_of_those_that_are() {
        let spec = LoadSpec {
            connections: 3,
            requests_per_connection: NonZeroU64::new(1),
            ..LoadSpec::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 80)))
        };
        let mut pool = Pool::new(&spec, 0, 1);
        let release = |pool: &mut Pool, place: usize, now| {
            pool[place].enter(State::Vacant, now);
            pool.release(place);
        };
        for (place, now) in [(0, 10), (1, 20), (2, 30)] {
            release(&mut pool, place, now);
        }
        assert_eq!(pool.acquire(), Some(2), "the latest one");
        assert_eq!(pool.free_since, 10);
        release(&mut pool, 2, 40);
        assert_eq!(pool.free_since, 10, "two others were free");
        while pool.acquire().is_some() {}
        release(&mut pool, 1, 50);
        assert_eq!(pool.free_since, 50, "none was free before");
    }
}
