//! Rates of answers, from snapshots of the number of answers.

use std::collections::VecDeque;
use std::time::Duration;

use evenkeel_loadgen::Progress;

/// Interval of a rate: long enough for a steady figure, short enough to show a stall of half a
/// second.
const INTERVAL: Duration = Duration::from_millis(500);

/// Number of remembered rates, the columns of the graph.
const REMEMBERED: usize = 40;

/// Heights of columns of the graph.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Rates of the last intervals.
#[derive(Debug, Default)]
pub(super) struct Meter {
    began: Duration,
    requests: u64,
    rates: VecDeque<f64>,
}

impl Meter {
    pub(super) fn update(&mut self, progress: &Progress) {
        let length = progress.elapsed.saturating_sub(self.began);
        if length < INTERVAL {
            return;
        }
        let answered = progress.requests.saturating_sub(self.requests);
        if self.rates.len() == REMEMBERED {
            self.rates.pop_front();
        }
        self.rates.push_back(answered as f64 / length.as_secs_f64());
        self.began = progress.elapsed;
        self.requests = progress.requests;
    }

    /// Requests answered per second in the last interval; `None` before the end of the first.
    pub(super) fn rate_rps(&self) -> Option<f64> {
        self.rates.back().copied()
    }

    /// Returns a column per interval, the highest for the highest rate.
    pub(super) fn graph(&self) -> String {
        let highest = self.rates.iter().copied().fold(0.0, f64::max);
        let level = |rate: &f64| match highest {
            h if h > 0.0 => (rate / h * (LEVELS.len() - 1) as f64).round() as usize,
            _ => 0,
        };
        self.rates.iter().map(|rate| LEVELS[level(rate)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_loadgen::Phase;

    use super::*;

    fn at(ms: u64, requests: u64) -> Progress {
        Progress {
            phase: Phase::Measuring,
            elapsed: Duration::from_millis(ms),
            planned: None,
            requests,
            failures: 0,
            connect_failures: 0,
        }
    }

    #[test]
    fn the_rate_is_that_of_the_last_whole_interval() {
        let mut meter = Meter::default();
        let mut rates = Vec::new();
        for (ms, requests) in [
            (100, 50),
            (500, 500),
            (600, 900),
            (1_000, 700),
            (1_500, 700),
        ] {
            meter.update(&at(ms, requests));
            rates.push(meter.rate_rps());
        }
        assert_eq!(
            rates,
            [None, Some(1_000.0), Some(1_000.0), Some(400.0), Some(0.0)]
        );
        assert_eq!(meter.graph(), "█▄▁");
    }

    #[test]
    fn the_graph_shows_the_last_intervals() {
        let mut meter = Meter::default();
        for interval in 1..200 {
            meter.update(&at(interval * 500, 0));
        }
        assert_eq!(meter.graph(), "▁".repeat(REMEMBERED));
    }
}
