//! For how long requests take up a worker.
//!
//! The time of a worker, which is one thread, is attributed to the requests whose work takes it
//! up. A request does so from the moment at which the worker is free for it, because it wakes or is
//! done with the work before, until its own work is done. That is the service time of queueing
//! theory, since the next request waits for all of it: accepting, reading, a timer that ends
//! late, and the writing of the answer before, not only for the work that was asked for.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    /// Since when the calling thread has been free for the next request, if it ever was.
    static FREE_AT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The worker that the calling thread is wakes: what it does from now on is for a request that
/// has come.
pub(super) fn begin() {
    FREE_AT.set(Some(Instant::now()));
}

/// Work is done. For how long its request took up the worker that the calling thread is.
pub(super) fn end() -> Duration {
    let now = Instant::now();
    let began = FREE_AT.replace(Some(now)).unwrap_or(now);
    now.saturating_duration_since(began)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_time_between_waking_and_the_last_work_belongs_to_some_request() {
        begin();
        let woke = FREE_AT.get().unwrap();
        let sum: Duration = (0..5).map(|_| end()).sum();
        let done = FREE_AT.get().unwrap();
        assert_eq!(sum, done - woke);
    }

    #[test]
    fn each_thread_has_a_time_of_its_own() {
        begin();
        let other = std::thread::spawn(end).join().unwrap();
        assert_eq!(other, Duration::ZERO, "it never woke");
    }
}
