//! Whether arrivals were what they claim to be.

use super::{Process, Spacing};
use crate::clock::Window;

/// How many arrivals of a thread are kept for the check: its first ones in the
/// window. Half a mebibyte, and enough to see a deviation of one percent.
pub(crate) const SAMPLE: usize = 1 << 16;

/// Fewer gaps than this say nothing about a distribution.
const LEAST_GAPS: usize = 100;

/// An honest schedule fails a check less than once in a million runs: normally
/// distributed figures stay within five standard deviations.
const DEVIATIONS: f64 = 5.0;

/// The distance of Kolmogorov and Smirnov, times √n, that chance exceeds as
/// seldom: √(ln(2/6e-7)/2).
const DISTANCE: f64 = 2.75;

/// Evenly spaced arrivals, counted over any time, miss the order by up to one;
/// the rest is for rounding to nanoseconds.
const EDGE: f64 = 1.1;

/// A figure, and how large it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// What was found; its sign does not matter.
    pub figure: f64,
    /// What an honest schedule does not exceed.
    pub allowed: f64,
}

/// What was found about the intended times of the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScheduleCheck {
    /// Successive gaps that were looked at, over all threads together.
    pub gaps: usize,
    /// Random arrivals: distance between the distribution of gaps and the
    /// exponential one (Kolmogorov-Smirnov). Even ones: how far an arrival lies
    /// from its place at most, in gaps. Absent for a trace, and where there are
    /// too few gaps.
    pub spacing: Option<Finding>,
    /// Random arrivals: correlation between one gap and the next.
    pub correlation: Option<Finding>,
    /// By how many the arrivals of the window miss the order; absent if the
    /// window was cut short.
    pub count: Option<Finding>,
}

impl Finding {
    /// Whether the figure is as it should be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.figure.abs() <= self.allowed
    }
}

impl ScheduleCheck {
    /// What failed, with its name.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'static str, Finding)> {
        let findings = [
            ("spacing", self.spacing),
            ("correlation", self.correlation),
            ("count", self.count),
        ];
        findings
            .into_iter()
            .filter_map(|(name, finding)| Some((name, finding?)))
            .filter(|(_, finding)| !finding.holds())
    }
}

/// Looks at the first arrivals of each thread in the window, and at the number
/// of all of them (`None` if it is not known).
pub(crate) fn check(
    process: &dyn Process,
    samples: &[Vec<u64>],
    window: Window,
    count: Option<u64>,
) -> ScheduleCheck {
    let places = places(process, samples);
    let gaps: Vec<f64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let enough = gaps.len() >= LEAST_GAPS;
    let spacing = match process.spacing() {
        Spacing::Even => Some(even_spacing(&places)),
        Spacing::Exponential => Some(exponential_spacing(gaps.clone(), process)),
        Spacing::Recorded => None,
    };
    let random = process.spacing() == Spacing::Exponential;
    ScheduleCheck {
        gaps: gaps.len(),
        spacing: spacing.filter(|_| enough),
        correlation: (random && enough).then(|| correlation(&gaps)),
        count: count.map(|count| count_against_order(process, window, count)),
    }
}

/// The arrivals of all threads, each by how many were ordered until then: at
/// whatever rate, one apart in the mean (the time-rescaling theorem). They go
/// as far as the sample of every thread does.
fn places(process: &dyn Process, samples: &[Vec<u64>]) -> Vec<f64> {
    let last = |sample: &Vec<u64>| sample.last().copied().unwrap_or(0);
    let until = samples.iter().map(last).min().unwrap_or(0);
    let mut times: Vec<u64> = samples.concat();
    times.retain(|at| *at <= until);
    times.sort_unstable();
    times.iter().map(|at| process.ordered(*at as f64)).collect()
}

fn even_spacing(places: &[f64]) -> Finding {
    let first = places.first().map_or(0.0, |place| place.round());
    let off = |(number, place): (usize, &f64)| (place - first - number as f64).abs();
    Finding {
        figure: places.iter().enumerate().map(off).fold(0.0, f64::max),
        allowed: 0.5,
    }
}

fn exponential_spacing(mut gaps: Vec<f64>, process: &dyn Process) -> Finding {
    gaps.sort_by(f64::total_cmp);
    let count = gaps.len().max(1) as f64;
    let off = |(rank, gap): (usize, &f64)| {
        let expected = 1.0 - (-gap).exp();
        let (below, above) = (rank as f64 / count, (rank + 1) as f64 / count);
        (expected - below).abs().max((above - expected).abs())
    };
    // Times are whole nanoseconds, which moves the distribution by up to one.
    let rounding = process.ordered(1.0);
    Finding {
        figure: gaps.iter().enumerate().map(off).fold(0.0, f64::max),
        allowed: DISTANCE / count.sqrt() + rounding,
    }
}

