//! How far the waits of one window lie from those of an endless stream by luck alone.

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

/// Windows that are drawn. A standard deviation of so many is itself known to
/// 1 / √(2 · 200) = 5%.
const WINDOWS: f64 = 200.0;

/// Fewer than so many would leave it known to no better than 16%.
const FEWEST_WINDOWS: f64 = 20.0;

/// Requests that are drawn in all: a second or two of computing, between one trial and the next.
const MOST_REQUESTS: f64 = 2e7;

impl Stream {
    /// How much of the time each of so many workers is busy.
    pub fn load(&self, workers: NonZeroUsize) -> f64 {
        self.work_ns / self.gap_ns / workers.get() as f64
    }

    /// A stream of this kind until the window closes.
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

    /// The waits of requests in the window.
    fn seen(&self, requests: &[Request], waits: Vec<u64>) -> Option<Latency> {
        let seen = requests.iter().zip(waits);
        let seen = seen.filter(|(request, _)| request.at_ns as f64 >= self.opens_ns);
        Latency::of_nanoseconds(seen.map(|(_, wait)| wait).collect())
    }
}

/// How much the waits that `recursion` gives vary from window to window, where every window is of
/// a fresh stream.
///
/// Waits of neighbours are alike, so the usual formula for the error of a mean would be far too
/// small; independent replications need no formula (A. M. Law, "Simulation Modeling and Analysis",
/// on replication and deletion). `None` where the windows are too short to hold a request, or hold
/// more than a million, too many to draw again and again.
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
    /// Of several windows, or several draws for one; `None` of fewer than two.
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
