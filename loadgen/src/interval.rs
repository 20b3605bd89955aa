//! The window in stretches, told while load is offered.

use std::mem::swap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::clock::nanos;
use crate::outcome::Observer;
use crate::recorder::Recorder;

/// More intervals than this are told, but not kept: a day of seconds.
const MOST_KEPT: usize = 86_400;

/// One stretch of the window. Answers and failures belong to the stretch they
/// come in, so that the sum over all is that of the window; those after its
/// end, which only the open loop awaits, belong to the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Since the window opened.
    pub begin: Duration,
    /// Since the window opened.
    pub end: Duration,
    /// Requests answered with a status below 400.
    pub requests: u64,
    /// Failures of all classes.
    pub failures: u64,
    /// Response times of the answers, if there are any.
    pub response: Option<Percentiles>,
}

/// Response times, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Percentiles {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

impl Percentiles {
    /// Those of a histogram; `None` if it is empty.
    #[must_use]
    pub fn of(times: &Histogram<u64>) -> Option<Self> {
        (!times.is_empty()).then(|| Self {
            p50: times.value_at_quantile(0.5),
            p90: times.value_at_quantile(0.9),
            p99: times.value_at_quantile(0.99),
            p999: times.value_at_quantile(0.999),
            max: times.max(),
        })
    }
}

/// Where a load thread leaves what it recorded in an interval. It does so by
/// exchanging its recorder for an empty one, which takes no longer than a
/// request does; adding up is left to the coordinator.
#[derive(Debug, Default)]
pub(crate) struct Handover {
    slot: Mutex<Slot>,
    /// How many intervals are left here or were taken away.
    handed: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    recorder: Recorder,
    full: bool,
}

/// What a thread has handed over when nothing more is to come.
pub(crate) const ALL: u64 = u64::MAX;

impl Handover {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves what was recorded until this many intervals were over, and leaves
    /// `recorder` empty.
    pub(crate) fn give(&self, recorder: &mut Recorder, intervals: u64) {
        let mut slot = self.slot();
        if slot.full {
            // The coordinator was held up for a whole interval.
            slot.recorder.absorb(recorder);
        } else {
            swap(&mut slot.recorder, recorder);
            slot.full = true;
        }
        self.handed.store(intervals, Ordering::Release);
    }

    fn take(&self, into: &mut Recorder) {
        let mut slot = self.slot();
        into.absorb(&mut slot.recorder);
        slot.full = false;
    }
}

/// Adds up what the threads hand over.
#[derive(Debug)]
pub(crate) struct Collector<'run> {
    handovers: &'run [Handover],
    length: Duration,
    told: u64,
    current: Recorder,
    pub(crate) total: Recorder,
    pub(crate) intervals: Vec<Interval>,
}

impl<'run> Collector<'run> {
    pub(crate) fn new(handovers: &'run [Handover], length: Duration) -> Self {
        Self {
            handovers,
            length,
            told: 0,
            current: Recorder::new(),
            total: Recorder::new(),
            intervals: Vec::new(),
        }
    }

    /// Tells of the intervals that all threads have handed over.
    pub(crate) fn collect(&mut self, observer: &mut dyn Observer) {
        let handed = |handover: &Handover| handover.handed.load(Ordering::Acquire);
        let over = self.handovers.iter().map(handed).min().unwrap_or(0);
        if over == ALL || over <= self.told {
            return;
        }
        let begin = self.time_of(self.told);
        self.tell(begin, self.time_of(over), observer);
        self.told = over;
    }

    /// Tells of the rest: all threads have ended, and the window was this long.
    pub(crate) fn finish(&mut self, window: Duration, observer: &mut dyn Observer) {
        let begin = self.time_of(self.told);
        self.tell(begin, window.max(begin), observer);
    }

    fn time_of(&self, intervals: u64) -> Duration {
        Duration::from_nanos(nanos(self.length).saturating_mul(intervals))
    }

    fn tell(&mut self, begin: Duration, end: Duration, observer: &mut dyn Observer) {
        for handover in self.handovers {
            handover.take(&mut self.current);
        }
        let interval = Interval {
            begin,
            end,
            requests: self.current.requests,
            failures: self.current.errors.values().sum(),
            response: Percentiles::of(&self.current.response),
        };
        if begin < end || interval.requests + interval.failures > 0 {
            observer.interval(&interval, &self.current.response);
            if self.intervals.len() < MOST_KEPT {
                self.intervals.push(interval);
            }
        }
        self.total.absorb(&mut self.current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ErrorClass;
    use crate::http1::Answer;

    #[derive(Default)]
    struct Diary(Vec<(Interval, u64)>);

    impl Observer for Diary {
        fn interval(&mut self, interval: &Interval, response: &Histogram<u64>) {
            self.0.push((*interval, response.len()));
        }
    }

    fn answered(recorder: &mut Recorder, response_ns: u64) {
        let answer = Answer {
            status: 200,
            keep_alive: true,
            worker: None,
            work_ns: None,
            bytes: 1,
        };
        recorder.answered(&answer, response_ns, response_ns);
    }

    #[test]
    fn an_interval_is_told_once_all_threads_are_through_with_it() {
        let handovers = [Handover::default(), Handover::default()];
        let mut collector = Collector::new(&handovers, Duration::from_secs(1));
        let (mut diary, mut recorder) = (Diary::default(), Recorder::new());
        answered(&mut recorder, 1_000);
        handovers[0].give(&mut recorder, 1);
        assert_eq!(recorder.requests, 0);
        collector.collect(&mut diary);
        assert!(diary.0.is_empty());
        recorder.failed(ErrorClass::Reset, 2);
        handovers[1].give(&mut recorder, 1);
        collector.collect(&mut diary);
        collector.collect(&mut diary);
        let [(interval, times)] = diary.0[..] else {
            panic!("one interval, not {:?}", diary.0)
        };
        assert_eq!(
            (interval.begin, interval.end),
            (Duration::ZERO, Duration::from_secs(1))
        );
        assert_eq!((interval.requests, interval.failures, times), (1, 2, 1));
        assert_eq!(interval.response.map(|times| times.p50), Some(1_000));
    }

    #[test]
    fn nothing_is_lost_when_the_coordinator_is_held_up() {
        let handovers = [Handover::default()];
        let mut collector = Collector::new(&handovers, Duration::from_secs(1));
        let (mut diary, mut recorder) = (Diary::default(), Recorder::new());
        for interval in 1..4 {
            answered(&mut recorder, 1_000);
            handovers[0].give(&mut recorder, interval);
        }
        collector.collect(&mut diary);
        answered(&mut recorder, 1_000);
        handovers[0].give(&mut recorder, ALL);
        collector.collect(&mut diary);
        collector.finish(Duration::from_millis(3_500), &mut diary);
        let told: Vec<_> = diary
            .0
            .iter()
            .map(|(interval, _)| (interval.end, interval.requests))
            .collect();
        assert_eq!(
            told,
            [
                (Duration::from_secs(3), 3),
                (Duration::from_millis(3_500), 1)
            ]
        );
        assert_eq!(collector.total.requests, 4);
        assert_eq!(collector.intervals.len(), 2);
    }
}
