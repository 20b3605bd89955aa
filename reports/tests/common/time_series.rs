//! What the stored study lacks: time series of its trials, and waits compared with theory.

use evenkeel_reports::histogram::{self, Histogram};
use evenkeel_reports::{
    Expected, Formula, HostShares, IntervalRecord, Latency, Measured, Scatter, Stationary, Study,
    Theory, Waiting,
};

/// Intervals of a trial.
pub(crate) const INTERVALS: u64 = 10;

/// The stored study with made-up intervals in every trial, and waits in the open loop.
pub(crate) fn study() -> Study {
    let mut study = super::stored();
    for trial in &mut study.trials {
        let key = trial.strategy.clone();
        if let Some(measured) = trial.measured_mut() {
            add_to(&key, measured);
        }
    }
    study
}

/// Adds intervals, the parts of the CPU time and, in an open loop, waits.
pub(crate) fn add_to(key: &str, measured: &mut Measured) {
    let Some(latency) = measured.latency_us else {
        return;
    };
    measured.intervals = (0..INTERVALS)
        .map(|number| interval(measured, latency, number))
        .collect();
    let cpu_times = [&mut measured.workers_cpu, &mut measured.dispatcher_cpu];
    for cpu in cpu_times.into_iter().flatten() {
        cpu.user_s = Some(cpu.total_s * 0.25);
        cpu.system_s = Some(cpu.total_s * 0.75);
    }
    measured.waiting_us = measured.offered_rps.map(|_| Waiting {
        measured: scaled(latency, 0.6),
        common_queue: scaled(latency, 0.3),
        random_split: scaled(latency, 0.9),
        random_split_scatter: Some(SCATTER),
        as_served: Some(scaled(latency, 0.59)),
        formula: Some(Formula {
            load: 0.7,
            common_queue: stationary(latency, 0.3),
            random_split: stationary(latency, 0.9),
        }),
        expected: (key == "single").then_some(Expected {
            theory: Theory::CommonQueue,
            within: 0.1,
        }),
    });
}

fn interval(measured: &Measured, latency: Latency, number: u64) -> IntervalRecord {
    let wave = 1.0 + 0.1 * (number % 3) as f64;
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    for (us, count) in [(latency.p50, 90), (latency.p90, 9), (latency.p99, 1)] {
        histogram.record_n((us * wave * 1e3) as u64, count).unwrap();
    }
    let duration_s = measured.duration_s / INTERVALS as f64;
    IntervalRecord {
        at_s: number as f64 * duration_s,
        duration_s,
        requests: measured.requests / INTERVALS,
        errors: u64::from(!measured.errors.is_empty() && number == 2),
        p50_us: Some(latency.p50 * wave),
        p99_us: Some(latency.p99 * wave),
        max_us: Some(latency.max),
        per_worker: Vec::new(),
        stalled_us: None,
        histogram: Some(histogram::encode(&histogram).unwrap()),
        host: Some(HostShares {
            steal: 0.0,
            others: if number == 4 { 0.3 } else { 0.0 },
        }),
    }
}

const SCATTER: Scatter = Scatter {
    mean: 300.0,
    p99: 900.0,
};

fn stationary(latency: Latency, by: f64) -> Stationary {
    Stationary {
        mean: latency.mean * by,
        p99: latency.p99 * by,
        scatter: SCATTER,
    }
}

fn scaled(latency: Latency, by: f64) -> Latency {
    Latency {
        mean: latency.mean * by,
        p50: latency.p50 * by,
        p90: latency.p90 * by,
        p99: latency.p99 * by,
        p999: latency.p999 * by,
        max: latency.max * by,
    }
}
