use std::num::NonZeroU64;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::clock::Window;
use crate::spec::Trace;

const SECOND: u64 = 1_000_000_000;

fn spec(rate_rps: f64, arrivals: Arrivals) -> LoadSpec {
    LoadSpec {
        offer: Offer::Open { rate_rps, arrivals },
        ..LoadSpec::new(std::net::SocketAddr::from(([127, 0, 0, 1], 80)))
    }
}

fn burst(on_ms: u64, off_ms: u64) -> Arrivals {
    Arrivals::Burst {
        on: Duration::from_millis(on_ms),
        off: Duration::from_millis(off_ms),
    }
}

fn at(spec: &LoadSpec, numbers: &[u64]) -> Vec<Option<u64>> {
    let mut process = process(spec).expect("an open loop");
    numbers.iter().map(|number| process.at(*number)).collect()
}

fn first(spec: &LoadSpec, count: u64) -> Vec<u64> {
    let numbers: Vec<u64> = (0..count).collect();
    at(spec, &numbers).into_iter().flatten().collect()
}

/// The gaps of a Poisson process at a rate of a thousand, in milliseconds.
fn poisson_gaps_ms(seed: u64) -> Vec<f64> {
    let spec = LoadSpec {
        seed,
        ..spec(1e3, Arrivals::Poisson)
    };
    let times = first(&spec, 20_001);
    let gap = |pair: &[u64]| (pair[1] - pair[0]) as f64 / 1e6;
    times.windows(2).map(gap).collect()
}

#[test]
fn each_arrival_is_due_at_its_nanosecond() {
    let second = |seconds: u64| Some(seconds * SECOND);
    for (rate, arrivals, number, expected) in [
        (1_000.0, Arrivals::Constant, 0, Some(0)),
        (1_000.0, Arrivals::Constant, 7, Some(7_000_000)),
        (3.0, Arrivals::Constant, 1, Some(333_333_333)),
        (3.0, Arrivals::Constant, 2, Some(666_666_667)),
        (0.5, Arrivals::Constant, 2, second(4)),
        // An hour at one million and at three million per second.
        (1e6, Arrivals::Constant, 3_600_000_000, second(3_600)),
        (
            1e6,
            Arrivals::Constant,
            3_599_999_999,
            Some(3_599_999_999_000),
        ),
        (3e6, Arrivals::Constant, 10_800_000_000, second(3_600)),
        (1e-300, Arrivals::Constant, 1, None),
        // On for a tenth of the time, at ten times the rate: 100 at 10 per millisecond.
        (1_000.0, burst(10, 90), 0, Some(0)),
        (1_000.0, burst(10, 90), 99, Some(9_900_000)),
        (1_000.0, burst(10, 90), 100, Some(100_000_000)),
        (1_000.0, burst(10, 90), 3_600_000, second(3_600)),
        (1_000.0, burst(10, 0), 15, Some(15_000_000)),
    ] {
        let spec = spec(rate, arrivals);
        assert_eq!(
            at(&spec, &[number]),
            [expected],
            "{rate} {arrivals:?} {number}"
        );
    }
}

#[test]
fn a_ramp_is_the_exact_inverse_of_its_cumulative_rate() {
    // From t seconds on, 1000·t + 1000·t²/2 arrivals are due until then.
    let ramp = |to_rps| Arrivals::Ramp { to_rps };
    for (from, to, warmup_s, number, expected) in [
        (1_000.0, 2_000.0, 0, 0, Some(0)),
        (1_000.0, 2_000.0, 0, 1_500, Some(SECOND)),
        (1_000.0, 2_000.0, 0, 625, Some(SECOND / 2)),
        (1_000.0, 2_000.0, 2, 2_000, Some(2 * SECOND)),
        (1_000.0, 2_000.0, 2, 1_000, Some(SECOND)),
        (1_000.0, 2_000.0, 2, 3_500, Some(3 * SECOND)),
        (0.0, 2_000.0, 1, 0, Some(SECOND)),
        (0.0, 2_000.0, 1, 1_000, Some(2 * SECOND)),
        (2_000.0, 0.0, 0, 750, Some(SECOND / 2)),
        (2_000.0, 0.0, 0, 1_000, Some(SECOND)),
        (2_000.0, 0.0, 0, 1_001, None),
        (500.0, 500.0, 0, 250, Some(SECOND / 2)),
    ] {
        let spec = LoadSpec {
            warmup: Duration::from_secs(warmup_s),
            ..spec(from, ramp(to))
        };
        assert_eq!(at(&spec, &[number]), [expected], "{from} to {to}, {number}");
    }
}

#[test]
fn a_trace_is_replayed_unchanged() {
    let trace = Trace::parse("0.5\n0.5\n2\n", "t".as_ref()).expect("a trace");
    let spec = LoadSpec {
        offer: Offer::Trace(trace),
        ..spec(1.0, Arrivals::Constant)
    };
    let expected = [Some(SECOND / 2), Some(SECOND / 2), Some(2 * SECOND), None];
    assert_eq!(at(&spec, &[0, 1, 2, 3]), expected);
}

