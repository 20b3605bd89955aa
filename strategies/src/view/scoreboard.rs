//! Counters that all processes of a fleet share: who has how much to do.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, Ordering::Relaxed, fence};

use nix::unistd::Pid;

use super::signal::Signal;
use crate::sys::shared_memory::{CounterLine, SharedCounters};

/// A slot of counters for each worker of a fleet, in memory that all its processes share, and
/// before them one for the fleet as a whole.
///
/// Counters only grow. What is open or in flight is the difference of two of them: read a
/// moment apart it can be off by what happened in between, but it never drifts.
#[derive(Clone, Debug)]
pub struct Scoreboard {
    lines: Arc<SharedCounters>,
    writers: Writers,
}

/// Who counts in the slot of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writers {
    /// The worker alone.
    One,
    /// Its siblings too, for what it began and they end.
    Several,
}

impl Scoreboard {
    /// A scoreboard for that many workers, and the descriptor by which others [join](Self::join).
    pub(crate) fn create(workers: NonZeroUsize) -> io::Result<(Self, OwnedFd)> {
        let (lines, file) = SharedCounters::create("evenkeel-scoreboard", lines_for(workers))?;
        Ok((Self::of(lines), file))
    }

    /// The scoreboard that another process made for that many workers.
    pub(crate) fn join(file: &OwnedFd, workers: NonZeroUsize) -> io::Result<Self> {
        SharedCounters::map(file, lines_for(workers)).map(Self::of)
    }

    fn of(lines: SharedCounters) -> Self {
        Self {
            lines: Arc::new(lines),
            writers: Writers::One,
        }
    }

    /// The same for workers that are threads and end what a sibling began.
    pub(crate) fn among_threads(self) -> Self {
        let writers = Writers::Several;
        Self { writers, ..self }
    }

    /// How many workers have a slot.
    pub fn workers(&self) -> usize {
        self.lines.len() - 1
    }

    /// The counters of a worker.
    ///
    /// # Panics
    /// If there is no worker of that number.
    pub fn slot(&self, worker: usize) -> Slot<'_> {
        Slot {
            line: &self.lines[worker + 1],
            writers: self.writers,
        }
    }

    /// A dispatcher has something that waits for a worker to become free, or has it no more.
    ///
    /// What workers have finished before is seen by whoever looks after this call; what they
    /// finish later finds that [somebody waits](Self::somebody_waits).
    pub(crate) fn wait(&self, waiting: bool) {
        let dispatchers = &self.lines[0].0[WAITING];
        match waiting {
            true => dispatchers.fetch_add(1, Relaxed),
            false => dispatchers.fetch_sub(1, Relaxed),
        };
        fence(Ordering::SeqCst);
    }

    /// Whether a dispatcher waits for a worker to become free. To be asked by a worker after
    /// it has written down that it is.
    pub(crate) fn somebody_waits(&self) -> bool {
        fence(Ordering::SeqCst);
        self.lines[0].0[WAITING].load(Relaxed) > 0
    }
}

/// A line for the fleet, and one for each worker.
fn lines_for(workers: NonZeroUsize) -> NonZeroUsize {
    workers.saturating_add(1)
}

/// One worker's counters.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    line: &'a CounterLine,
    writers: Writers,
}

