//! Messages that have arrived and wait to be received.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::Received;

/// How many messages wait at most. If nobody receives them, the oldest are dropped.
const CAPACITY: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<VecDeque<Received>>,
    arrived: Condvar,
}

impl Inbox {
    pub(super) fn add(&self, received: Received) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == CAPACITY {
            waiting.pop_front();
        }
        waiting.push_back(received);
        self.arrived.notify_one();
    }

    /// Returns the oldest message, and waits for it if there is none.
    pub(super) fn receive(&self, within: Duration) -> Option<Received> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let awaited = self
            .arrived
            .wait_timeout_while(waiting, within, |waiting| waiting.is_empty());
        let (mut waiting, _timed_out) = awaited.unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::messages::ToMaster;
    use crate::view::Life;

    #[test]
    fn the_oldest_messages_are_dropped_if_nobody_receives_them() {
        let inbox = Inbox::default();
        let messages = |numbers: std::ops::Range<u64>| {
            numbers.map(|number| Received {
                from: Life::first(0),
                message: ToMaster::Answered(number),
            })
        };
        let extra = 3;
        let capacity = CAPACITY as u64;
        messages(0..capacity + extra).for_each(|message| inbox.add(message));
        let received = std::iter::from_fn(|| inbox.receive(Duration::ZERO));
        assert!(received.eq(messages(extra..capacity + extra)));
    }
}