#[test]
fn poisson_arrivals_follow_from_the_seed() {
    assert_eq!(poisson_gaps_ms(1), poisson_gaps_ms(1));
    assert_ne!(poisson_gaps_ms(1), poisson_gaps_ms(2));
}

#[test]
fn poisson_gaps_are_exponential() {
    let mut gaps = poisson_gaps_ms(3);
    gaps.sort_by(f64::total_cmp);
    let count = gaps.len() as f64;
    let distance = |(rank, gap): (usize, &f64)| (1.0 - (-gap).exp() - rank as f64 / count).abs();
    let distance = gaps.iter().enumerate().map(distance).fold(0.0, f64::max);
    // Kolmogorov-Smirnov: exceeded once in a thousand seeds, and the seed is fixed.
    assert!(distance < 1.95 / count.sqrt(), "distance {distance}");
}

#[test]
fn successive_poisson_gaps_do_not_depend_on_each_other() {
    let gaps: Vec<f64> = poisson_gaps_ms(4).iter().map(|gap| gap - 1.0).collect();
    let covariance: f64 = gaps.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let variance: f64 = gaps.iter().map(|gap| gap * gap).sum();
    // The lag-1 correlation has a standard error of 1/sqrt(n); four of them.
    assert!((covariance / variance).abs() < 4.0 / (gaps.len() as f64).sqrt());
}

#[test]
fn the_rest_of_the_window_can_be_counted() {
    let window = Window {
        begin: 3_000_000,
        end: 10_000_000,
    };
    let rest = |wanted: bool| {
        let process = process(&spec(1_000.0, Arrivals::Constant)).expect("open");
        let mut schedule = Schedule::new(process, 0, 1, u64::MAX);
        let count = schedule.take_rest(window, || wanted);
        (count, schedule.next)
    };
    assert_eq!(rest(true), (7, 10_000_000));
    assert_eq!(rest(false), (0, 0));
}

#[test]
fn a_number_of_requests_ends_the_window_when_the_last_is_due() {
    for (arrivals, requests, end, number) in [
        (Arrivals::Constant, 10, Some(1_009_000_001), 1_010),
        (burst(10, 90), 101, Some(1_100_000_001), 1_101),
        // The window ends before.
        (Arrivals::Constant, 5_000, None, u64::MAX),
    ] {
        let spec = LoadSpec {
            warmup: Duration::from_secs(1),
            requests: NonZeroU64::new(requests),
            ..spec(1_000.0, arrivals)
        };
        let expected = RunEnd {
            end: end.unwrap_or(2 * SECOND),
            arrivals: number,
        };
        assert_eq!(horizon(&spec), expected, "{arrivals:?}");
    }
}

#[test]
fn a_trace_ends_the_window_with_its_last_time() {
    let trace = Trace::parse("0.5\n1\n2\n", "t".as_ref()).expect("a trace");
    for (requests, end, arrivals) in [(0, 2 * SECOND + 1, u64::MAX), (2, SECOND + 1, 2)] {
        let spec = LoadSpec {
            offer: Offer::Trace(trace.clone()),
            requests: NonZeroU64::new(requests),
            duration: Duration::MAX,
            ..spec(1.0, Arrivals::Constant)
        };
        assert_eq!(horizon(&spec), RunEnd { end, arrivals });
    }
}

fn horizon(spec: &LoadSpec) -> RunEnd {
    RunEnd::of(spec, &AtomicBool::new(false))
}

fn any_arrivals() -> impl Strategy<Value = Arrivals> {
    prop_oneof![
        Just(Arrivals::Constant),
        Just(Arrivals::Poisson),
        (1u64..500, 0u64..500).prop_map(|(on, off)| burst(on, off)),
        (0.0f64..1e6).prop_map(|to_rps| Arrivals::Ramp { to_rps }),
    ]
}

proptest! {
    #[test]
    fn times_never_decrease_and_are_as_many_as_expected(
        rate in 1_000.0f64..1e6, arrivals in any_arrivals(), seed: u64,
    ) {
        let spec = LoadSpec { seed, ..spec(rate, arrivals) };
        let times = first(&spec, 500);
        prop_assert!(times.is_sorted());
        let process = process(&spec).expect("open");
        // To one; Poisson arrivals to six standard deviations.
        let slack = if arrivals == Arrivals::Poisson { 6.0 * 500f64.sqrt() } else { 1.01 };
        for (number, at) in times.iter().enumerate() {
            let expected = process.expected(*at as f64);
            prop_assert!((expected - number as f64).abs() < slack, "{number}: {expected}");
        }
    }

    #[test]
    fn any_number_of_threads_takes_turns_at_the_same_arrivals(
        rate in 1_000.0f64..1e6, arrivals in any_arrivals(), seed: u64, threads in 1usize..5,
    ) {
        let spec = LoadSpec { seed, ..spec(rate, arrivals) };
        let mut together: Vec<u64> = Vec::new();
        for thread in 0..threads {
            let mut schedule = Schedule::new(process(&spec).expect("open"), thread, threads, 100);
            while schedule.next < u64::MAX {
                together.push(schedule.take());
            }
        }
        together.sort_unstable();
        prop_assert_eq!(together, first(&spec, 100));
    }
}
