//! Bounds: recursions and closed formulas, against each other and against published values.

use std::num::NonZeroUsize;

use evenkeel_reports::Latency;
use evenkeel_reports::bound::{Load, Queue, Request, common_queue, random_split, way_to_ideal};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_pcg::Pcg64Mcg;

/// Mean service time of the streams below.
const SERVICE_NS: f64 = 1e6;

fn workers(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn load(share: f64) -> Load {
    Load::new(share).unwrap()
}

fn seeded(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

/// Poisson arrivals that keep `workers` busy at `load`, work from `service` with mean 1.
fn stream(
    count: usize,
    load: f64,
    workers: f64,
    service: fn(&mut Pcg64Mcg) -> f64,
) -> Vec<Request> {
    let mut random = seeded(1);
    let mut at_ns = 0.0;
    let mut next = || {
        let gap: f64 = Exp1.sample(&mut random);
        at_ns += gap * SERVICE_NS / (load * workers);
        Request {
            at_ns: at_ns as u64,
            work_ns: (service(&mut random) * SERVICE_NS) as u64,
        }
    };
    std::iter::repeat_with(&mut next).take(count).collect()
}

fn exponential(random: &mut Pcg64Mcg) -> f64 {
    Exp1.sample(random)
}

fn constant(_: &mut Pcg64Mcg) -> f64 {
    1.0
}

/// Mean and 99th percentile in service times.
fn summary(waits: Vec<u64>) -> (f64, f64) {
    let waits = Latency::of_nanoseconds(waits).unwrap();
    (waits.mean * 1e3 / SERVICE_NS, waits.p99 * 1e3 / SERVICE_NS)
}

fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    let off = (actual / expected - 1.0).abs();
    assert!(
        off <= tolerance,
        "{actual} is not {expected} (off by {off})"
    );
}

#[test]
fn waits_are_those_worked_out_by_hand() {
    let at = |at_ns, work_ns| Request { at_ns, work_ns };
    let requests = [at(0, 10), at(1, 10), at(2, 3), at(9, 1), at(30, 5)];
    assert_eq!(common_queue(&requests, workers(1)), [0, 9, 18, 14, 0]);
    assert_eq!(common_queue(&requests, workers(2)), [0, 0, 8, 2, 0]);
    assert_eq!(common_queue(&requests, workers(5)), [0; 5]);
    assert!(common_queue(&[], workers(3)).is_empty());
}

fn mmk(k: usize, load: Load) -> Queue {
    let workers = workers(k);
    Queue { load, workers }
}

#[test]
fn formulas_give_published_values() {
    // The two of the common queue and the random split at k = 8 are in the method's own text;
    // M/M/3 is the eye clinic of Gross and Harris, example 2.2: 6 patients per hour, 20 minutes
    // each, 8/54 hours of waiting. Erlang C at 10 servers and 8 erlangs is 0.409, and 1/3 at 2
    // and 1, in any table of it.
    let cases = [
        (mmk(1, load(0.8)), 4.0),
        (mmk(8, load(0.8)), 0.286),
        (mmk(3, load(2.0 / 3.0)), 8.0 / 54.0 * 3.0),
        (mmk(10, load(0.8)), 0.409 / 2.0),
        (mmk(2, load(0.5)), 1.0 / 3.0),
    ];
    for (queue, expected) in cases {
        assert_near(queue.mean_wait(), expected, 2e-3);
    }
}

#[test]
fn quantiles_of_one_worker_are_those_of_its_exponential_tail() {
    let queue = mmk(1, load(0.5));
    assert_eq!(queue.wait_quantile(0.4), 0.0);
    assert_near(queue.wait_quantile(0.99), (0.5f64 / 0.01).ln() / 0.5, 1e-12);
}

#[test]
fn recursions_agree_with_the_formulas() {
    // 400,000 requests leave a sampling error of a few per cent at a load of 0.8, where the
    // waits of neighbours are alike.
    const COUNT: usize = 400_000;
    for (k, share) in [(1, 0.5), (1, 0.8), (2, 0.7), (8, 0.8), (64, 0.9)] {
        let requests = stream(COUNT, share, k as f64, exponential);
        let queue = mmk(k, load(share));
        let (mean, p99) = summary(common_queue(&requests, workers(k)));
        assert_near(mean, queue.mean_wait(), 0.08);
        assert_near(p99, queue.wait_quantile(0.99), 0.08);
        let (mean, _) = summary(random_split(&requests, workers(k), &mut seeded(2)));
        assert_near(mean, mmk(1, load(share)).mean_wait(), 0.08);
    }
    let requests = stream(COUNT, 0.8, 1.0, constant);
    // M/D/1 by the formula of Pollaczek and Khinchine.
    let (mean, _) = summary(common_queue(&requests, workers(1)));
    assert_near(mean, 0.8 / (2.0 * (1.0 - 0.8)), 0.08);
}

#[test]
fn a_load_lies_between_idle_and_full() {
    for share in [0.0, 1.0, 1.2, -0.1, f64::NAN] {
        assert_eq!(Load::new(share), None);
    }
    assert_eq!(load(0.3).share(), 0.3);
}

#[test]
fn the_way_to_the_ideal_is_a_share_of_what_could_be_gained() {
    let share = way_to_ideal(1.7, 4.0, 0.29).unwrap();
    assert_eq!(format!("{:.0}%", share * 100.0), "62%");
    assert!(way_to_ideal(5.0, 4.0, 0.29).unwrap() < 0.0);
    assert_eq!(way_to_ideal(4.0, 4.0, 4.0), None);
}

#[test]
fn a_summary_takes_the_nearest_rank() {
    let waits = Latency::of_nanoseconds((1..=1_000).rev().map(|us| us * 1_000).collect()).unwrap();
    assert_eq!((waits.p50, waits.p90, waits.p99), (500.0, 900.0, 990.0));
    assert_eq!((waits.p999, waits.max, waits.mean), (999.0, 1_000.0, 500.5));
    assert_eq!(Latency::of_nanoseconds(Vec::new()), None);
}

fn any_requests() -> impl Strategy<Value = Vec<Request>> {
    let gaps_and_work = proptest::collection::vec((0..1_000u64, 0..4_000u64), 1..200);
    gaps_and_work.prop_map(|pairs| {
        let mut at_ns = 0;
        let request = |(gap, work_ns)| {
            at_ns += gap;
            Request { at_ns, work_ns }
        };
        pairs.into_iter().map(request).collect()
    })
}

proptest! {
    #[test]
    fn one_queue_or_one_worker_is_lindleys_recursion(requests in any_requests(), seed: u64) {
        let mut expected = vec![0u64];
        for pair in requests.windows(2) {
            let gap = pair[1].at_ns - pair[0].at_ns;
            let last = expected[expected.len() - 1];
            expected.push((last + pair[0].work_ns).saturating_sub(gap));
        }
        prop_assert_eq!(&common_queue(&requests, workers(1)), &expected);
        prop_assert_eq!(&random_split(&requests, workers(1), &mut seeded(seed)), &expected);
    }

    #[test]
    fn a_further_worker_never_makes_anyone_wait_longer(requests in any_requests(), k in 1..8usize) {
        let fewer = common_queue(&requests, workers(k));
        let more = common_queue(&requests, workers(k + 1));
        prop_assert!(fewer.iter().zip(&more).all(|(fewer, more)| more <= fewer));
    }

    #[test]
    fn a_common_queue_idles_no_worker_while_someone_waits(requests in any_requests(), k in 1..8usize) {
        let waits = common_queue(&requests, workers(k));
        let spans: Vec<(u64, u64)> = requests
            .iter()
            .zip(&waits)
            .map(|(r, wait)| (r.at_ns + wait, r.at_ns + wait + r.work_ns))
            .collect();
        for (index, (request, &wait)) in requests.iter().zip(&waits).enumerate().filter(|(_, (_, w))| **w > 0) {
            let just_before = request.at_ns + wait - 1;
            let busy = spans[..index].iter().filter(|(from, to)| (*from..*to).contains(&just_before));
            prop_assert_eq!(busy.count(), k);
        }
    }

    #[test]
    fn a_random_split_is_that_of_its_seed(requests in any_requests(), seed: u64) {
        let waits = || random_split(&requests, workers(4), &mut seeded(seed));
        prop_assert_eq!(waits(), waits());
    }

    #[test]
    fn more_load_or_fewer_workers_mean_longer_waits(share in 0.05..0.9f64, k in 1..64usize) {
        let wait = |share, k| mmk(k, load(share)).mean_wait();
        prop_assert!(wait(share + 0.05, k) > wait(share, k));
        prop_assert!(wait(share, k + 1) < wait(share, k));
    }
}
