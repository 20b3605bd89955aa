//! The scoreboard: counters of all workers in shared memory.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, Ordering::Relaxed, fence};
use std::time::Duration;

use nix::unistd::Pid;

use super::heartbeat::Heartbeat;
use super::life::Life;
use super::notice::{Notice, Waiting};
use super::signal::Signal;
use crate::sys::shared_memory::{CounterLine, SharedCounters};

/// Counters in memory that all processes of a fleet share: two slots for each worker, and two
/// lines for the fleet. Two lives may share the place of a worker for a while, so they use its slots in turn.
///
/// Counters only grow. What is open or in flight is the difference of two counters. They are not read
/// at the same moment, so the difference may be off by what happened in between, but it never drifts.
#[derive(Clone, Debug)]
pub struct Scoreboard {
    lines: Arc<SharedCounters>,
    writers: Writers,
    /// The generation whose slots are [`slot`](Self::slot).
    generation: u32,
}

/// Which threads write to the slot of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writers {
    /// Only the worker.
    One,
    /// Other workers too, when they finish what the worker has started.
    Several,
}

impl Scoreboard {
    /// Creates a scoreboard, and the descriptor with which other processes [join](Self::join) it.
    pub(crate) fn create(workers: NonZeroUsize) -> io::Result<(Self, OwnedFd)> {
        let (lines, file) = SharedCounters::create("evenkeel-scoreboard", lines_for(workers))?;
        Ok((Self::of(lines), file))
    }

    /// Opens the scoreboard that another process has created for this number of workers.
    pub(crate) fn join(file: &OwnedFd, workers: NonZeroUsize) -> io::Result<Self> {
        SharedCounters::map(file, lines_for(workers)).map(Self::of)
    }

    fn of(lines: SharedCounters) -> Self {
        Self {
            lines: Arc::new(lines),
            writers: Writers::One,
            generation: 0,
        }
    }

    /// Makes [`slot`](Self::slot) return the slots of this generation.
    pub(crate) fn of_generation(self, generation: u32) -> Self {
        Self { generation, ..self }
    }

    /// Allows one worker to finish what another has started.
    pub(crate) fn among_threads(self) -> Self {
        let writers = Writers::Several;
        Self { writers, ..self }
    }

    /// Returns the number of places for workers.
    pub fn workers(&self) -> usize {
        (self.lines.len() - LINES_OF_FLEET) / LIVES
    }

    /// Returns the counters of a worker: those of its first life, and of every second one after it.
    ///
    /// # Panics
    /// If there is no worker with this number.
    pub fn slot(&self, worker: usize) -> Slot<'_> {
        self.life(Life {
            place: worker,
            generation: self.generation,
        })
    }

    /// Returns the counters of a life, which every second life after it continues.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn life(&self, life: Life) -> Slot<'_> {
        self.line(line_of(life, self.workers()))
    }

    /// Returns the counters in the [line of a life](line_of).
    pub(crate) fn line(&self, line: usize) -> Slot<'_> {
        Slot {
            line: &self.lines[line],
            writers: self.writers,
        }
    }

    /// Returns all counters of a worker, whose sums are figures over all its lives.
    ///
    /// # Panics
    /// If there is no worker with this number.
    pub fn lives(&self, worker: usize) -> [Slot<'_>; LIVES] {
        [0, 1].map(|generation| {
            self.life(Life {
                place: worker,
                generation,
            })
        })
    }

    /// Adds a request to the common counter of all workers.
    pub(crate) fn count_request(&self) {
        self.counted().fetch_add(1, Relaxed);
    }

    /// Returns how many requests were added to the common counter.
    pub(crate) fn requests_counted(&self) -> u64 {
        self.counted().load(Relaxed)
    }

    fn counted(&self) -> &AtomicU64 {
        &self.lines[self.lines.len() - 1].0[COUNTED]
    }

    /// Reports that a dispatcher starts or stops to wait for a free worker.
    ///
    /// After this call the dispatcher sees everything that workers finished before. A worker that
    /// finishes something later sees the [waiting dispatcher](Self::has_waiting_dispatcher).
    pub(crate) fn wait(&self, waiting: bool) {
        let dispatchers = &self.lines[0].0[WAITING];
        match waiting {
            true => dispatchers.fetch_add(1, Relaxed),
            false => dispatchers.fetch_sub(1, Relaxed),
        };
        fence(Ordering::SeqCst);
    }

    /// Whether a dispatcher waits for a free worker. A worker must call this after it has updated its
    /// own counters.
    pub(crate) fn has_waiting_dispatcher(&self) -> bool {
        fence(Ordering::SeqCst);
        self.lines[0].0[WAITING].load(Relaxed) > 0
    }
}

