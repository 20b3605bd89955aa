//! Adds up what the load threads recorded, interval by interval.

use std::time::Duration;

use super::{ALL_INTERVALS, Interval, Observer, Percentiles, Recorder, RecorderExchange};
use crate::clock::nanos;

/// Further intervals are reported, but not kept: a day of seconds.
const MAX_KEPT: usize = 86_400;

/// Adds up what the threads pass on.
pub(crate) struct Collector<'run> {
    exchanges: &'run [RecorderExchange],
    length: Duration,
    /// Number of intervals reported so far.
    reported: u64,
    current: Recorder,
    pub(crate) total: Recorder,
    pub(crate) intervals: Vec<Interval>,
}

impl<'run> Collector<'run> {
    pub(crate) fn new(exchanges: &'run [RecorderExchange], length: Duration) -> Self {
        Self {
            exchanges,
            length,
            reported: 0,
            current: Recorder::default(),
            total: Recorder::default(),
            intervals: Vec::new(),
        }
    }

    /// Reports the intervals that all threads have passed on.
    pub(crate) fn collect(&mut self, observer: &mut dyn Observer) {
        let passed_on = self.exchanges.iter().map(RecorderExchange::intervals);
        let complete = passed_on.min().unwrap_or(0);
        if complete == ALL_INTERVALS || complete <= self.reported {
            return;
        }
        let begin = self.time_of(self.reported);
        self.report(begin, self.time_of(complete), observer);
        self.reported = complete;
    }

    /// Reports the rest of the window, which had this length, after all threads have ended.
    pub(crate) fn finish(&mut self, window: Duration, observer: &mut dyn Observer) {
        let begin = self.time_of(self.reported);
        self.report(begin, window.max(begin), observer);
    }

    fn time_of(&self, intervals: u64) -> Duration {
        Duration::from_nanos(nanos(self.length).saturating_mul(intervals))
    }

    fn report(&mut self, begin: Duration, end: Duration, observer: &mut dyn Observer) {
        for exchange in self.exchanges {
            exchange.take(&mut self.current);
        }
        let interval = Interval {
            begin,
            end,
            requests: self.current.requests,
            failures: self.current.errors.values().sum(),
            response: Percentiles::of(&self.current.response),
            stalled: self.current.stalled(end.saturating_sub(begin)),
        };
        if begin < end || interval.requests + interval.failures > 0 {
            observer.interval(&interval, &self.current.response);
            if self.intervals.len() < MAX_KEPT {
                self.intervals.push(interval);
            }
        }
        self.total.absorb(&mut self.current);
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::*;
    use crate::http1::Answer;
    use crate::outcome::ErrorClass;

    #[derive(Default)]
    struct Seen(Vec<(Interval, u64)>);

    impl Observer for Seen {
        fn interval(&mut self, interval: &Interval, response: &Histogram<u64>) {
            self.0.push((*interval, response.len()));
        }
    }

    fn answered(recorder: &mut Recorder, response_ns: u64) {
        let answer = Answer {
            status: 200,
            keep_alive: true,
            worker: None,
            generation: None,
            work_ns: None,
            bytes: 1,
        };
        recorder.answered(&answer, response_ns, response_ns);
    }

    #[test]
    fn an_interval_is_reported_when_all_threads_have_passed_it_on() {
        let exchanges = [RecorderExchange::default(), RecorderExchange::default()];
        let mut collector = Collector::new(&exchanges, Duration::from_secs(1));
        let (mut seen, mut recorder) = (Seen::default(), Recorder::default());
        answered(&mut recorder, 1_000);
        exchanges[0].give(&mut recorder, 1);
        assert_eq!(recorder.requests, 0);
        collector.collect(&mut seen);
        assert!(seen.0.is_empty());
        recorder.failed(ErrorClass::Cut, 2);
        exchanges[1].give(&mut recorder, 1);
        collector.collect(&mut seen);
        collector.collect(&mut seen);
        let [(interval, times)] = seen.0[..] else {
            panic!("one interval, not {:?}", seen.0)
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
        let exchanges = [RecorderExchange::default()];
        let mut collector = Collector::new(&exchanges, Duration::from_secs(1));
        let (mut seen, mut recorder) = (Seen::default(), Recorder::default());
        for interval in 1..4 {
            answered(&mut recorder, 1_000);
            exchanges[0].give(&mut recorder, interval);
        }
        collector.collect(&mut seen);
        answered(&mut recorder, 1_000);
        exchanges[0].give(&mut recorder, ALL_INTERVALS);
        collector.collect(&mut seen);
        collector.finish(Duration::from_millis(3_500), &mut seen);
        let reported: Vec<_> = seen
            .0
            .iter()
            .map(|(interval, _)| (interval.end, interval.requests))
            .collect();
        assert_eq!(
            reported,
            [
                (Duration::from_secs(3), 3),
                (Duration::from_millis(3_500), 1)
            ]
        );
        assert_eq!(collector.total.requests, 4);
        assert_eq!(collector.intervals.len(), 2);
    }
}