fn correlation(gaps: &[f64]) -> Finding {
    let count = gaps.len().max(1) as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let variance: f64 = gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
    let product = |pair: &[f64]| (pair[0] - mean) * (pair[1] - mean);
    let covariance: f64 = gaps.windows(2).map(product).sum();
    Finding {
        figure: if variance > 0.0 {
            covariance / variance
        } else {
            1.0
        },
        allowed: DEVIATIONS / count.sqrt(),
    }
}

fn count_against_order(process: &dyn Process, window: Window, count: u64) -> Finding {
    let ordered = process.ordered_in(window);
    let allowed = match process.spacing() {
        Spacing::Even | Spacing::Recorded => EDGE,
        // The variance of a Poisson number is its mean; where that is small,
        // its distribution leans to the right.
        Spacing::Exponential => DEVIATIONS * (ordered.sqrt() + 1.0),
    };
    Finding {
        figure: count as f64 - ordered,
        allowed,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::arrival::{Schedule, process};
    use crate::offer::{Arrivals, Offer};
    use crate::spec::LoadSpec;

    const WINDOW: Window = Window {
        begin: 100_000_000,
        end: 1_100_000_000,
    };

    fn spec(arrivals: Arrivals) -> LoadSpec {
        let rate_rps = 20_000.0;
        LoadSpec {
            offer: Offer::Open { rate_rps, arrivals },
            warmup: Duration::from_nanos(WINDOW.begin),
            ..LoadSpec::new(std::net::SocketAddr::from(([127, 0, 0, 1], 80)))
        }
    }

    /// The arrivals of three threads in the window.
    fn samples(spec: &LoadSpec) -> Vec<Vec<u64>> {
        let of_thread = |thread| {
            let mut schedule = Schedule::new(process(spec).expect("open"), thread, 3, u64::MAX);
            let times = std::iter::repeat_with(|| schedule.take());
            times
                .skip_while(|at| *at < WINDOW.begin)
                .take_while(|at| *at < WINDOW.end)
                .collect()
        };
        (0..3).map(of_thread).collect()
    }

    fn failures(spec: &LoadSpec, samples: &[Vec<u64>]) -> Vec<&'static str> {
        let count = samples.iter().map(|sample| sample.len() as u64).sum();
        let process = process(spec).expect("open");
        let check = check(process.as_ref(), samples, WINDOW, Some(count));
        assert!(check.gaps > 10_000, "{check:?}");
        check.failures().map(|(name, _)| name).collect()
    }

    fn honest() -> [Arrivals; 4] {
        let (on, off) = (Duration::from_millis(3), Duration::from_millis(7));
        [
            Arrivals::Constant,
            Arrivals::Poisson,
            Arrivals::Burst { on, off },
            Arrivals::Ramp { to_rps: 40_000.0 },
        ]
    }

    #[test]
    fn arrivals_are_what_they_claim_to_be() {
        for arrivals in honest() {
            let spec = spec(arrivals);
            let none: [&str; 0] = [];
            assert_eq!(failures(&spec, &samples(&spec)), none, "{arrivals:?}");
        }
    }

    #[test]
    fn even_arrivals_are_no_poisson_process() {
        let failed = failures(
            &spec(Arrivals::Poisson),
            &samples(&spec(Arrivals::Constant)),
        );
        assert!(failed.contains(&"spacing"), "{failed:?}");
        let failed = failures(
            &spec(Arrivals::Constant),
            &samples(&spec(Arrivals::Poisson)),
        );
        assert!(failed.contains(&"spacing"), "{failed:?}");
    }

    #[test]
    fn gaps_in_order_of_their_length_depend_on_each_other() {
        let spec = spec(Arrivals::Poisson);
        let mut times = samples(&spec).concat();
        times.sort_unstable();
        let mut gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        let mut at = WINDOW.begin;
        let sorted = gaps.into_iter().map(|gap| {
            at += gap;
            at
        });
        assert_eq!(failures(&spec, &[sorted.collect()]), ["correlation"]);
    }

    #[test]
    fn a_thread_that_skips_arrivals_is_found_out() {
        for arrivals in honest() {
            let spec = spec(arrivals);
            let mut samples = samples(&spec);
            let mut odd = false;
            samples[1].retain(|_| {
                odd = !odd;
                odd
            });
            let failed = failures(&spec, &samples);
            assert!(failed.contains(&"count"), "{arrivals:?}: {failed:?}");
            assert!(failed.contains(&"spacing"), "{arrivals:?}: {failed:?}");
        }
    }

    #[test]
    fn few_arrivals_and_an_unknown_number_are_not_judged() {
        let process = process(&spec(Arrivals::Poisson)).expect("open");
        let few = [vec![WINDOW.begin, WINDOW.begin + 1], Vec::new()];
        let check = check(process.as_ref(), &few, WINDOW, None);
        assert_eq!(
            (check.spacing, check.correlation, check.count),
            (None, None, None)
        );
    }
}