/// Number of lives that may share a place.
const LIVES: usize = 2;

/// Number of lines of the fleet: the first one, and the last one, where builds up to 0.1.0 expect none.
const LINES_OF_FLEET: usize = 2;

/// Returns the number of lines: those of the fleet, and two for each worker.
pub(crate) fn lines_for(workers: NonZeroUsize) -> NonZeroUsize {
    workers
        .saturating_mul(const { NonZeroUsize::new(LIVES).expect("two") })
        .saturating_add(LINES_OF_FLEET)
}

/// Returns the line of a life among `workers` places. Those of first lives come first, where builds up to
/// 0.1.0 expect them.
pub(crate) fn line_of(life: Life, workers: usize) -> usize {
    let turn = life.generation as usize % LIVES;
    1 + turn * workers + life.place
}

/// The counters of a worker.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    line: &'a CounterLine,
    writers: Writers,
}

impl Slot<'_> {
    /// Counts a connection that a dispatcher is about to give to the worker. Any dispatcher may call this.
    pub(crate) fn assign(self) {
        self.counter(ASSIGNED).fetch_add(1, Relaxed);
    }

    /// Takes back an [assignment](Self::assign) that has failed.
    pub(crate) fn unassign(self) {
        self.counter(ASSIGNED).fetch_sub(1, Relaxed);
    }

    /// Counts an accepted connection. Like the following methods, it may be called by the worker only,
    /// or by other workers that are threads of the same process.
    pub(crate) fn accept(self) {
        self.grow(ACCEPTED);
    }

    /// Counts a connection that has ended.
    pub(crate) fn close(self) {
        self.grow(CLOSED);
    }

    /// Counts a request that the worker has started.
    pub(crate) fn begin(self) {
        self.grow(STARTED);
    }

    /// Counts a request that the worker has answered.
    pub(crate) fn serve(self) {
        self.grow(SERVED);
    }

    /// Counts a connection whose first request has been answered, or will never arrive.
    pub(crate) fn settle(self) {
        self.grow(SETTLED);
    }

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

    /// Returns the number of connections that the worker has accepted since it was launched.
    pub fn connections_accepted(self) -> u64 {
        self.counter(ACCEPTED).load(Relaxed)
    }

    /// Returns the number of connections that the worker has open, or that are on their way to it.
    pub fn connections_open(self) -> u64 {
        let closed = self.counter(CLOSED).load(Relaxed);
        let assigned = self
            .counter(ASSIGNED)
            .load(Relaxed)
            .max(self.connections_accepted());
        assigned.saturating_sub(closed)
    }

    /// Returns the number of requests that the worker has answered since it was launched.
    pub fn requests_served(self) -> u64 {
        self.counter(SERVED).load(Relaxed)
    }

    /// Returns the number of requests that the worker has started and not answered yet.
    pub fn requests_in_flight(self) -> u64 {
        let served = self.requests_served();
        self.counter(STARTED).load(Relaxed).saturating_sub(served)
    }

    /// Notes that the event loop of the worker begins or ends to wait. Its own thread calls this.
    pub(crate) fn turn(self, waits: bool) {
        let turns = self.counter(TURNS);
        // Odd while it waits.
        let begun = turns.load(Relaxed) | 1;
        turns.store(begun + u64::from(!waits), Relaxed);
    }

    /// Returns the heartbeat of the worker, if it shows one.
    pub(crate) fn heartbeat(self) -> Option<Heartbeat> {
        let turns = self.counter(TURNS).load(Relaxed);
        let counted = [ACCEPTED, CLOSED, STARTED, SERVED].map(|it| self.counter(it).load(Relaxed));
        (turns > 0).then(|| Heartbeat {
            beats: counted.into_iter().fold(turns, u64::wrapping_add),
            waits: turns % 2 == 1,
        })
    }

    /// Counts connections that were given to the worker, that it has not taken in, and that others get. Any
    /// process of the fleet may call this.
    pub(crate) fn rescue(self, connections: u64) {
        self.counter(RESCUED).fetch_add(connections, Relaxed);
    }

    /// Returns how many connections were rescued, that is, given to others before the worker had taken them in, since
    /// it was launched.
    pub fn connections_rescued(self) -> u64 {
        self.counter(RESCUED).load(Relaxed)
    }

    /// Publishes the ID of the worker's thread.
    pub(crate) fn set_thread(self, thread: Pid) {
        self.counter(THREAD).store(thread.as_raw() as u64, Relaxed);
    }

    /// Returns the ID of the worker's thread, or `None` before the worker has started.
    pub(crate) fn thread(self) -> Option<Pid> {
        let thread = self.counter(THREAD).load(Relaxed);
        (thread > 0).then(|| Pid::from_raw(thread as i32))
    }

    /// Tells the worker how it is to end. Only the process that launched it calls this.
    pub(crate) fn retire(self, notice: Notice) {
        let is_left = u64::from(notice.waiting == Waiting::Left);
        self.counter(WAITING_IS_LEFT).store(is_left, Relaxed);
        let within = u64::try_from(notice.drain_within.as_nanos()).unwrap_or(u64::MAX);
        // Zero stands for no notice.
        self.counter(DRAIN_WITHIN)
            .store(within.max(1), Ordering::Release);
    }

    /// Returns how the worker is to end, if it was told.
    pub(crate) fn notice(self) -> Option<Notice> {
        let within = self.counter(DRAIN_WITHIN).load(Ordering::Acquire);
        let waiting = match self.counter(WAITING_IS_LEFT).load(Relaxed) {
            0 => Waiting::Taken,
            _ => Waiting::Left,
        };
        (within > 0).then(|| Notice {
            drain_within: Duration::from_nanos(within),
            waiting,
        })
    }

    /// Prepares the slot for another life, when the one that used it has ended: nothing is open or in flight
    /// any more. What was accepted and answered stays counted.
    pub(crate) fn renew(self) {
        let accepted = self.connections_accepted();
        let is_assigned = self.counter(ASSIGNED).load(Relaxed) > 0;
        let assigned = if is_assigned { accepted } else { 0 };
        for (counter, value) in [
            (ASSIGNED, assigned),
            (CLOSED, accepted),
            (SETTLED, accepted),
            (STARTED, self.requests_served()),
            (THREAD, 0),
            (TURNS, 0),
            (DRAIN_WITHIN, 0),
        ] {
            self.counter(counter).store(value, Relaxed);
        }
    }

    /// Adds one to a counter. If only one thread writes it, no locked instruction is needed.
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

