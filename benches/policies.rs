//! Cost of a pick: each policy of the catalogue with 2 to 4,096 workers.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use criterion::{Bencher, BenchmarkId, Criterion, criterion_group, criterion_main};
use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{self, Arrival, PolicyInfo, Setup};

/// All workers are idle: no arrival waits, and every worker ties with every other.
fn picks(criterion: &mut Criterion) {
    for kind in policy::all() {
        let mut group = criterion.benchmark_group(format!("pick/{}", kind.name));
        for count in [2, 8, 64, 512, 4096] {
            let mut workers = Workers::new(count);
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                pick(bencher, kind, &mut workers);
            });
        }
    }
}

/// All workers are busy except one, which the policy has to find.
fn picks_of_the_one_idle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pick-the-one-idle-of-64");
    for kind in policy::all() {
        let mut workers = Workers::new(64);
        (0..64).filter(|n| *n != 40).for_each(|n| workers.begin(n));
        group.bench_function(kind.name, |bencher| pick(bencher, kind, &mut workers));
    }
}

fn pick(bencher: &mut Bencher<'_>, kind: &PolicyInfo, workers: &mut Workers) {
    let mut policy = (kind.make)(&Setup::new(workers.count(), 1));
    let mut client = 0;
    bencher.iter(|| {
        client += 1;
        let (at, affinity_key) = (Duration::from_micros(client.into()), None);
        let client = IpAddr::V4(Ipv4Addr::from_bits(client));
        let arrival = Arrival {
            client,
            at,
            affinity_key,
        };
        policy.pick(&arrival, black_box(&mut *workers))
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
    targets = picks, picks_of_the_one_idle
}
criterion_main!(benches);
