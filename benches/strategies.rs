//! Each strategy of the catalogue end to end: the time for a fixed number of requests.

#[path = "../tests/support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evenkeel_strategies::{Host, catalog};
use support::client::get;
use support::launch;

/// Clients that send at the same time, and how much each sends in a round.
const CLIENTS: usize = 4;
const REQUESTS_EACH: usize = 50;

fn strategies(criterion: &mut Criterion) {
    let host = Host::probe();
    let mut group = criterion.benchmark_group("strategy");
    group.throughput(Throughput::Elements((CLIENTS * REQUESTS_EACH) as u64));
    for strategy in catalog::ALL.iter() {
        if let Err(unmet) = strategy.check(&host) {
            eprintln!("strategy/{}: skipped: {unmet}", strategy.key());
            continue;
        }
        let fleet = launch(*strategy, 2);
        group.bench_function(strategy.key(), |bencher| {
            bencher.iter(|| a_round(fleet.address()))
        });
    }
}

/// Every request on a connection of its own, so that each is a choice.
fn a_round(server: SocketAddr) {
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                for _ in 0..REQUESTS_EACH {
                    get(server, "/").expect("the fleet answers");
                }
            });
        }
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = strategies
}
criterion_main!(benches);
