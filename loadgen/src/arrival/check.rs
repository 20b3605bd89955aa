//! Checks that arrivals follow the requested process.

use super::process::{GapDistribution, Process};
use crate::clock::Window;

/// Number of arrivals of a thread that are kept for the check: its first ones in the window. They
/// take half a mebibyte and show a deviation of one percent.
pub(crate) const SAMPLE: usize = 1 << 16;

/// Fewer gaps than this show nothing about a distribution.
const LEAST_GAPS: usize = 100;

/// A correct schedule fails a check less than once in a million runs: normally distributed figures
/// stay within five standard deviations.
const DEVIATIONS: f64 = 5.0;

/// The Kolmogorov-Smirnov distance, times √n, that chance exceeds as rarely: √(ln(2/6e-7)/2).
const DISTANCE: f64 = 2.75;

/// The number of evenly spaced arrivals in any time differs from the expected one by up to one; the
/// rest allows for rounding to nanoseconds.
const EDGE: f64 = 1.1;

/// How far something is from what was requested, and how far it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// The deviation; its sign does not matter.
    pub figure: f64,
    /// What a correct schedule does not exceed.
    pub allowed: f64,
}

/// Deviations of the intended times of the requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScheduleCheck {
    /// Number of successive gaps that were checked, over all threads together.
    pub gaps: usize,
    /// Random arrivals: distance between the distribution of gaps and the exponential one
    /// (Kolmogorov-Smirnov). Even arrivals: largest distance of an arrival from its place, in gaps.
    /// Absent for a trace, and if there are too few gaps.
    pub spacing: Option<Deviation>,
    /// Random arrivals: correlation between one gap and the next.
    pub correlation: Option<Deviation>,
    /// Number of arrivals in the window less the expected number; absent if the window was cut short.
    pub count: Option<Deviation>,
}

impl Deviation {
    /// Whether the deviation is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.figure.abs() <= self.allowed
    }
}

impl ScheduleCheck {
    /// The deviations that are not allowed, with their names.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'static str, Deviation)> {
        let deviations = [
            ("spacing", self.spacing),
            ("correlation", self.correlation),
            ("count", self.count),
        ];
        deviations
            .into_iter()
            .filter_map(|(name, deviation)| Some((name, deviation?)))
            .filter(|(_, deviation)| !deviation.is_allowed())
    }
}

/// Checks the first arrivals of each thread in the window, and the number of all arrivals (`None` if
/// it is not known).
pub(crate) fn check(
    process: &dyn Process,
    samples: &[Vec<u64>],
    window: Window,
    count: Option<u64>,
) -> ScheduleCheck {
    let places = places(process, samples);
    let gaps: Vec<f64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let enough = gaps.len() >= LEAST_GAPS;
    let spacing = match process.gaps() {
        GapDistribution::Even => Some(even_spacing(&places)),
        GapDistribution::Exponential => Some(exponential_spacing(gaps.clone(), process)),
        GapDistribution::Recorded => None,
    };
    let random = process.gaps() == GapDistribution::Exponential;
    ScheduleCheck {
        gaps: gaps.len(),
        spacing: spacing.filter(|_| enough),
        correlation: (random && enough).then(|| correlation(&gaps)),
        count: count.map(|count| count_deviation(process, window, count)),
    }
}

/// Maps each arrival to the number of arrivals expected until then: at any rate, the mean distance is
/// then one (the time-rescaling theorem). Arrivals after the end of any thread's sample are left out.
fn places(process: &dyn Process, samples: &[Vec<u64>]) -> Vec<f64> {
    let last = |sample: &Vec<u64>| sample.last().copied().unwrap_or(0);
    let until = samples.iter().map(last).min().unwrap_or(0);
    let mut times: Vec<u64> = samples.concat();
    times.retain(|at| *at <= until);
    times.sort_unstable();
    times
        .iter()
        .map(|at| process.expected(*at as f64))
        .collect()
}

fn even_spacing(places: &[f64]) -> Deviation {
    let first = places.first().map_or(0.0, |place| place.round());
    let off = |(number, place): (usize, &f64)| (place - first - number as f64).abs();
    Deviation {
        figure: places.iter().enumerate().map(off).fold(0.0, f64::max),
        allowed: 0.5,
    }
}

fn exponential_spacing(mut gaps: Vec<f64>, process: &dyn Process) -> Deviation {
    gaps.sort_by(f64::total_cmp);
    let count = gaps.len().max(1) as f64;
    let off = |(rank, gap): (usize, &f64)| {
        let expected = 1.0 - (-gap).exp();
        let (below, above) = (rank as f64 / count, (rank + 1) as f64 / count);
        (expected - below).abs().max((above - expected).abs())
    };
    // Times are whole nanoseconds, which shifts the distribution by up to one.
    let rounding = process.expected(1.0);
    Deviation {
        figure: gaps.iter().enumerate().map(off).fold(0.0, f64::max),
        allowed: DISTANCE / count.sqrt() + rounding,
    }
}

fn correlation(gaps: &[f64]) -> Deviation {
    let count = gaps.len().max(1) as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let variance: f64 = gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
    let product = |pair: &[f64]| (pair[0] - mean) * (pair[1] - mean);
    let covariance: f64 = gaps.windows(2).map(product).sum();
    Deviation {
        figure: if variance > 0.0 {
            covariance / variance
        } else {
            1.0
        },
        allowed: DEVIATIONS / count.sqrt(),
    }
}

fn count_deviation(process: &dyn Process, window: Window, count: u64) -> Deviation {
    let expected = process.expected_in(window);
    let allowed = match process.gaps() {
        GapDistribution::Even | GapDistribution::Recorded => EDGE,
        // The variance of a Poisson number is its mean; a small one has a distribution that is
        // skewed to the right.
        GapDistribution::Exponential => DEVIATIONS * (expected.sqrt() + 1.0),
    };
    Deviation {
        figure: count as f64 - expected,
        allowed,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::arrival::{Schedule, process};
    use crate::spec::{Arrivals, LoadSpec, Offer};

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

    fn all_processes() -> [Arrivals; 4] {
        let (on, off) = (Duration::from_millis(3), Duration::from_millis(7));
        [
            Arrivals::Constant,
            Arrivals::Poisson,
            Arrivals::Burst { on, off },
            Arrivals::Ramp { to_rps: 40_000.0 },
        ]
    }

    #[test]
    fn arrivals_follow_their_process() {
        for arrivals in all_processes() {
            let spec = spec(arrivals);
            let none: [&str; 0] = [];
            assert_eq!(failures(&spec, &samples(&spec)), none, "{arrivals:?}");
        }
    }

    #[test]
    fn even_arrivals_are_not_a_poisson_process() {
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
    fn sorted_gaps_are_correlated() {
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
    fn a_thread_that_skips_arrivals_is_detected() {
        for arrivals in all_processes() {
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
    fn few_arrivals_and_an_unknown_number_are_not_checked() {
        let process = process(&spec(Arrivals::Poisson)).expect("open");
        let few = [vec![WINDOW.begin, WINDOW.begin + 1], Vec::new()];
        let check = check(process.as_ref(), &few, WINDOW, None);
        assert_eq!(
            (check.spacing, check.correlation, check.count),
            (None, None, None)
        );
    }
}
