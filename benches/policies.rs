//! What a pick costs: each policy of the catalogue over 2 to 4,096 workers.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use evenkeel_strategies::policy::{Arrival, Setup};
use evenkeel_strategies::{Workers, catalog};

fn picks(criterion: &mut Criterion) {
    for kind in catalog::policies() {
        let mut group = criterion.benchmark_group(format!("pick/{}", kind.name));
        for count in [2, 8, 64, 512, 4096] {
            // All idle: nobody has to wait, and there are as many ties as can be.
            let mut workers = Workers::new(count);
            let mut policy = (kind.make)(&Setup::new(count, 1));
            let mut client = 0;
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                bencher.iter(|| {
                    client += 1;
                    let (at, said) = (Duration::from_micros(client.into()), None);
                    let client = IpAddr::V4(Ipv4Addr::from_bits(client));
                    let arrival = Arrival { client, at, said };
                    policy.pick(&arrival, black_box(&mut workers))
                });
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(50)).measurement_time(Duration::from_millis(200));
    targets = picks
}
criterion_main!(benches);
