//! How far the waits of one window are from those of an endless stream by chance.

use std::num::NonZeroUsize;

use rand::{Rng, RngExt};
use rand_distr::Exp1;

use super::Request;
use crate::record::{Latency, Scatter};
use crate::stats::Sample;

/// Poisson arrivals with exponential work, seen through a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    /// Mean time between arrivals, nanoseconds.
    pub gap_ns: f64,
    /// Mean work, nanoseconds.
    pub work_ns: f64,
    /// When the window opens, nanoseconds after the first worker was idle.
    pub opens_ns: f64,
    /// When it closes.
    pub closes_ns: f64,
}

/// Number of simulated windows. The relative error of their standard deviation is
/// 1 / √(2 · 200) = 5%.
const WINDOWS: f64 = 200.0;

/// Fewest windows: with fewer, that error would exceed 16%.
const FEWEST_WINDOWS: f64 = 20.0;

/// Total number of simulated requests: a second or two of computing between two trials.
const MOST_REQUESTS: f64 = 2e7;

impl Stream {
    /// Returns the share of the time for which each of these workers is busy.
    pub fn load(&self, workers: NonZeroUsize) -> f64 {
        self.work_ns / self.gap_ns / workers.get() as f64
    }

    /// Simulates such a stream until the window closes.
    fn draw(&self, random: &mut impl Rng) -> Vec<Request> {
        let mut exponential = |mean: f64| mean * random.sample::<f64, _>(Exp1);
        let mut at = 0.0;
        let next = std::iter::from_fn(|| {
            at += exponential(self.gap_ns);
            (at < self.closes_ns).then(|| Request {
                at_ns: at as u64,
                work_ns: exponential(self.work_ns) as u64,
            })
        });
        next.collect()
    }

    /// Returns the waits of the requests in the window.
    fn seen(&self, requests: &[Request], waits: Vec<u64>) -> Option<Latency> {
        let seen = requests.iter().zip(waits);
        let seen = seen.filter(|(request, _)| request.at_ns as f64 >= self.opens_ns);
        Latency::of_nanoseconds(seen.map(|(_, wait)| wait).collect())
    }
}

/// Returns how much the waits from `recursion` vary from window to window, each of a new stream.
///
/// Waits of neighbours are alike, so the usual formula for the error of a mean would be far too
/// small; independent replications need no formula (A. M. Law, "Simulation Modeling and Analysis",
/// on replication and deletion). `None` if the windows are too short for a request, or have more than
/// a million, which takes too long to simulate.
pub fn scatter<R: Rng>(
    stream: &Stream,
    random: &mut R,
    recursion: impl Fn(&[Request], &mut R) -> Vec<u64>,
) -> Option<Scatter> {
    let requests = (stream.closes_ns / stream.gap_ns).max(1.0);
    let count = (MOST_REQUESTS / requests).min(WINDOWS);
    if count < FEWEST_WINDOWS {
        return None;
    }
    let window = |_| {
        let requests = stream.draw(random);
        let waits = recursion(&requests, random);
        stream.seen(&requests, waits)
    };
    Scatter::of(&(0..count as usize).filter_map(window).collect::<Vec<_>>())
}

impl Scatter {
    /// Takes several windows, or several draws for one; `None` for fewer than two.
    pub fn of(windows: &[Latency]) -> Option<Scatter> {
        let deviation = |pick: fn(&Latency) -> f64| {
            let values = Sample::new(windows.iter().map(pick).collect())?;
            Some(values.variance().sqrt())
        };
        Some(Scatter {
            mean: deviation(|waits| waits.mean)?,
            p99: deviation(|waits| waits.p99)?,
        })
    }
}
