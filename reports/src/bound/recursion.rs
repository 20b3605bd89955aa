//! Waiting times on given arrivals and given work.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroUsize;

use rand::{Rng, RngExt};

/// A request: when it arrives and how long it keeps a worker busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it arrives, nanoseconds since the load began.
    pub at_ns: u64,
    /// How long a worker is busy with it, nanoseconds.
    pub work_ns: u64,
}

/// Returns waits, in nanoseconds, in one queue that all workers serve, first come, first served; with
/// one worker this is Lindley's recursion.
///
/// No worker idles while a request waits, so no order that does not know the work has a
/// shorter mean wait, and among those this one has the smallest variance (J. F. C. Kingman,
/// "The effect of queue discipline on waiting time variance", 1962).
///
/// The recursion of J. Kiefer and J. Wolfowitz ("On the theory of queues with many servers",
/// Transactions of the AMS 78, 1955) keeps the moments at which the workers become free in
/// order, and gives each request to the first; here a heap keeps the order.
///
/// `requests` are in the order of arrival; so are the waits.
pub fn common_queue(requests: &[Request], workers: NonZeroUsize) -> Vec<u64> {
    let mut free_at_ns: BinaryHeap<_> = std::iter::repeat_n(Reverse(0), workers.get()).collect();
    let take = |request: &Request| {
        let mut first = free_at_ns.peek_mut()?;
        Some(request.serve(&mut first.0))
    };
    requests.iter().filter_map(take).collect()
}

/// Returns waits, in nanoseconds, if every request goes to a random worker and queues there.
///
/// Each worker is a queue of its own and follows D. V. Lindley's recursion: the next wait is the
/// last one, plus the work before, less the time since, and never below zero ("The theory of
/// queues with a single server", Mathematical Proceedings of the Cambridge Philosophical
/// Society 48, 1952).
///
/// `requests` are in the order of arrival; so are the waits.
pub fn random_split(
    requests: &[Request],
    workers: NonZeroUsize,
    random: &mut impl Rng,
) -> Vec<u64> {
    let mut free_at_ns = vec![0; workers.get()];
    let mut take = |request: &Request| {
        let worker = random.random_range(0..free_at_ns.len());
        request.serve(&mut free_at_ns[worker])
    };
    requests.iter().map(&mut take).collect()
}

/// Returns waits, in nanoseconds, if the worker of every request is known: Lindley's recursion for each
/// worker, as in [`random_split`].
///
/// Whatever the rule of the choices, these are the waits of workers that take their requests in the
/// order of arrival and never idle while one waits. So the delay that a testbed adds can be
/// distinguished from the effect of the choices.
///
/// `requests` are in the order of arrival, each with the number of its worker; so are the waits.
pub fn known_split(requests: impl IntoIterator<Item = (Request, u32)>) -> Vec<u64> {
    let mut free_at_ns = Vec::new();
    let take = |(request, worker): (Request, u32)| {
        let worker = worker as usize;
        if worker >= free_at_ns.len() {
            free_at_ns.resize(worker + 1, 0);
        }
        request.serve(&mut free_at_ns[worker])
    };
    requests.into_iter().map(take).collect()
}

impl Request {
    /// Lets a worker serve it that becomes free at `free_at_ns`; returns the wait until then.
    fn serve(&self, free_at_ns: &mut u64) -> u64 {
        let begins_ns = self.at_ns.max(*free_at_ns);
        *free_at_ns = begins_ns.saturating_add(self.work_ns);
        begins_ns - self.at_ns
    }
}
