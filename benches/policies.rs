//! What a pick costs: each policy of the catalogue over 2, 64 and 1,024 workers.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use evenkeel_strategies::catalog;
use evenkeel_strategies::policy::{Arrival, WorkerLoad};

fn picks(criterion: &mut Criterion) {
    for kind in catalog::policies() {
        let mut group = criterion.benchmark_group(format!("pick/{}", kind.name));
        for workers in [2, 64, 1024] {
            let loads = vec![
                WorkerLoad {
                    available: true,
                    ..WorkerLoad::default()
                };
                workers
            ];
            let mut policy = (kind.make)(1);
            let mut client = 0;
            group.bench_with_input(
                BenchmarkId::from_parameter(workers),
                &loads,
                |bencher, loads| {
                    bencher.iter(|| {
                        client += 1;
                        let client = IpAddr::V4(Ipv4Addr::from_bits(client));
                        policy.pick(&Arrival { client }, black_box(loads))
                    });
                },
            );
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = picks
}
criterion_main!(benches);