/// Length of a line in bytes. The first line is that of the fleet, and the workers' lines follow.
pub(crate) const LINE_BYTES: usize = size_of::<CounterLine>();

/// Pairs of counters in a worker's line, as offsets in bytes: requests started and answered, and
/// connections accepted and answered once. At least one pair differs while the worker is busy.
pub(crate) const DIFFERENT_WHILE_BUSY: [(i16, i16); 2] = [
    (offset(STARTED), offset(SERVED)),
    (offset(ACCEPTED), offset(SETTLED)),
];

const fn offset(counter: usize) -> i16 {
    (counter * size_of::<AtomicU64>()) as i16
}

const ASSIGNED: usize = 0;
const ACCEPTED: usize = 1;
const CLOSED: usize = 2;
const STARTED: usize = 3;
const SERVED: usize = 4;
const SETTLED: usize = 5;

/// The ID of the worker's thread, which is not a counter.
const THREAD: usize = 6;

/// How long the worker may drain, in nanoseconds, and whether it leaves the connections that wait at its
/// intake. Not counters either.
const DRAIN_WITHIN: usize = 7;
const WAITING_IS_LEFT: usize = 8;

/// How often the event loop of the worker has begun or ended to wait, if the fleet looks for stalls. Odd while it
/// waits.
const TURNS: usize = 9;

/// Connections that were given to the worker, that it has not taken in, and that others got. Not of the worker
/// alone, but written only while it is ill.
const RESCUED: usize = 10;

/// In the line of the fleet: number of dispatchers that wait for a free worker.
const WAITING: usize = 0;

/// In the last line, which only those that count write to: the common counter of requests.
const COUNTED: usize = 0;

#[cfg(test)]
mod tests;