impl Slot<'_> {
    /// A dispatcher is about to give the worker a connection. Any dispatcher may say so.
    pub(crate) fn assign(self) {
        self.counter(ASSIGNED).fetch_add(1, Relaxed);
    }

    /// A connection that was assigned did not reach the worker after all.
    pub(crate) fn unassign(self) {
        self.counter(ASSIGNED).fetch_sub(1, Relaxed);
    }

    /// The worker has taken in a connection. Only the worker itself says so, as of all below, or
    /// a sibling that is a thread of the same process.
    pub(crate) fn accept(self) {
        self.grow(ACCEPTED);
    }

    /// A connection of the worker has ended.
    pub(crate) fn close(self) {
        self.grow(CLOSED);
    }

    /// The worker has begun on a request.
    pub(crate) fn begin(self) {
        self.grow(BEGUN);
    }

    /// The worker is done with a request.
    pub(crate) fn serve(self) {
        self.grow(SERVED);
    }

    /// The first request of a connection has been answered, or will never come.
    pub(crate) fn settle(self) {
        self.grow(SETTLED);
    }

    /// How much the worker has to do, by one of the ways to see it.
    pub(crate) fn load(self, signal: Signal) -> u32 {
        let load = match signal {
            Signal::Connections => self.connections_open(),
            Signal::Requests => self.requests_in_flight(),
            Signal::Unanswered => {
                let settled = self.counter(SETTLED).load(Relaxed);
                self.counter(ASSIGNED).load(Relaxed).saturating_sub(settled)
            }
            Signal::Pending => {
                let later = self.load(Signal::Requests);
                return self.load(Signal::Unanswered).max(later);
            }
        };
        load as u32
    }

    /// Connections that the worker has taken in since it was launched.
    pub fn connections_accepted(self) -> u64 {
        self.counter(ACCEPTED).load(Relaxed)
    }

    /// Connections that the worker holds, or that are on their way to it.
    pub fn connections_open(self) -> u64 {
        let closed = self.counter(CLOSED).load(Relaxed);
        let given = self
            .counter(ASSIGNED)
            .load(Relaxed)
            .max(self.connections_accepted());
        given.saturating_sub(closed)
    }

    /// Requests that the worker has answered since it was launched.
    pub fn requests_served(self) -> u64 {
        self.counter(SERVED).load(Relaxed)
    }

    /// Requests that the worker has begun and not yet answered.
    pub fn requests_in_flight(self) -> u64 {
        let served = self.requests_served();
        self.counter(BEGUN).load(Relaxed).saturating_sub(served)
    }

    /// The worker is this thread. Only the worker itself says so.
    pub(crate) fn run_on(self, thread: Pid) {
        self.counter(THREAD).store(thread.as_raw() as u64, Relaxed);
    }

    /// The thread that the worker is, by its number in the system; `None` before it has begun.
    pub(crate) fn thread(self) -> Option<Pid> {
        let thread = self.counter(THREAD).load(Relaxed);
        (thread > 0).then(|| Pid::from_raw(thread as i32))
    }

    /// Adds one to a counter. Where only one thread writes it, no locked instruction is needed.
    fn grow(self, index: usize) {
        let counter = self.counter(index);
        match self.writers {
            Writers::One => counter.store(counter.load(Relaxed) + 1, Relaxed),
            Writers::Several => {
                counter.fetch_add(1, Relaxed);
            }
        }
    }

    fn counter(&self, index: usize) -> &AtomicU64 {
        &self.line.0[index]
    }
}

/// Bytes from the line of the fleet to that of the first worker, and from each to the next.
pub(crate) const LINE_BYTES: usize = size_of::<CounterLine>();

/// Pairs of counters in a worker's line, as offsets in bytes, of which one pair at least differs
/// while the worker has something to do: requests begun and served, connections taken in and
/// answered once.
pub(crate) const UNLIKE_WHILE_BUSY: [(i16, i16); 2] = [
    (offset(BEGUN), offset(SERVED)),
    (offset(ACCEPTED), offset(SETTLED)),
];

const fn offset(counter: usize) -> i16 {
    (counter * size_of::<AtomicU64>()) as i16
}

const ASSIGNED: usize = 0;
const ACCEPTED: usize = 1;
const CLOSED: usize = 2;
const BEGUN: usize = 3;
const SERVED: usize = 4;
const SETTLED: usize = 5;

/// No counter, but the number of the thread that the worker is.
const THREAD: usize = 6;

/// In the line of the fleet: dispatchers that wait for a worker to become free.
const WAITING: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_process_writes_another_mapping_reads() {
        let workers = NonZeroUsize::new(3).unwrap();
        let (ours, file) = Scoreboard::create(workers).unwrap();
        let theirs = Scoreboard::join(&file, workers).unwrap();
        ours.slot(1).accept();
        ours.slot(1).begin();
        assert_eq!(theirs.slot(1).connections_accepted(), 1);
        assert_eq!(theirs.slot(1).requests_in_flight(), 1);
        assert_eq!(theirs.slot(0).connections_accepted(), 0);
    }

    #[test]
    fn a_connection_under_way_counts_as_open_until_it_is_closed() {
        let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
        let slot = board.slot(0);
        slot.assign();
        assert_eq!(slot.connections_open(), 1);
        slot.accept();
        assert_eq!(slot.connections_open(), 1);
        slot.close();
        assert_eq!(slot.connections_open(), 0);
    }

    #[test]
    fn a_connection_is_unanswered_from_the_hand_off_to_the_end_of_its_first_request() {
        let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
        let slot = board.slot(0);
        slot.assign();
        slot.accept();
        slot.begin();
        assert_eq!(slot.load(Signal::Unanswered), 1);
        slot.serve();
        slot.settle();
        assert_eq!(slot.load(Signal::Unanswered), 0);
        slot.begin();
        assert_eq!(slot.load(Signal::Unanswered), 0, "a later request");
    }

    #[test]
    fn what_several_threads_end_for_one_worker_is_counted_once_each() {
        let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
        let board = board.among_threads();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| board.slot(0).serve()));
            }
        });
        assert_eq!(board.slot(0).requests_served(), 40_000);
    }

    #[test]
    fn workers_know_whether_any_dispatcher_waits() {
        let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
        assert!(!board.somebody_waits());
        board.wait(true);
        board.wait(true);
        board.wait(false);
        assert!(board.somebody_waits());
        board.wait(false);
        assert!(!board.somebody_waits());
    }

    #[test]
    fn a_file_too_small_for_its_workers_is_refused() {
        let (_board, file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
        assert!(Scoreboard::join(&file, NonZeroUsize::new(9).unwrap()).is_err());
    }
}
