//! How long a request occupies its worker.
//!
//! A worker is one thread, and its time is attributed to requests whose work occupies it. The time of
//! a request starts when the worker is free for it: when the worker wakes, or has finished the previous
//! work. It ends when the request's own work is done. This is the service time of queueing theory,
//! since the next request waits for all of it: accepting, reading, late timers and writing the previous
//! answer, not only for the requested work.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    /// When the calling thread became free for the next request, if it ever was.
    static FREE_AT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Starts the time of a request: the worker on the calling thread wakes.
pub(super) fn start() {
    FREE_AT.set(Some(Instant::now()));
}

/// Ends the time of a request, whose work is done, and returns it. The time of the next one starts.
pub(super) fn lap() -> Duration {
    let now = Instant::now();
    let begin = FREE_AT.replace(Some(now)).unwrap_or(now);
    now.saturating_duration_since(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_requests_add_up_to_the_time_since_the_worker_woke() {
        start();
        let woke = FREE_AT.get().unwrap();
        let sum: Duration = (0..5).map(|_| lap()).sum();
        let done = FREE_AT.get().unwrap();
        assert_eq!(sum, done - woke);
    }

    #[test]
    fn each_thread_has_its_own_time() {
        start();
        let other = std::thread::spawn(lap).join().unwrap();
        assert_eq!(other, Duration::ZERO, "it never woke");
    }
}
